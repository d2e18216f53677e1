"""An account that cannot work is refused when it is opened, with the place to correct."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from carriers.contract import PickupWindow, TrackingEvent
from carriers.plugin import Runtime
from carriers.states import ShipmentState
from carriers.viettelpost import PLUGIN
from carriers.viettelpost.settings import ViettelPostSettings, load_settings
from config.errors import ConfigurationError
from tests.carriers.viettelpost.office import BASE, CLIENT, account

_LEAST: dict[str, Any] = {"base_url": BASE, "order_service": "VCN"}


def _complaint(**changes: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(account({**_LEAST, **changes}))
    return str(refused.value)


def test_an_address_and_the_agreed_service_are_enough() -> None:
    settings = load_settings(account(_LEAST))
    assert (settings.check_unique, settings.webhook_token_in, settings.windows) == (True, "either", ())
    assert settings.delivery_date_format is None


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    assert ViettelPostSettings(base_url=f"{BASE}/", order_service="VCN").url("/v2/x") == f"{BASE}/v2/x"


def test_pickup_windows_come_in_order() -> None:
    windows = [{"opens": "13:30", "closes": "17:00"}, {"opens": "08:00", "closes": "11:30"}]
    assert load_settings(account({**_LEAST, "pickup_windows": windows})).windows == (
        PickupWindow(time(8), time(11, 30)),
        PickupWindow(time(13, 30), time(17)),
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"base_url": "http://viettel.example"}, "base_url: Value error, must be an https address"),
        ({"order_service": ""}, "order_service: String should have at least 1"),
        ({"label_url": "https://print.example/?bill="}, "must contain {code} once"),
        ({"label_url": "http://print.example/?bill={code}"}, "must be an https address"),
        ({"pickup_windows": [{"opens": "11:00", "closes": "08:00"}]}, "a window opens before it closes"),
        ({"webhook_token_in": "cookie"}, "webhook_token_in"),
        ({"order_servise": "VCN"}, "order_servise"),
        ({"duplicate_words": [""]}, "duplicate_words.0"),
        ({"cancel_words": {"đã hủy": "perhaps"}}, "cancel_words"),
        ({"transport": {"rate": "often"}}, "transport.rate"),
    ],
)
def test_a_wrong_option_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in _complaint(**changes)


@pytest.mark.parametrize("secret", ["username", "password", "webhook_token"])
def test_a_missing_secret_is_named_and_no_other_is_shown(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=f"add secrets.{secret};") as refused:
        load_settings(account(_LEAST, **{secret: ""}))
    assert CLIENT.password not in str(refused.value)
    assert CLIENT.webhook_token not in str(refused.value)


def test_a_table_that_viettel_post_signed_off_is_the_accounts_current_one() -> None:
    signed = {
        "name": "viettel-2026-12",
        "issued": "2026-12-01",
        "codes": [{"code": "570", "state": "in_transit", "certainty": "confirmed", "source": "letter"}],
    }
    carrier = PLUGIN.open(account({**_LEAST, "confirmed_statuses": signed}), Runtime(lambda record: None, timeout=1))
    raw = {"ORDER_NUMBER": "1", "ORDER_STATUS": 570, "ORDER_STATUSDATE": "07/03/2026 23:57:00"}
    now, before = (carrier.normalise(raw, version)[0] for version in (None, "2026-11"))
    assert isinstance(now, TrackingEvent)
    assert isinstance(before, TrackingEvent)
    assert (now.state, before.state) == (ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY)
    carrier.close()
