"""Journeys that a seed draws: whatever it draws is a journey that a postman could have gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from carriers.simulation.journeys import journey
from carriers.states import ShipmentState as State
from config.clock import VIETNAM, local

_MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)

_seeds = st.integers(0, 2**32)
_numbers = st.from_regex(r"H14\.[0-9]{2}-26[0-9]{4}-[0-9]{4}-[SR][1-9]", fullmatch=True)
_orders = st.builds(
    lambda since, zone: (_MONDAY + since).astimezone(zone),
    st.timedeltas(timedelta(days=-4000), timedelta(days=20000)),
    st.sampled_from((VIETNAM, UTC)),
)

Journey = list[tuple[State, datetime]]


def _drawn(count: int) -> list[Journey]:
    """Return the journeys of many orders of one morning."""
    return [list(journey(1, f"H14.10-260302-{serial:04}-S1", _MONDAY)) for serial in range(count)]


def _states(steps: Iterable[tuple[State, datetime]]) -> list[State]:
    return [state for state, _ in steps]


@given(_seeds, _numbers, _orders)
def test_time_never_goes_back(seed: int, number: str, ordered_at: datetime) -> None:
    times = [ordered_at, *(at for _, at in journey(seed, number, ordered_at))]
    assert all(earlier < later for earlier, later in pairwise(times))


@given(_seeds, _numbers, _orders)
def test_nothing_is_scanned_at_night(seed: int, number: str, ordered_at: datetime) -> None:
    assert {7 <= local(at).hour < 19 for _, at in journey(seed, number, ordered_at)} == {True}


@given(_seeds, _numbers, _orders)
def test_the_same_seed_and_order_go_the_same_way(seed: int, number: str, ordered_at: datetime) -> None:
    elsewhere = ordered_at.astimezone(UTC)
    assert list(journey(seed, number, ordered_at)) == list(journey(seed, number, elsewhere))


@given(_seeds, _numbers, _orders, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_when_it_is_ordered_changes_the_times_and_not_the_story(
    seed: int, number: str, ordered_at: datetime, later: timedelta
) -> None:
    today, afterwards = journey(seed, number, ordered_at), journey(seed, number, ordered_at + later)
    assert _states(today) == _states(afterwards)


@given(_seeds, _numbers, _orders)
def test_it_ends_with_the_citizen_or_back_with_the_sender(seed: int, number: str, ordered_at: datetime) -> None:
    *way, end = _states(journey(seed, number, ordered_at))
    attempts = way.count(State.DELIVERY_FAILED)
    assert way.count(State.OUT_FOR_DELIVERY) == attempts + (end is State.DELIVERED)
    assert (end, attempts) in {(State.DELIVERED, 0), (State.DELIVERED, 1), (State.RETURNED, 2)}
    assert (State.RETURNING in way) is (end is State.RETURNED)


@given(_seeds, _numbers, _orders)
def test_nothing_is_carried_that_was_not_collected(seed: int, number: str, ordered_at: datetime) -> None:
    states = _states(journey(seed, number, ordered_at))
    begin = states.index(State.COLLECTING)
    assert states[:begin] in ([], [State.COLLECTION_FAILED])
    assert states[begin + 1] is State.IN_TRANSIT


def test_another_order_or_another_seed_takes_another_time() -> None:
    ways = [list(journey(seed, number, _MONDAY)) for seed in range(20) for number in ("H14-1-S1", "H14-1-S2")]
    assert len({tuple(way) for way in ways}) == len(ways)


def test_every_story_is_told_and_the_plain_one_most_often() -> None:
    told = Counter(tuple(_states(steps)) for steps in _drawn(1000))
    (plain, times), *_ = told.most_common()
    assert len(told) == 4
    assert plain[-1] is State.DELIVERED
    assert not {State.COLLECTION_FAILED, State.DELIVERY_FAILED} & set(plain)
    assert times > 700
    assert min(told.values()) > 10


def test_a_scan_in_the_night_is_moved_to_the_next_morning_and_not_all_to_one_minute() -> None:
    evening = datetime(2026, 3, 2, 18, 30, tzinfo=VIETNAM)
    first = [next(journey(seed, "H14-1-S1", evening)) for seed in range(200)]
    moved = [local(at) for _, at in first if local(at).date() > evening.date()]
    assert len(moved) > 100
    assert {(at.day, at.hour) for at in moved} == {(3, 7)}
    assert len({at.minute for at in moved}) > 20
