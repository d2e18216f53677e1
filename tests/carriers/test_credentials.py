"""A credential is fetched when somebody needs it, by one of those who do, and again when it is old or refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from carriers.credentials import Fetched, RenewedCredential
from carriers.outcomes import Retryable
from tests.support.ticker import Ticker

_MANY = 8


class Pass(RenewedCredential):
    """A numbered pass that is good for a minute; the operator gives none while it is ``closed``."""

    def __init__(self, ticker: Ticker, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__(ticker)
        self.closed = False
        self.deadlines: list[float] = []
        self._ticker, self._meanwhile = ticker, meanwhile

    def fetch(self, deadline: float) -> Fetched:
        self.deadlines.append(deadline)
        self._meanwhile()
        if self.closed:
            raise Retryable("The operator gives no usable answer.")
        return Fetched({"token": f"pass-{len(self.deadlines)}"}, self._ticker() + 60)

    @property
    def fetched(self) -> int:
        return len(self.deadlines)

    def shown(self) -> str:
        return self.headers(self._ticker() + 20)["token"]


class EverGood(Pass):
    """A pass that no operator lets go out of date."""

    def fetch(self, deadline: float) -> Fetched:
        return Fetched(super().fetch(deadline).headers)


@pytest.fixture
def ticker() -> Ticker:
    return Ticker()


def _all_at_once(act: Callable[[], str]) -> list[str]:
    """Let many threads do the same at one moment."""
    together = threading.Barrier(_MANY)

    def one(_number: int) -> str:
        together.wait(10)
        return act()

    with ThreadPoolExecutor(_MANY) as pool:
        return list(pool.map(one, range(_MANY)))


def test_nothing_is_fetched_before_it_is_needed_and_then_kept(ticker: Ticker) -> None:
    credential = Pass(ticker)
    assert credential.fetched == 0
    assert [credential.shown(), credential.shown()] == ["pass-1", "pass-1"]
    assert credential.fetched == 1


def test_many_ask_and_one_fetches(ticker: Ticker) -> None:
    asked, answered = threading.Event(), threading.Event()

    def slow_operator() -> None:
        asked.set()
        assert answered.wait(10)

    credential = Pass(ticker, slow_operator)
    with ThreadPoolExecutor(_MANY) as pool:
        waiting = [pool.submit(credential.shown) for _ in range(_MANY)]
        assert asked.wait(10)
        assert not any(one.done() for one in waiting)
        answered.set()
        assert {one.result(10) for one in waiting} == {"pass-1"}
    assert credential.fetched == 1


def test_it_is_renewed_at_the_moment_at_which_it_is_good_no_longer(ticker: Ticker) -> None:
    credential = Pass(ticker)
    credential.shown()
    ticker.pass_(59)
    assert credential.shown() == "pass-1"
    ticker.pass_(1)
    assert [credential.shown(), credential.shown()] == ["pass-2", "pass-2"]


def test_one_that_is_good_for_ever_is_never_too_old(ticker: Ticker) -> None:
    credential = EverGood(ticker)
    credential.shown()
    ticker.pass_(1e9)
    assert (credential.shown(), credential.fetched) == ("pass-1", 1)


def test_a_refused_one_is_not_shown_again(ticker: Ticker) -> None:
    credential = Pass(ticker)
    assert credential.discard({"token": credential.shown()})
    assert credential.shown() == "pass-2"


def test_many_are_refused_with_the_same_one_and_one_fetches(ticker: Ticker) -> None:
    credential = Pass(ticker)
    refused = credential.headers(ticker() + 20)

    def try_again() -> str:
        assert credential.discard(refused)
        return credential.shown()

    assert set(_all_at_once(try_again)) == {"pass-2"}
    assert credential.fetched == 2


def test_who_comes_late_with_an_old_refusal_finds_the_new_one_kept(ticker: Ticker) -> None:
    credential = Pass(ticker)
    refused: Mapping[str, str] = credential.headers(ticker() + 20)
    for _ in range(2):
        credential.discard(refused)
        assert credential.shown() == "pass-2"
    assert credential.fetched == 2


def test_a_refusal_before_anything_was_fetched_does_no_harm(ticker: Ticker) -> None:
    credential = Pass(ticker)
    assert credential.discard({"token": "of another process"})
    assert credential.shown() == "pass-1"


def test_a_fetch_that_fails_leaves_the_door_open_for_the_next(ticker: Ticker) -> None:
    credential = Pass(ticker)
    credential.closed = True
    with pytest.raises(Retryable):
        credential.shown()
    credential.closed = False
    assert (credential.shown(), credential.fetched) == ("pass-2", 2)


def test_a_renewal_that_fails_does_not_bring_the_old_one_back(ticker: Ticker) -> None:
    credential = Pass(ticker)
    credential.shown()
    ticker.pass_(60)
    credential.closed = True
    with pytest.raises(Retryable):
        credential.shown()
    credential.closed = False
    assert credential.shown() == "pass-3"


def test_it_is_fetched_within_the_time_of_whoever_needs_it(ticker: Ticker) -> None:
    credential = Pass(ticker)
    credential.headers(1234.5)
    assert credential.deadlines == [1234.5]
