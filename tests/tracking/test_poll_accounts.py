"""How much an account may be asked: within half of its rate whatever happens, and left alone while it fails."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.outcomes import Retryable, Throttled, Unauthorized
from config.clock import VIETNAM
from tracking.poll_accounts import AT_ONCE, Budget, PollAccount

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=VIETNAM)


def account(now: datetime = NOON) -> PollAccount:
    return PollAccount(account="ems", questions_left=float(AT_ONCE), counted_at=now, failures=0)


@given(
    rate=st.floats(0.05, 6000),
    sweep=st.floats(0.5, 60),
    steps=st.lists(st.tuples(st.floats(0, 600), st.integers(0, 300)), max_size=60),
)
def test_questions_take_half_of_the_rate_at_most_and_one_lull_more(
    rate: float, sweep: float, steps: list[tuple[float, int]]
) -> None:
    budget, row, now, asked = Budget.of(rate, sweep), account(), NOON, 0
    assert budget is not None
    for seconds, wanted in steps:
        now += timedelta(seconds=seconds)
        questions = min(wanted, row.may_ask(budget, now))
        row.spend(questions, budget, now)
        asked += questions
        minutes = (now - NOON).total_seconds() / 60
        assert asked <= max(rate / 2 * sweep * 2 / 60, 1) + rate / 2 * minutes + 1e-6


def test_what_is_not_asked_is_not_saved_up_for_later() -> None:
    budget, row = Budget.of(60, 5), account()
    assert row.may_ask(budget, NOON) == 5
    row.spend(5, budget, NOON)
    assert row.may_ask(budget, NOON) == 0
    assert row.may_ask(budget, NOON + timedelta(seconds=4)) == 2
    assert row.may_ask(budget, NOON + timedelta(days=1)) == 5


def test_a_clock_that_jumps_back_gives_and_takes_nothing() -> None:
    budget, row = Budget.of(60, 5), account()
    row.spend(3, budget, NOON)
    assert row.may_ask(budget, NOON - timedelta(hours=1)) == 2


def test_an_operator_that_publishes_no_rate_is_asked_so_many_questions_at_once() -> None:
    row = account()
    assert Budget.of(None, 5) is None
    row.spend(AT_ONCE, None, NOON)
    assert row.may_ask(None, NOON) == AT_ONCE


def test_an_account_that_fails_rests_ever_longer_and_is_then_tried_with_one_question() -> None:
    row, now, rests = account(), NOON, []
    for _ in range(9):
        row.failed(Unauthorized("The key is not taken."), now)
        assert row.rests_until is not None
        assert row.may_ask(None, row.rests_until - timedelta(seconds=1)) == 0
        rests.append((row.rests_until - now) / timedelta(minutes=1))
        now = row.rests_until
        assert row.may_ask(None, now) == 1
    assert rests == [pytest.approx(0.9 * longest, rel=0.12) for longest in (1, 2, 4, 8, 16, 32, 64, 120, 120)]
    assert row.trouble == "The key is not taken."
    row.answered()
    assert row.may_ask(None, now) == AT_ONCE


@pytest.mark.parametrize(
    ("error", "seconds"), [(Throttled("slowly", retry_after=90), 90), (Retryable("", retry_after=0), 1)]
)
def test_a_pause_that_was_asked_for_is_kept_and_is_no_failure(error: Retryable, seconds: float) -> None:
    row = account()
    row.failed(error, NOON)
    assert (row.rests_until, row.failures) == (NOON + timedelta(seconds=seconds), 0)
