"""How fast an account is spoken to: pauses that were asked for, the rate that was agreed, calls at one time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from carriers.outcomes import CarrierError, CircuitOpen, OutcomeUnknown, Rejected, Retryable, Throttled, Unauthorized
from carriers.pace import Pace, Slots
from carriers.transport_settings import TransportSettings
from tests.support.ticker import Ticker


def asked_to_wait(seconds: float | None) -> Throttled:
    return Throttled("Slow down.", retry_after=seconds)


def paced(ticker: Ticker, account: str = "vnpost", **settings: Any) -> Pace:
    return Pace(account, TransportSettings.model_validate(settings), ticker)


def refused(pace: Pace) -> str | None:
    """Make one call; returns why it was not permitted, or None where it was."""
    try:
        pace.permit()
    except Throttled as refusal:
        assert refusal.retry_after is not None
        return refusal.code
    return None


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


# --- pauses ---


def test_of_two_pauses_the_longer_one_counts(ticker: Ticker) -> None:
    pace = paced(ticker)
    pace.heed(asked_to_wait(30))
    pace.heed(asked_to_wait(5))
    ticker.pass_(29)
    assert refused(pace) == "paused"
    assert pace.paused_for == pytest.approx(1)
    ticker.pass_(1)
    assert (refused(pace), pace.paused_for) == (None, 0)


def test_a_pause_is_longer_when_it_is_asked_for_again(ticker: Ticker) -> None:
    pace = paced(ticker)
    pace.heed(asked_to_wait(30))
    ticker.pass_(20)
    pace.heed(asked_to_wait(30))
    assert pace.paused_for == pytest.approx(30)


@pytest.mark.parametrize(
    "outcome",
    [
        asked_to_wait(None),
        Retryable("Later.", retry_after=30),
        CircuitOpen("Left alone.", retry_after=30),
        Unauthorized("Who are you?"),
        Rejected("No."),
        OutcomeUnknown("Perhaps."),
    ],
    ids=lambda outcome: type(outcome).__name__,
)
def test_whoever_names_no_pause_gets_none(ticker: Ticker, outcome: CarrierError) -> None:
    pace = paced(ticker)
    pace.heed(outcome)
    assert (refused(pace), pace.paused_for) == (None, 0)


# --- the rate ---


def test_waiting_out_a_pause_uses_up_nothing_of_the_rate(ticker: Ticker) -> None:
    pace = paced(ticker, rate="1/hour")
    pace.heed(asked_to_wait(5))
    assert [refused(pace) for _ in range(3)] == ["paused"] * 3
    ticker.pass_(5)
    assert [refused(pace), refused(pace)] == [None, "own_rate"]


def test_a_used_up_rate_is_no_pause_of_the_operators(ticker: Ticker) -> None:
    pace = paced(ticker, rate="1/hour")
    assert [refused(pace), refused(pace)] == [None, "own_rate"]
    assert pace.paused_for == 0


def test_without_an_agreed_rate_nothing_is_counted(ticker: Ticker) -> None:
    pace = paced(ticker)
    assert {refused(pace) for _ in range(200)} == {None}


def test_processes_that_count_in_one_place_share_the_rate_of_an_account(ticker: Ticker, redis_url: str) -> None:
    """And another account there has its own: an agreement is with one customer."""
    here, there, other = (
        paced(ticker, account, rate="2/hour", rate_storage=redis_url) for account in ("vnpost", "vnpost", "ems")
    )
    assert [refused(here), refused(there), refused(here), refused(there)] == [None, None, "own_rate", "own_rate"]
    assert refused(other) is None


# --- at one time ---


def test_one_call_more_than_agreed_is_told_to_come_back(ticker: Ticker) -> None:
    slots = Slots(2)
    with slots.one(), slots.one():
        with pytest.raises(Throttled, match="2 calls to this operator are under way") as refusal, slots.one():
            pytest.fail("a third call was let through")
        assert (refusal.value.code, refusal.value.retry_after) == ("own_concurrency", 1.0)
        assert slots.taken == 2
    assert slots.taken == 0


def test_a_call_that_fails_gives_its_slot_back() -> None:
    slots = Slots(1)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown), slots.one():
            raise OutcomeUnknown("The operator may have taken it or not.")
    with slots.one():
        assert slots.taken == 1


def test_a_slot_that_was_given_back_is_the_next_ones() -> None:
    slots = Slots(2)
    with slots.one():
        for _ in range(5):
            with slots.one():
                assert slots.taken == 2
        assert slots.taken == 1


def test_of_many_who_come_at_one_moment_as_many_are_let_in_as_agreed() -> None:
    slots, everybody, have_tried = Slots(3), threading.Barrier(12), threading.Barrier(12)

    def call(_number: int) -> bool:
        everybody.wait(10)
        try:
            with slots.one():
                have_tried.wait(10)  # whoever is in stays in until the last one has tried
                return True
        except Throttled:
            have_tried.wait(10)
            return False

    with ThreadPoolExecutor(12) as pool:
        for _ in range(20):
            assert sum(pool.map(call, range(12))) == 3
            assert slots.taken == 0
