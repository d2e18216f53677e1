"""Whoever guesses too much waits, twice as long each time; others do not wait with him, until everybody guesses."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.web.citizen.pace import Allowed, Pace


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def pace(seconds: Seconds, **more: int) -> Pace:
    return Pace(Allowed(3, 6, first_wait=10, longest_wait=60), Allowed(100, 60), seconds, **more)


def test_each_refusal_makes_the_wait_twice_as_long_up_to_an_end(seconds: Seconds) -> None:
    guard = pace(seconds)
    assert [guard.wait("1.2.3.4") for _ in range(3)] == [0, 0, 0]
    waits = []
    for _ in range(5):
        waits.append(guard.wait("1.2.3.4"))
        seconds.now += waits[-1]
        while guard.wait("1.2.3.4") == 0:
            pass
        seconds.now += 0.5
    assert waits[0] == 10
    assert max(waits) <= 60
    assert waits == sorted(waits)


def test_nothing_is_looked_at_while_somebody_waits(seconds: Seconds) -> None:
    guard = pace(seconds)
    for _ in range(4):
        guard.wait("1.2.3.4")
    seconds.now += 4
    assert guard.wait("1.2.3.4") == 6
    assert guard.wait("5.6.7.8") == 0, "others do not wait with him"


def test_a_network_of_ipv6_is_one_sender_and_addresses_in_turns_meet_the_common_bucket(seconds: Seconds) -> None:
    guard = pace(seconds)
    assert [guard.wait(f"2001:db8::{number}") for number in range(5)][3:] != [0, 0]
    waits = [guard.wait(f"10.0.{number // 250}.{number % 250}") for number in range(200)]
    assert waits.count(0) <= 100
    assert 0 < waits[-1] <= 15


def test_the_longest_silent_are_forgotten(seconds: Seconds) -> None:
    guard = pace(seconds, most_senders=10)
    for number in range(50):
        guard.wait(f"10.0.0.{number}")
    assert len(guard) == 10


@given(st.lists(st.floats(0, 120), max_size=40))
def test_no_rhythm_gets_more_than_the_bucket_gives(pauses: list[float]) -> None:
    seconds = Seconds()
    guard, taken = pace(seconds), 0
    for pause in pauses:
        seconds.now += pause
        taken += next(number for number in count() if guard.wait("1.2.3.4"))
    assert taken <= 3 + sum(pauses) * 6 / 60 + 1e-6
