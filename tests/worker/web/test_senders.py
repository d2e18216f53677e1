from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ticker import Ticker
from worker.web.senders import Allowance, network_of


def test_so_many_refusals_are_answered_in_full_and_then_it_is_told_when_to_come_again() -> None:
    ticker = Ticker()
    allowance = Allowance(6, ticker)
    assert [allowance.spend("192.0.2.1") for _ in range(7)] == [0] * 6 + [10]
    assert allowance.spend("192.0.2.2") == 0
    ticker.pass_(10)
    assert [allowance.spend("192.0.2.1") for _ in range(2)] == [0, 10]


def test_who_was_silent_for_a_minute_begins_anew_and_not_with_more() -> None:
    ticker = Ticker()
    allowance = Allowance(3, ticker)
    for _ in range(9):
        allowance.spend("192.0.2.1")
    ticker.pass_(3600)
    assert [allowance.spend("192.0.2.1") > 0 for _ in range(4)] == [False, False, False, True]


def test_any_number_of_senders_takes_so_much_memory_and_no_more() -> None:
    allowance = Allowance(1, Ticker(), most_senders=100)
    for number in range(1000):
        allowance.spend(f"192.0.{number // 250}.{number % 250}")
    assert len(allowance) == 100


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_whoever_has_a_network_is_one_sender(sender: str, name: str) -> None:
    assert network_of(sender) == name


@given(st.lists(st.floats(0, 30), max_size=40))
def test_within_any_minute_no_sender_is_answered_in_full_more_than_twice_its_allowance(
    pauses: list[float],
) -> None:
    ticker, moments = Ticker(), list[float]()
    allowance = Allowance(5, ticker)
    for pause in pauses:
        ticker.pass_(pause)
        if not allowance.spend("192.0.2.1"):
            moments.append(ticker())
    assert all(sum(1 for other in moments if start <= other < start + 60) <= 10 for start in moments)
