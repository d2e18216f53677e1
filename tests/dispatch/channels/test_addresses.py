"""E-mail addresses as citizens write them, and what of them others may see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.channels.addresses import mask_email, same_email, usable_email, without_people


@pytest.mark.parametrize("text", ["hieu@example.vn", " hieu.be+hs@mail.example.com ", "HIEU@Example.VN"])
def test_a_usual_address_can_be_written_to(text: str) -> None:
    assert usable_email(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "không có",
        "hieu",
        "hieu@",
        "@example.vn",
        "hieu@localhost",
        "hieu@[",
        "hieu@[192.0.2.1]",
        "hieu.@example.vn",
        "a@example.vn, b@example.vn",
        "a@example.vn\nBcc: b@example.vn",
        "hiếu@example.vn",
        "Hiếu <hieu@example.vn>",
        "hieu@example.vn " + "x" * 300,
    ],
)
def test_anything_else_cannot(text: str | None) -> None:
    assert usable_email(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_check_and_what_passes_is_one_plain_line(text: str) -> None:
    for written in (text, f"{text}@example.vn", f"hieu@{text}"):
        address = usable_email(written)
        assert address is None or (address.isascii() and address.isprintable() and address.count("@") == 1)


def test_others_see_the_first_letter_and_the_domain() -> None:
    assert mask_email("hieu@example.vn") == "h***@example.vn"
    assert same_email("HIEU@Example.VN ") == same_email("hieu@example.vn")


def test_what_a_server_said_is_kept_without_the_address_in_it() -> None:
    said = without_people("550 5.1.1 <hieu.be@example.vn>:\r\n user unknown, tel 0912345678")
    assert said == "550 5.1.1 <(e-mail)>: user unknown, tel (number)"
