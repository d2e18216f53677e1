"""The journey of a shipment: a pure fold over the operator's events, ordered by event time.

Whatever the order of arrival and however often an event arrives, the same events give the same journey. The awkward
edges are spelt out in :data:`AWKWARD`; nothing is silently dropped, every event that does not fit becomes an anomaly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from carriers.states import ShipmentState as State


@dataclass(frozen=True, slots=True)
class JourneyEvent:
    """One event as the fold sees it. ``state`` is None for unknown codes and for events about money only.

    ``reverses``: a person's word that every delivery up to then was to somebody who had no right to the papers.
    ``needs_collection``: a person's word that counts only if something else shows that the operator had the papers.
    """

    key: str
    state: State | None
    event_time: datetime
    code: str = ""
    location: str | None = None
    reason: str | None = None
    reverses: bool = False
    needs_collection: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed attempt at delivery; ``reason`` in our vocabulary (``refused``), None where the operator told none."""

    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An event that does not fit the journey. It is kept and shown; the state stands."""

    key: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Papers that the operator reported lost, and when it moved them again; ``found_at`` is None while it has not."""

    lost_at: datetime
    found_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """Where the papers are, by the operator's word.

    Attributes:
        state: None before the operator has said anything we understand.
        collected_at: when the operator took the papers over.
        delivered_at: when the operator reported the first delivery.
        ended_at: when the papers first arrived, came back, were cancelled or lost; a leg that has ended stays ended.
        turned_back_at: when the operator first sent the papers back to their sender.
        attempts: every failed attempt at delivery, in order.
        losses: every time the papers were lost, in order.
        reversals: how often a delivery turned out to be to the wrong person.
    """

    state: State | None = None
    since: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    returned_at: datetime | None = None
    ended_at: datetime | None = None
    turned_back_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    losses: tuple[Loss, ...] = ()
    reversals: int = 0
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def failed_attempts(self) -> tuple[datetime, ...]:
        """When delivery was tried in vain."""
        return tuple(attempt.at for attempt in self.attempts)

    @property
    def first_attempt_at(self) -> datetime | None:
        """When delivery was first tried: the end of the transit time (Circular 17/2017/TT-BTTTT Art. 3(5))."""
        return min((t for t in (*self.failed_attempts, self.delivered_at) if t), default=None)


_HELD = frozenset(
    {State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERY_FAILED, State.DELIVERED, State.RETURNING, State.RETURNED}
)
"""States that prove that the operator has taken the papers over, also where the collection itself went unreported."""

_ENDS = frozenset({State.DELIVERED, State.RETURNED, State.CANCELLED, State.LOST})

_RANK = {
    state: rank
    for rank, state in enumerate(
        (
            State.BOOKED,
            State.COLLECTING,
            State.COLLECTION_FAILED,
            State.IN_TRANSIT,
            State.OUT_FOR_DELIVERY,
            State.DELIVERY_FAILED,
            State.DELIVERED,
            State.RETURNING,
            State.RETURNED,
            State.CANCELLED,
            State.LOST,
        )
    )
}
"""Order of events that bear the same time: as they would follow each other in a plain journey."""

AWKWARD: dict[tuple[State, State], str] = {
    (State.DELIVERED, State.DELIVERED): "delivered twice: the first delivery counts",
    (State.DELIVERED, State.DELIVERY_FAILED): "a failed attempt after the delivery: the delivery stands",
    (State.DELIVERED, State.OUT_FOR_DELIVERY): "out for delivery after the delivery: the delivery stands",
    (State.DELIVERED, State.IN_TRANSIT): "moved on after the delivery: the delivery stands",
    (State.DELIVERED, State.CANCELLED): "cancelled after the delivery: the delivery stands",
    (State.DELIVERED, State.LOST): "reported lost after the delivery: the delivery stands",
    (State.RETURNED, State.RETURNED): "returned twice: the first return counts",
    (State.RETURNED, State.DELIVERED): "delivered after it had come back: the return stands",
    (State.RETURNED, State.DELIVERY_FAILED): "a failed attempt after it had come back: the return stands",
    (State.RETURNED, State.OUT_FOR_DELIVERY): "out for delivery after it had come back: the return stands",
    (State.RETURNED, State.IN_TRANSIT): "moved on after it had come back: the return stands",
    (State.RETURNED, State.RETURNING): "on its way back after it had come back: the return stands",
    (State.RETURNED, State.CANCELLED): "cancelled after it had come back: the return stands",
    (State.RETURNED, State.LOST): "reported lost after it had come back: the return stands",
    (State.CANCELLED, State.CANCELLED): "cancelled twice: the first cancellation counts",
}
"""Edges on which the state stands and the event is shown as an anomaly.

A return after a delivery is not among them: papers that the desk refuses go back after the operator has reported them
delivered, so the parcel does move. Neither is anything after ``lost``: what is found is followed again.

A delivery that was reversed is read as ``out_for_delivery``: all that it proves is that a postman had the papers with
him, whatever else was reported. So what did not fit after it fits again, a leg that had ended is under way again, and
the attempt does not count for the transit promise. What is delivered after the reversal is delivered.
"""


def fold(events: Iterable[JourneyEvent]) -> Journey:
    """Return the journey that ``events`` tell; duplicates (same key) count once."""
    once = {event.key: event for event in events}
    if not any(event.state in _HELD and not event.needs_collection for event in once.values()):
        once = {key: event for key, event in once.items() if not event.needs_collection}
    reversals = [event.event_time for event in once.values() if event.reverses]
    journey = Journey(reversals=len(reversals))
    for event in sorted(_without_reversed(once.values(), reversals), key=_order):
        if event.state is not None:
            journey = _step(journey, event, event.state)
    return journey


def _without_reversed(events: Iterable[JourneyEvent], reversals: list[datetime]) -> Iterable[JourneyEvent]:
    last = max(reversals, default=None)
    for event in events:
        void = last is not None and event.state is State.DELIVERED and event.event_time <= last
        yield replace(event, state=State.OUT_FOR_DELIVERY) if void else event


def _order(event: JourneyEvent) -> tuple[datetime, int, str]:
    return event.event_time, _RANK.get(event.state, -1) if event.state else -1, event.key


def _step(journey: Journey, event: JourneyEvent, state: State) -> Journey:
    what = _misfit(journey, state)
    if what is not None:
        return replace(journey, anomalies=(*journey.anomalies, Anomaly(event.key, event.event_time, what)))
    at = event.event_time
    news: dict[str, Any] = {"state": state, "losses": _losses(journey, state, at)}
    if state is not journey.state:
        news["since"] = at
    if state in _HELD and journey.collected_at is None:
        news["collected_at"] = at
    if state in _ENDS and journey.ended_at is None:
        news["ended_at"] = at
    return replace(journey, **news, **_at_the_door(journey, event, state))


def _at_the_door(journey: Journey, event: JourneyEvent, state: State) -> dict[str, Any]:
    """Return what an event tells of deliveries, of attempts at them, and of the way back."""
    at = event.event_time
    news: dict[str, Any] = {}
    if state is State.DELIVERED and journey.delivered_at is None:
        news["delivered_at"] = at
    elif state is State.DELIVERY_FAILED:
        news["attempts"] = (*journey.attempts, Attempt(at, event.reason))
    elif state is State.RETURNED:
        news["returned_at"] = at
    if state in (State.RETURNING, State.RETURNED) and journey.turned_back_at is None:
        news["turned_back_at"] = at
    return news


def _losses(journey: Journey, state: State, at: datetime) -> tuple[Loss, ...]:
    was_lost, is_lost = journey.state is State.LOST, state is State.LOST
    if is_lost and not was_lost:
        return (*journey.losses, Loss(at))
    if was_lost and not is_lost:
        return (*journey.losses[:-1], replace(journey.losses[-1], found_at=at))
    return journey.losses


def _misfit(journey: Journey, state: State) -> str | None:
    if journey.state is not None and (what := AWKWARD.get((journey.state, state))):
        return what
    if journey.collected_at is not None and state in (State.BOOKED, State.COLLECTING, State.COLLECTION_FAILED):
        return f"'{state}' after the papers had been collected: the collection stands"
    if journey.collected_at is not None and state is State.CANCELLED:
        return "cancelled after the papers had been collected: they are still on their way"
    return None
