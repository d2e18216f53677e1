"""An account that cannot work is refused when it is opened, with the place to correct."""

from __future__ import annotations

from typing import Any

import pytest

from carriers.contract import TrackingEvent
from carriers.jt import PLUGIN
from carriers.jt.settings import JtSettings, load_settings
from carriers.plugin import Runtime
from carriers.states import ShipmentState
from config.errors import ConfigurationError
from tests.carriers.jt.office import BASE, CUSTOMER, SAMPLES, account

_LEAST: dict[str, Any] = {"base_url": BASE, "api_account": "api-04", "provinces": "gso"}


def test_what_nobody_has_confirmed_is_off() -> None:
    settings = load_settings(account(_LEAST))
    assert (settings.cod_field, settings.price_field, settings.cancels_by_reference) == (None, None, False)
    assert (settings.service_type, settings.uncertain_codes) == ("1", frozenset())


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    settings = JtSettings(base_url=f"{BASE}/", api_account="api-04", provinces="gso")
    assert settings.url("/api/x") == f"{BASE}/api/x"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"base_url": "http://jt.example"}, "base_url: Value error, must be an https address"),
        ({"api_account": ""}, "api_account: String should have at least 1"),
        ({"service_type": "2"}, "service_type"),
        ({"provinces": "vnpost"}, "provinces"),
        ({"provinces": {"04": ""}}, "provinces"),
        ({"webhook_hours": 0}, "webhook_hours"),
        ({"price_feild": "x"}, "price_feild"),
        ({"transport": {"rate": "often"}}, "transport.rate"),
    ],
)
def test_a_wrong_option_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=r"Carrier account 'jt-caobang' \(jt\), options") as refused:
        load_settings(account({**_LEAST, **changes}))
    assert complaint in str(refused.value)


@pytest.mark.parametrize("secret", ["private_key", "password_key", "password_suffix"])
def test_a_missing_secret_is_named_and_no_other_is_shown(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=f"add secrets.{secret};") as refused:
        load_settings(account(_LEAST, **{secret: ""}))
    assert not any(value in str(refused.value) for value in (CUSTOMER.private_key, CUSTOMER.password_key))


def test_a_table_that_jt_signed_off_is_the_accounts_current_one() -> None:
    signed = {
        "name": "jt-2026-12",
        "issued": "2026-12-01",
        "codes": [{"code": "94", "state": "lost", "certainty": "confirmed", "source": "letter"}],
    }
    carrier = PLUGIN.open(account({**_LEAST, "confirmed_statuses": signed}), Runtime(lambda record: None, timeout=1))
    now, before = (carrier.normalise(SAMPLES[2], version)[3] for version in (None, "2026-11"))
    assert isinstance(now, TrackingEvent)
    assert isinstance(before, TrackingEvent)
    assert (now.code, now.state, before.state) == ("94", ShipmentState.LOST, None)
    carrier.close()
