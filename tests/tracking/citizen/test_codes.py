"""One-time codes: good once, for a while, for a few tries; and sent only so often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracking.citizen.codes import (
    A_DAY,
    A_WHILE,
    AN_HOUR,
    GOOD_FOR,
    PAUSE,
    TRIES,
    issued,
    may_send,
    new_code,
    tried,
    typed_digits,
)

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
RIGHT, WRONG = "a" * 64, "b" * 64
WAITS = st.lists(st.timedeltas(timedelta(), timedelta(hours=3)), max_size=60)


def test_a_code_is_six_digits_and_another_each_time() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) > 40
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@given(st.lists(st.sampled_from([RIGHT, WRONG]), max_size=12), st.timedeltas(timedelta(), GOOD_FOR * 2))
def test_a_code_opens_once_at_most_and_only_in_time_and_within_its_tries(guesses: list[str], after: timedelta) -> None:
    code, opened = issued(RIGHT, None, NOON), []
    for guess in guesses:
        code, right = tried(code, guess, NOON + after)
        opened.append(right)
    expected = RIGHT in guesses[:TRIES] and after < GOOD_FOR
    assert sum(opened) == int(expected)
    if expected:
        assert opened.index(True) == guesses.index(RIGHT)


def test_a_code_that_was_used_is_not_opened_by_an_empty_guess() -> None:
    code, _ = tried(issued(RIGHT, None, NOON), RIGHT, NOON)
    assert tried(code, "", NOON)[1] is False
    assert tried(code, RIGHT, NOON)[1] is False


@given(WAITS)
def test_however_codes_are_asked_for_the_telephone_rings_only_so_often(waits: list[timedelta]) -> None:
    code, now, rung = None, NOON, []
    for wait in waits:
        now += wait
        if may_send(code.sent if code else (), now):
            code = issued(RIGHT, code, now)
            rung.append(now)
    for at in rung:
        assert sum(timedelta() <= one - at < timedelta(hours=1) for one in rung) <= AN_HOUR
        assert sum(timedelta() <= one - at < A_WHILE for one in rung) <= A_DAY
    assert all(later - earlier >= PAUSE for earlier, later in pairwise(rung))


@given(st.text(max_size=60))
def test_what_was_typed_becomes_plain_digits_or_nothing(text: str) -> None:
    digits = typed_digits(text)
    assert digits == "" or (digits.isascii() and digits.isdigit())
    assert typed_digits(digits) == digits


def test_digits_are_read_with_what_people_put_between_them() -> None:
    assert typed_digits(" 12-34.56 ") == "123456"
    assert typed_digits("１２３４５６") == "123456"
    assert typed_digits("12345O") == ""
