"""An account that cannot work is refused when it is opened, with the place to correct."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from carriers import registry
from carriers.plugin import Runtime
from carriers.states import ShipmentState
from carriers.vnpost_ngsp.client import NgspCarrier
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.settings import load_settings
from carriers.vnpost_ngsp.simulator import account_options
from config.errors import ConfigurationError
from tests.support import ngsp

_BASE = "https://lgsp.example"


def _complaint(options: dict[str, Any]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(ngsp.account(options))
    return str(refused.value)


@pytest.mark.parametrize("variant", [v for v in Variant if v is not Variant.MTLS])
def test_every_adapter_can_be_configured(variant: Variant) -> None:
    assert load_settings(ngsp.account(account_options(_BASE, variant))).variant is variant


def test_an_adapter_without_its_addresses_is_refused_by_name() -> None:
    complaint = _complaint({"variant": "ngsp_direct", "urls": {"order": f"{_BASE}/order"}})
    assert "variant ngsp_direct needs urls.cancel, urls.tracking, urls.token" in complaint


def test_an_adapter_with_one_address_needs_just_that() -> None:
    assert "needs urls.adapter, urls.token" in _complaint({"variant": "query_named", "urls": {}})


def test_mutual_tls_needs_our_certificate() -> None:
    assert "needs transport.client_certificate" in _complaint(account_options(_BASE, Variant.MTLS))


@pytest.mark.parametrize("address", ["http://lgsp.example/order", "ftp://lgsp.example", "lgsp.example"])
def test_an_address_without_encryption_is_refused(address: str) -> None:
    options = account_options(_BASE)
    options["urls"]["order"] = address
    assert "urls.order: Value error, must be an https address" in _complaint(options)


def test_a_misspelt_option_is_refused() -> None:
    assert "with_itemcode" in _complaint({**account_options(_BASE), "with_itemcode": True})


@pytest.mark.parametrize(
    ("variant", "secret"),
    [
        (Variant.NGSP_DIRECT, "consumer_secret"),
        (Variant.KEY_TOKEN, "key_token"),
        (Variant.STATIC_TOKEN, "access_token"),
    ],
)
def test_a_missing_secret_is_named_and_no_other_is_shown(variant: Variant, secret: str) -> None:
    account = ngsp.account(account_options(_BASE, variant))
    bare = account.model_copy(update={"secrets": {**account.secrets, secret: SecretStr("")}})
    with pytest.raises(ConfigurationError, match=f"add secrets.{secret}") as refused:
        load_settings(bare)
    assert ngsp.CLIENT.secret not in str(refused.value)


def test_a_table_that_vnpost_signed_off_is_the_accounts_current_one() -> None:
    signed = {
        "name": "vnpost-2026-12",
        "issued": "2026-12-01",
        "codes": [{"code": "9", "state": "lost", "certainty": "confirmed", "source": "letter of VNPost"}],
    }
    options = {**account_options(_BASE), "confirmed_statuses": signed}
    carrier = registry.build(ngsp.account(options), Runtime(lambda record: None, timeout=1))
    assert isinstance(carrier, NgspCarrier)
    assert carrier.tables.current == "vnpost-2026-12"
    raw = {"OrderNumber": "H-1", "StatusCode": 9, "EventTime": 1772742300000}
    now, before = (carrier.normalise(raw, version)[0] for version in (None, "2026-11"))
    assert getattr(now, "state", None) is ShipmentState.LOST
    assert getattr(before, "state", None) is None
    carrier.close()
