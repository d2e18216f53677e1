"""An account that cannot work is refused when it is opened, with the place to correct."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from carriers.ems.settings import load_settings, receives_webhooks
from carriers.states import ShipmentState
from config.errors import ConfigurationError
from tests.carriers.ems.merchant import MERCHANT, PATH_SECRET, account, opened

_TOKEN_ALONE = {"merchant_token": MERCHANT.token}


def _complaint(*, secrets: dict[str, str] | None = None, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(account(secrets=secrets, **options))
    return str(refused.value)


def test_an_account_with_a_token_and_a_path_secret_is_complete(caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings(account())
    assert (settings.api, settings.trust_webhooks, receives_webhooks(settings, account())) == ("v1", False, True)
    assert not caplog.records


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"base_url": "http://ws.ems.com.vn/api/v1"}, "base_url: Value error, must be an https address"),
        ({"api": "v2"}, "api: Input should be 'v1'"),
        ({"service": None}, "service"),
        ({"provinces": None}, "provinces"),
        ({"allow_networks": ["203.0.113.20/24"]}, "allow_networks.0"),
        ({"allow_networks": ["0.0.0.0/0"]}, "names everybody"),
        ({"merchant_token": "in the wrong place"}, "merchant_token: Extra inputs"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], place: str) -> None:
    complaint = _complaint(**options)
    assert place in complaint
    assert "Carrier account 'ems-caobang' (ems), options" in complaint
    assert "in the wrong place" not in complaint


@pytest.mark.parametrize("secrets", [{}, {"merchant_token": " "}])
def test_a_missing_token_is_named(secrets: dict[str, str]) -> None:
    assert "add secrets.merchant_token" in _complaint(secrets=secrets)


def test_a_path_secret_that_can_be_guessed_is_refused_and_not_shown() -> None:
    complaint = _complaint(secrets={**_TOKEN_ALONE, "path_secret": "hunter2"})
    assert "secrets.path_secret can be guessed" in complaint
    assert "hunter2" not in complaint


def test_an_account_that_can_receive_no_webhook_says_so_when_it_is_opened(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings = load_settings(account(secrets=_TOKEN_ALONE))
    assert not receives_webhooks(settings, account(secrets=_TOKEN_ALONE))
    assert "refuses every webhook" in caplog.text
    assert "add secrets.path_secret" in caplog.text
    assert MERCHANT.token not in caplog.text


@pytest.mark.parametrize("proof", [{"secrets": {**_TOKEN_ALONE, "path_secret": PATH_SECRET}}, {"network": True}])
def test_webhooks_can_be_trusted_where_there_is_some_proof(proof: dict[str, Any]) -> None:
    networks = ["203.0.113.0/24"] if proof.pop("network", False) else []
    secrets = proof.get("secrets", _TOKEN_ALONE)
    assert load_settings(account(secrets=secrets, allow_networks=networks, trust_webhooks=True)).trust_webhooks


def test_webhooks_cannot_be_trusted_where_anybody_can_send_them() -> None:
    complaint = _complaint(secrets=_TOKEN_ALONE, trust_webhooks=True)
    assert "options.trust_webhooks would believe anybody" in complaint


def test_a_table_that_ems_signed_off_is_the_accounts_current_one() -> None:
    signed = {
        "name": "ems-2026-12",
        "issued": "2026-12-01",
        "codes": [{"code": "3", "state": "collecting", "certainty": "confirmed", "source": "letter of EMS"}],
    }
    raw = {"order_code": "H-1", "status_code": 3, "datetime": "09/03/2026 23:17:00"}
    with opened(confirmed_statuses=signed) as (carrier, _):
        assert carrier.tables.current == "ems-2026-12"
        now, before = (carrier.normalise(raw, version)[0] for version in (None, "2026-11"))
    assert getattr(now, "state", None) is ShipmentState.COLLECTING
    assert getattr(before, "state", None) is None
