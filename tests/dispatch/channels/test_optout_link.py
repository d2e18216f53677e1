"""The link that stops the letters: it opens for the address it was made for, and nobody else can make one."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from config.database import keyring
from dispatch.channels.optout_link import GOOD_FOR, PATH, BadLinkError, ExpiredLinkError, address_of, link
from tests.support.desk import MONDAY

BASE, ADDRESS = "https://motcua.example.vn", "hieu.be@example.vn"


@pytest.fixture(autouse=True, scope="module")
def _key() -> None:
    keyring.load(Fernet.generate_key().decode())


def token(address: str = ADDRESS) -> str:
    made = link(f"{BASE}/", address, MONDAY)
    assert made.startswith(f"{BASE}{PATH}/")
    return made.rpartition("/")[2]


def test_it_names_the_address_and_shows_nothing_of_it() -> None:
    made = token()
    assert address_of(made, MONDAY) == ADDRESS
    assert ADDRESS.partition("@")[0] not in made
    assert made.replace("-", "").replace("_", "").isalnum()
    assert token() != token()


def test_it_is_good_for_a_year_and_then_says_that_it_is_too_old() -> None:
    made = token()
    assert address_of(made, MONDAY + GOOD_FOR - timedelta(seconds=1)) == ADDRESS
    with pytest.raises(ExpiredLinkError):
        address_of(made, MONDAY + GOOD_FOR)


@given(st.integers(0, 75), st.characters(codec="ascii"))
def test_one_that_was_changed_is_none_of_ours(place: int, other: str) -> None:
    made = token()
    changed = made[:place] + other + made[place + 1 :]
    if changed == made:
        return
    with pytest.raises(BadLinkError):
        address_of(changed, MONDAY)


@pytest.mark.parametrize(("ours", "other"), [("-", "+"), ("_", "/")])
def test_a_letter_that_would_be_read_as_another_is_none_of_ours(ours: str, other: str) -> None:
    made = next(one for one in iter(token, None) if ours in one)
    with pytest.raises(BadLinkError):
        address_of(made.replace(ours, other), MONDAY)


@given(st.text(max_size=200))
def test_anything_else_is_none_of_ours(text: str) -> None:
    with pytest.raises(BadLinkError):
        address_of(text, MONDAY)


def test_what_is_sealed_for_something_else_is_no_link() -> None:
    sealed = keyring.seal(f"99999999999 {ADDRESS}".encode())
    with pytest.raises(BadLinkError):
        address_of(urlsafe_b64encode(sealed).decode(), MONDAY)


def test_a_link_of_before_the_key_was_changed_still_opens() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keyring.load(old)
    made = token()
    keyring.load(f"{new},{old}")
    assert address_of(made, MONDAY) == ADDRESS
    keyring.load(new)
    with pytest.raises(BadLinkError):
        address_of(made, MONDAY)
