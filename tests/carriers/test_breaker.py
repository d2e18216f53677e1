"""A failing operator is left alone and comes back by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.breaker import BreakerPolicy, BreakerState, CircuitBreaker
from carriers.outcomes import CircuitOpen
from tests.support.ticker import Ticker

_POLICY = BreakerPolicy(window=60, min_failures=3, failure_share=0.5, cool_down=30, probes_to_close=2)


def _call(breaker: CircuitBreaker, *, healthy: bool) -> None:
    breaker.record(probe=breaker.permit(), healthy=healthy)


def _state(breaker: CircuitBreaker) -> BreakerState:
    return breaker.state


def _opened(ticker: Ticker) -> CircuitBreaker:
    breaker = CircuitBreaker(_POLICY, ticker)
    for _ in range(3):
        _call(breaker, healthy=False)
    return breaker


def test_a_few_failures_among_many_good_calls_do_not_open_it() -> None:
    breaker = CircuitBreaker(_POLICY, Ticker())
    for healthy in [True] * 10 + [False] * 5:
        _call(breaker, healthy=healthy)
    assert _state(breaker) is BreakerState.CLOSED


def test_failures_that_are_many_and_most_open_it() -> None:
    breaker = _opened(Ticker())
    assert _state(breaker) is BreakerState.OPEN
    with pytest.raises(CircuitOpen) as refused:
        breaker.permit()
    assert refused.value.retry_after == pytest.approx(30)


def test_failures_of_long_ago_are_forgotten() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(_POLICY, ticker)
    for _ in range(2):
        _call(breaker, healthy=False)
    ticker.pass_(61)
    _call(breaker, healthy=False)
    assert _state(breaker) is BreakerState.CLOSED


def test_after_the_cool_down_one_probe_at_a_time_is_let_through() -> None:
    ticker = Ticker()
    breaker = _opened(ticker)
    ticker.pass_(30)
    assert _state(breaker) is BreakerState.HALF_OPEN
    assert breaker.permit()
    with pytest.raises(CircuitOpen):
        breaker.permit()


def test_good_probes_close_it() -> None:
    ticker = Ticker()
    breaker = _opened(ticker)
    ticker.pass_(30)
    _call(breaker, healthy=True)
    assert _state(breaker) is BreakerState.HALF_OPEN
    _call(breaker, healthy=True)
    assert _state(breaker) is BreakerState.CLOSED


def test_a_bad_probe_starts_the_cool_down_again() -> None:
    ticker = Ticker()
    breaker = _opened(ticker)
    ticker.pass_(30)
    _call(breaker, healthy=True)
    _call(breaker, healthy=False)
    assert _state(breaker) is BreakerState.OPEN
    ticker.pass_(30)
    _call(breaker, healthy=True)
    assert _state(breaker) is BreakerState.HALF_OPEN


def test_a_call_from_before_it_opened_says_nothing_about_the_present() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(_POLICY, ticker)
    early = breaker.permit()
    for _ in range(3):
        _call(breaker, healthy=False)
    ticker.pass_(30)
    assert breaker.permit()
    breaker.record(probe=early, healthy=True)
    with pytest.raises(CircuitOpen):
        breaker.permit()


@given(st.lists(st.tuples(st.booleans(), st.floats(min_value=0, max_value=40)), max_size=60))
def test_whatever_happened_good_calls_bring_it_back(history: list[tuple[bool, float]]) -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(_POLICY, ticker)
    for healthy, pause in history:
        ticker.pass_(pause)
        if breaker.state is not BreakerState.OPEN:
            _call(breaker, healthy=healthy)
    ticker.pass_(61)
    for _ in range(2):
        _call(breaker, healthy=True)
    assert _state(breaker) is BreakerState.CLOSED


# --- dry run: the numbers are tried before they count ---

_TRIAL = _POLICY.model_copy(update={"dry_run": True})


def test_a_dry_run_stops_nobody_and_shows_when_it_would_have() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(_TRIAL, ticker)
    for _ in range(3):
        _call(breaker, healthy=False)
    assert _state(breaker) is BreakerState.OPEN
    for _ in range(20):
        _call(breaker, healthy=False)
    ticker.pass_(30)
    assert _state(breaker) is BreakerState.HALF_OPEN


def test_in_a_dry_run_many_may_call_at_once_after_the_cool_down() -> None:
    ticker = Ticker()
    breaker = CircuitBreaker(_TRIAL, ticker)
    for _ in range(3):
        _call(breaker, healthy=False)
    ticker.pass_(30)
    under_way = [breaker.permit() for _ in range(5)]
    assert under_way == [True] * 5
    for probe in under_way:
        breaker.record(probe=probe, healthy=True)
    assert _state(breaker) is BreakerState.CLOSED


@given(st.lists(st.tuples(st.booleans(), st.floats(min_value=0, max_value=40)), max_size=60))
def test_a_dry_run_shows_what_the_real_one_would_do(history: list[tuple[bool, float]]) -> None:
    ticker = Ticker()
    real, trial = CircuitBreaker(_POLICY, ticker), CircuitBreaker(_TRIAL, ticker)
    for healthy, pause in history:
        ticker.pass_(pause)
        assert _state(trial) is _state(real)
        if _state(real) is not BreakerState.OPEN:
            _call(real, healthy=healthy)
        _call(trial, healthy=healthy)
    assert _state(trial) is _state(real)


def test_a_probe_that_is_not_sent_leaves_its_place_to_another() -> None:
    ticker = Ticker()
    breaker = _opened(ticker)
    ticker.pass_(30)
    breaker.give_back(probe=breaker.permit())
    assert breaker.permit()
