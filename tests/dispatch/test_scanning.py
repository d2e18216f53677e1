"""What a scanner types is taken apart without ever breaking, and without guessing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.scanning import codes_in, unreadable

CODE = "H14.10-260302-0001-S1"


@pytest.mark.parametrize(
    "text",
    [CODE, f"  {CODE}\r\n", CODE.lower(), f"https://x.example/q?c={CODE}&v=1", f'{{"order": "{CODE}"}}', f"*{CODE}*"],
)
def test_the_code_is_found_whatever_is_around_it(text: str) -> None:
    assert CODE in list(codes_in(text))


@given(st.text(max_size=2000))
def test_nothing_breaks_it_and_nothing_but_codes_comes_out(text: str) -> None:
    found = list(codes_in(text))
    assert len(found) == len(set(found)) <= 12
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.\-]{3,79}", code) for code in found)


@given(st.text(max_size=200))
def test_what_is_none_of_ours_is_said_in_both_languages_in_one_line(text: str) -> None:
    problem = unreadable(text)
    assert problem.status == 404
    assert problem.next_step_vi
    assert len(problem.detail) < 200
