"""The journey as a pure fold: held against a slow oracle, and every awkward edge by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.states import ShipmentState as State
from tests.tracking.deadlines.story import at
from tracking.journey import AWKWARD, Journey, JourneyEvent, fold

REPORTED = [s for s in State if s not in {State.REQUESTED, State.BOOKING, State.OUTCOME_UNKNOWN, State.PARKED}]
START = at("2026-03-02 08:00")
BEFORE_COLLECTION = {State.BOOKED, State.COLLECTING, State.COLLECTION_FAILED, State.CANCELLED}
EARLIER = {State.BOOKED, State.COLLECTING, State.COLLECTION_FAILED}


def happened(*states: State | None) -> list[JourneyEvent]:
    """Return events an hour apart."""
    return [JourneyEvent(f"e{n}", state, hour(n)) for n, state in enumerate(states)]


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


@st.composite
def histories(draw: st.DrawFn) -> list[JourneyEvent]:
    """Return what an operator might say of one item: any states, few different times so that some are the same."""
    said = draw(st.lists(st.tuples(st.sampled_from([*REPORTED, None]), st.integers(0, 6)), max_size=10))
    return [JourneyEvent(f"e{n}", state, hour(moment)) for n, (state, moment) in enumerate(said)]


@given(histories(), st.data())
def test_order_and_repetition_of_arrival_do_not_matter(history: list[JourneyEvent], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(history))) if history else []
    assert fold(data.draw(st.permutations(history + again))) == fold(history)


@given(histories())
def test_every_event_sets_the_state_or_is_shown_as_an_anomaly(history: list[JourneyEvent]) -> None:
    odd = {anomaly.key for anomaly in fold(history).anomalies}
    ordered = told_in_order(history)
    for number, event in enumerate(ordered, start=1):
        assert (fold(ordered[:number]).state is event.state) or event.key in odd


@given(histories())
def test_every_failed_attempt_that_is_no_anomaly_counts(history: list[JourneyEvent]) -> None:
    journey = fold(history)
    failed = [event for event in told_in_order(history) if event.state is State.DELIVERY_FAILED]
    shown = {anomaly.key for anomaly in journey.anomalies}
    assert list(journey.failed_attempts) == [event.event_time for event in failed if event.key not in shown]


@given(histories())
def test_the_fold_agrees_with_a_slow_clerk_who_reads_the_events_one_by_one(history: list[JourneyEvent]) -> None:
    journey, clerk = fold(history), Clerk()
    for event in told_in_order(history):
        clerk.read(event)
    assert (journey.state, journey.collected_at, journey.delivered_at) == (
        clerk.state,
        clerk.collected,
        clerk.delivered,
    )
    assert (journey.delivered_at, journey.returned_at) == (clerk.delivered, clerk.returned)
    assert list(journey.failed_attempts) == clerk.attempts
    assert [anomaly.key for anomaly in journey.anomalies] == clerk.odd
    assert (journey.ended_at is not None) == clerk.ended


@given(histories(), st.integers(0, 6), st.data())
def test_a_reversal_leaves_no_delivery_before_it_whatever_the_order_of_arrival(
    history: list[JourneyEvent], moment: int, data: st.DataObject
) -> None:
    reversal = JourneyEvent("reversal", None, hour(moment), reverses=True)
    journey = fold(data.draw(st.permutations([*history, reversal])))
    assert journey.reversals == 1
    assert journey.delivered_at is None or journey.delivered_at > reversal.event_time
    void = {event.key for event in history if event.state is State.DELIVERED and event.event_time <= hour(moment)}
    as_if = [e if e.key not in void else JourneyEvent(e.key, State.OUT_FOR_DELIVERY, e.event_time) for e in history]
    assert replace(journey, reversals=0) == fold(as_if)


def told_in_order(history: Iterable[JourneyEvent]) -> list[JourneyEvent]:
    known = [event for event in history if event.state is not None]
    return sorted(known, key=lambda e: (e.event_time, list(State).index(State(e.state or "")), e.key))


class Clerk:
    """Keeps a card per item and knows the house rules by heart; written apart from the fold."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.collected: datetime | None = None
        self.delivered: datetime | None = None
        self.returned: datetime | None = None
        self.attempts: list[datetime] = []
        self.odd: list[str] = []
        self.ended = False

    def read(self, event: JourneyEvent) -> None:
        assert event.state is not None
        if self._does_not_fit(event.state):
            self.odd.append(event.key)
            return
        if event.state not in EARLIER | {State.CANCELLED, State.LOST}:
            self.collected = self.collected or event.event_time
        if event.state is State.DELIVERED:
            self.delivered = self.delivered or event.event_time
        if event.state is State.RETURNED:
            self.returned = event.event_time
        if event.state is State.DELIVERY_FAILED:
            self.attempts.append(event.event_time)
        self.ended |= event.state in {State.DELIVERED, State.RETURNED, State.CANCELLED, State.LOST}
        self.state = event.state

    def _does_not_fit(self, said: State) -> bool:
        if self.state is State.RETURNED:
            return True
        if self.state is State.DELIVERED and said not in {State.RETURNING, State.RETURNED}:
            return True
        if self.state is State.CANCELLED and said is State.CANCELLED:
            return True
        return self.collected is not None and said in BEFORE_COLLECTION


# --- the awkward edges by name ---


def after(first: State, second: State) -> Journey:
    """Return the journey of papers that reached ``first`` in the usual way and were then reported ``second``."""
    return fold(happened(State.IN_TRANSIT, first, second) if first is not State.CANCELLED else happened(first, second))


@pytest.mark.parametrize(("edge", "what"), AWKWARD.items(), ids=lambda v: "-then-".join(v) if len(v) == 2 else "")
def test_on_an_awkward_edge_the_state_stands_and_the_event_is_shown(edge: tuple[State, State], what: str) -> None:
    journey = after(*edge)
    assert journey.state is edge[0]
    assert [anomaly.what for anomaly in journey.anomalies] == [what]
    assert journey.anomalies[0].at == hour(1 if edge[0] is State.CANCELLED else 2)


def test_failed_after_delivered_is_no_attempt() -> None:
    journey = after(State.DELIVERED, State.DELIVERY_FAILED)
    assert journey.failed_attempts == ()
    assert journey.delivered_at == hour(1)


def test_delivered_twice_was_delivered_the_first_time() -> None:
    assert after(State.DELIVERED, State.DELIVERED).delivered_at == hour(1)


def test_returned_twice_came_back_the_first_time() -> None:
    assert after(State.RETURNED, State.RETURNED).returned_at == hour(1)


def test_cancelled_after_collection_is_still_on_its_way() -> None:
    journey = fold(happened(State.BOOKED, State.IN_TRANSIT, State.CANCELLED))
    assert journey.state is State.IN_TRANSIT
    assert "after the papers had been collected" in journey.anomalies[0].what
    assert journey.ended_at is None


def test_cancelled_before_collection_is_cancelled() -> None:
    journey = fold(happened(State.BOOKED, State.COLLECTING, State.CANCELLED))
    assert (journey.state, journey.anomalies, journey.ended_at) == (State.CANCELLED, (), hour(2))


def test_papers_that_the_desk_refuses_go_back_after_their_delivery() -> None:
    journey = fold(happened(State.IN_TRANSIT, State.DELIVERED, State.RETURNING, State.RETURNED))
    assert (journey.state, journey.delivered_at, journey.returned_at) == (State.RETURNED, hour(1), hour(3))
    assert journey.anomalies == ()
    assert journey.ended_at == hour(1)


def test_what_was_lost_and_is_found_is_followed_again() -> None:
    journey = fold(happened(State.IN_TRANSIT, State.LOST, State.IN_TRANSIT, State.DELIVERED))
    assert (journey.state, journey.anomalies) == (State.DELIVERED, ())


@pytest.mark.parametrize("late", sorted(EARLIER))
def test_nothing_before_the_collection_comes_after_it(late: State) -> None:
    journey = fold(happened(State.IN_TRANSIT, late))
    assert journey.state is State.IN_TRANSIT
    assert [anomaly.key for anomaly in journey.anomalies] == ["e1"]


def test_a_collection_that_went_unreported_is_taken_from_the_first_event_that_proves_it() -> None:
    assert fold(happened(State.BOOKED, None, State.OUT_FOR_DELIVERY, State.DELIVERED)).collected_at == hour(2)


def test_an_unknown_code_moves_nothing() -> None:
    assert fold(happened(State.IN_TRANSIT, None)) == fold(happened(State.IN_TRANSIT))


def test_events_of_one_instant_follow_each_other_as_in_a_plain_journey() -> None:
    together = [JourneyEvent(f"e{n}", state, START) for n, state in enumerate(reversed(REPORTED[:4]))]
    journey = fold(together)
    assert journey.anomalies == ()
    assert journey.state is State.IN_TRANSIT


def test_a_state_that_is_reported_again_lasts_since_its_first_report() -> None:
    assert fold(happened(State.BOOKED, State.IN_TRANSIT, State.IN_TRANSIT)).since == hour(1)


def test_the_first_attempt_ends_the_transit_time() -> None:
    assert fold(happened(State.IN_TRANSIT, State.DELIVERY_FAILED, State.DELIVERED)).first_attempt_at == hour(1)
    assert fold(happened(State.IN_TRANSIT, State.DELIVERED)).first_attempt_at == hour(1)
    assert fold(happened(State.IN_TRANSIT)).first_attempt_at is None


def test_before_the_operator_has_said_anything_there_is_no_journey() -> None:
    assert fold([]) == Journey()


# --- a delivery that was reversed ---


def reversed_at(number: int) -> JourneyEvent:
    return JourneyEvent(f"reversal{number}", None, hour(number), reverses=True)


def test_after_a_reversal_the_papers_are_with_the_postman_again_and_the_leg_has_not_ended() -> None:
    journey = fold([*happened(State.IN_TRANSIT, State.DELIVERED), reversed_at(2)])
    assert (journey.state, journey.since) == (State.OUT_FOR_DELIVERY, hour(1))
    assert (journey.delivered_at, journey.ended_at, journey.first_attempt_at) == (None, None, None)


def test_a_reversed_delivery_proves_that_the_post_had_the_papers_though_nobody_reported_the_collection() -> None:
    assert fold([*happened(State.DELIVERED), reversed_at(1)]).collected_at == hour(0)


def test_what_is_delivered_after_the_reversal_is_delivered() -> None:
    events = happened(State.IN_TRANSIT, State.DELIVERED, None, State.OUT_FOR_DELIVERY, State.DELIVERED)
    journey = fold([*events, reversed_at(2)])
    assert (journey.state, journey.delivered_at, journey.anomalies) == (State.DELIVERED, hour(4), ())


def test_a_repeated_report_of_the_wrong_delivery_that_comes_late_is_void_too() -> None:
    journey = fold([*happened(State.IN_TRANSIT, State.DELIVERED, State.DELIVERED), reversed_at(2)])
    assert journey.delivered_at is None


def test_a_reversal_of_nothing_changes_nothing() -> None:
    events = happened(State.IN_TRANSIT, State.DELIVERY_FAILED)
    assert replace(fold([*events, reversed_at(5)]), reversals=0) == fold(events)


def test_an_attempt_that_people_report_counts_only_where_somebody_had_the_papers() -> None:
    collected = JourneyEvent("a", State.IN_TRANSIT, START)
    attempt = JourneyEvent("record:1", State.DELIVERY_FAILED, hour(2), needs_collection=True)
    assert fold([attempt]) == Journey()
    for events in ([collected, attempt], [attempt, collected]):
        journey = fold(events)
        assert (journey.collected_at, len(journey.attempts), journey.anomalies) == (START, 1, ())
