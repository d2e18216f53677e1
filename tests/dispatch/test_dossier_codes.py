"""A dossier's code is read however it is brought: typed, pasted, or from a QR code."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.dossier_codes import agency_in, read_code

CODES = st.from_regex(r"\A(000\.[0-9]{2}\.[0-9]{2}\.)?[A-Y][0-9]{2}(\.[0-9]{2}){0,2}-[0-9]{6}-[0-9]{4,6}\Z")
SPACES = st.text(" \u00a0\u2009\t", max_size=2)
INVISIBLE = st.text("\u200b\u200e\u202e\u2060\x00\x07", max_size=2)
DASHES = st.sampled_from("-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")


def widened(code: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in code)


@given(CODES, st.data())
def test_spaces_dashes_case_and_wide_letters_do_not_matter(code: str, data: st.DataObject) -> None:
    dash = data.draw(DASHES)
    typed = "".join(data.draw(SPACES) + data.draw(INVISIBLE) + (dash if char == "-" else char) for char in code)
    assert read_code(typed) == code
    assert read_code(typed.lower()) == code
    assert read_code(widened(code)) == code


@given(
    CODES, st.sampled_from(["Mã hồ sơ: {}", "https://tracuu.vn/?ma={}&x=1", "{}|Bế Đức Hiếu|04/03/2026", "HS {}\nSở"])
)
def test_a_code_is_found_in_what_a_qr_code_says(code: str, around: str) -> None:
    assert read_code(around.format(code)) == code


@given(st.text(max_size=700))
def test_any_text_has_a_code_or_none_and_a_code_has_itself(text: str) -> None:
    code = read_code(text)
    if code is not None:
        assert read_code(code) == code
        assert len(code) <= 60
        assert code == normalize("NFKC", code).upper()


@pytest.mark.parametrize("text", ["", " ", "\x00", "mã hồ sơ", "' OR 1=1 --", "<script>", "\u202e", "A" * 61, "-H14"])
def test_what_can_be_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_codes_of_other_systems_are_taken_as_they_are() -> None:
    assert read_code("bkhdt.2026 / 17") is None
    assert read_code("BTP-2026.000123") == "BTP-2026.000123"


@pytest.mark.parametrize(
    ("code", "agency"),
    [
        ("H14.10-260302-0001", "H14.10"),
        ("h14.10.05-260302-0001", "H14.10.05"),
        ("000.00.10.H14-260302-0001", "H14.10"),
        ("000.05.10.H14-260302-0001", "H14.10.05"),
        ("G22.101.05-260302-140001", "G22.101.05"),
        ("HS-2026-000123", None),
        ("H14.10", None),
        ("x H14.10-260302-0001", None),
    ],
)
def test_a_code_of_the_usual_form_names_an_agency(code: str, agency: str | None) -> None:
    assert agency_in(code) == agency
