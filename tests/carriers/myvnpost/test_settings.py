"""An account that cannot work is refused when it is opened, with the place to correct."""

from __future__ import annotations

import base64
from datetime import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from carriers.contract import PickupWindow, TrackingEvent
from carriers.myvnpost.keys import read_private_key, read_public_key
from carriers.myvnpost.proof import Keys, load_keys
from carriers.myvnpost.settings import Webhooks, load_settings
from carriers.myvnpost.simulator.keys import PRIVATE_KEY, key_pair, public_key
from carriers.states import ShipmentState
from config.errors import ConfigurationError
from tests.carriers.myvnpost import account, opened, order

_LOGIN = {"username": "user-7", "password": "pass-7"}


def _complaint(secrets: dict[str, str] | None = None, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as refused, opened(secrets=secrets, **options):
        pass
    return str(refused.value)


def test_an_account_needs_an_address_and_a_service() -> None:
    bare = account().model_copy(update={"options": {}})
    with pytest.raises(ConfigurationError, match=r"myvnpost-caobang.*options") as refused:
        load_settings(bare)
    assert "base_url" in str(refused.value)
    assert "service_code" in str(refused.value)


@pytest.mark.parametrize("address", ["http://my.example", "ftp://my.example", "my.example"])
def test_an_address_without_encryption_is_refused(address: str) -> None:
    assert "must be an https address" in _complaint(base_url=address)


def test_a_misspelt_option_is_refused_by_name() -> None:
    assert "parcel.wieght" in _complaint(parcel={"wieght": 5})


@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_missing_secret_is_named_and_no_other_is_shown(missing: str) -> None:
    complaint = _complaint({**_LOGIN, missing: ""})
    assert f"add secrets.{missing}" in complaint
    assert not any(secret in complaint for secret in _LOGIN.values())


def test_the_usual_windows_are_offered_or_the_accounts_own() -> None:
    with opened() as (carrier, _):
        assert carrier.pickup_windows == (
            PickupWindow(time(8), time(11, 30)),
            PickupWindow(time(13, 30), time(17)),
        )
    with opened(pickup_windows=[{"opens": "07:30", "closes": "12:00"}]) as (carrier, _):
        assert carrier.pickup_windows == (PickupWindow(time(7, 30), time(12)),)


@pytest.mark.parametrize(
    ("windows", "complaint"),
    [
        ([("12:00", "08:00")], "open before it closes"),
        ([("13:30", "17:00"), ("08:00", "11:30")], "must be in order"),
        ([("08:00", "11:30"), ("08:00", "12:00")], "must be in order"),
    ],
)
def test_windows_that_make_no_sense_are_refused(windows: list[tuple[str, str]], complaint: str) -> None:
    given = [{"opens": opens, "closes": closes} for opens, closes in windows]
    assert complaint in _complaint(pickup_windows=given)


def test_an_account_without_webhooks_needs_no_key() -> None:
    assert load_keys(account(secrets=_LOGIN), Webhooks()) == Keys()


@pytest.mark.parametrize(
    ("signature", "given", "missing"),
    [
        ("verify", "webhook_private_key", "webhook_public_key"),
        ("decrypt", "webhook_public_key", "webhook_private_key"),
        ("either", "webhook_public_key", "webhook_private_key"),
    ],
)
def test_a_scheme_without_its_key_is_refused(signature: str, given: str, missing: str) -> None:
    complaint = _complaint({**_LOGIN, given: "x"}, webhooks={"signature": signature})
    assert f"'{signature}', so add secrets.{missing}" in complaint


@pytest.mark.parametrize("scheme", ["verify", "decrypt", "either"])
def test_only_the_keys_of_the_scheme_are_used(scheme: str) -> None:
    keys = load_keys(account(), Webhooks.model_validate({"signature": scheme}))
    assert (keys.public is not None, keys.private is not None) == (scheme != "decrypt", scheme != "verify")


@pytest.mark.parametrize(
    "text", ["", "x", "%%%", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", PRIVATE_KEY, "đ", "aGVsbG8="]
)
def test_what_is_no_public_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read") as refused:
        read_public_key(text)
    assert len(text) < 20 or text not in str(refused.value)


def test_a_key_that_cannot_be_used_is_named_and_not_shown() -> None:
    complaint = _complaint({**_LOGIN, "webhook_public_key": "key-of-nobody"})
    assert "secrets.webhook_public_key cannot be read" in complaint
    assert "key-of-nobody" not in complaint


def test_keys_are_rsa_and_long_enough() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(ValueError, match="not an RSA public key"):
        read_public_key(curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    with pytest.raises(ValueError, match="not an RSA private key"):
        read_private_key(curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    short = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(ValueError, match="shorter than 2048 bits"):
        read_public_key(short.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def test_keys_are_read_as_pem_and_as_the_bare_base64_of_the_manual() -> None:
    pair = key_pair()
    bare_public = base64.encodebytes(
        pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    bare_private = base64.b64encode(pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    assert read_public_key(bare_public) == read_public_key(public_key()) == pair.public_key()
    assert read_private_key(bare_private).public_key() == pair.public_key()


def test_a_table_that_vnpost_signed_off_is_the_accounts_current_one() -> None:
    signed_off = {
        "name": "vnpost-2026-12",
        "issued": "2026-12-01",
        "codes": [{"code": "23", "state": "delivered", "certainty": "confirmed", "source": "letter of VNPost"}],
    }
    raw = {"data": [order(status=23)], "sendDate": "02/03/2026 08:30:00"}
    with opened(confirmed_statuses=signed_off) as (carrier, _):
        assert carrier.tables.current == "vnpost-2026-12"
        now, before = (carrier.normalise(raw, version)[0] for version in (None, "2026-11"))
    assert isinstance(now, TrackingEvent)
    assert isinstance(before, TrackingEvent)
    assert (now.state, before.state) == (ShipmentState.DELIVERED, None)
