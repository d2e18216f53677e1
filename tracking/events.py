"""The operator's events as they stand in the journey of a shipment, each once; people's reports stand among them.

What a code means is read when the event comes in. A corrected status table gives it another reading, which is added and
not written over the first (:mod:`tracking.replay`); the newest reading counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import Certainty, TrackingEvent
from carriers.states import ShipmentState
from config.batch import RowsOf, Together, among, write_rows
from config.database import Base, BigId, UtcDateTime
from config.partitions import Partitioned
from dispatch.shipments import Shipment
from tracking.deadlines.wording import Text
from tracking.doorstep import reported_events
from tracking.journey import JourneyEvent
from tracking.post_offices import names_in, where

_UNKNOWN = text("certainty = 'unknown'")
EVENTS = Partitioned("tracking_event", "event_time")

CLOCK_SKEW = timedelta(hours=1)
"""How much the clocks of an operator may differ from ours."""


SLIP = "slip"
"""The code of the event that a signed slip is in a journey; all others are the operators'."""


class TrackingEventRow(Base):
    """One event of a shipment: when it happened, when we received it, when it was applied, and its first reading."""

    __tablename__ = "tracking_event"
    # Months keep no key unique among them all: the time stands beside it, and the shipment's row lock does the rest.
    __table_args__ = (
        UniqueConstraint("order_number", "key", "event_time"),
        Index("ix_tracking_event_unknown", "received_at", sqlite_where=_UNKNOWN, postgresql_where=_UNKNOWN),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    state: Mapped[ShipmentState | None]
    reason: Mapped[str | None] = mapped_column(String(80))
    money_only: Mapped[bool]
    certainty: Mapped[Certainty]
    event_time: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(500))
    delivery_id: Mapped[int] = mapped_column(BigId)


class EventReading(Base):
    """A later reading of an event, by a corrected status table."""

    __tablename__ = "event_reading"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(BigId, index=True)
    state: Mapped[ShipmentState | None]
    reason: Mapped[str | None] = mapped_column(String(80))
    money_only: Mapped[bool]
    certainty: Mapped[Certainty]
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says: as in :class:`carriers.contract.TrackingEvent`."""

    state: ShipmentState | None
    reason: str | None
    money_only: bool
    certainty: Certainty

    @classmethod
    def of(cls, read: TrackingEvent | TrackingEventRow | EventReading) -> Meaning:
        return cls(read.state, read.reason, read.money_only, read.certainty)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with the meaning that counts now."""

    id: int
    key: str
    code: str
    meaning: Meaning
    event_time: datetime
    received_at: datetime
    location: str | None
    delivery_id: int


def add_event(
    session: Session, order_number: str, event: TrackingEvent, *, delivery_id: int, received_at: datetime, now: datetime
) -> bool:
    """Put an event into the shipment's journey; tells whether it was not there yet."""
    if any(known.key == event.key for known in _JOURNEYS.of(session, order_number)):
        return False
    location = event.location and event.location[:200]
    told = JourneyEvent(event.key, event.state, event.event_time, event.code, location, event.reason)
    _JOURNEYS.add(session, order_number, told)
    row = {
        "order_number": order_number,
        "key": event.key,
        "code": event.code,
        "state": event.state,
        "reason": event.reason,
        "money_only": event.money_only,
        "certainty": event.certainty,
        "event_time": event.event_time,
        "received_at": received_at,
        "applied_at": now,
        "location": location,
        "text": event.text[:500],
        "delivery_id": delivery_id,
    }
    _insert(session, row)
    return True


def read_anew(session: Session, event: StoredEvent, meaning: Meaning, now: datetime) -> None:
    """Add a reading to an event; from now on it counts."""
    session.add(
        EventReading(
            event_id=event.id,
            state=meaning.state,
            reason=meaning.reason,
            money_only=meaning.money_only,
            certainty=meaning.certainty,
            read_at=now,
        )
    )
    session.flush()


def events_of(session: Session, order_number: str) -> list[StoredEvent]:
    """Return the events of a shipment in event time."""
    query = select(TrackingEventRow).where(TrackingEventRow.order_number == order_number)
    rows = session.scalars(query.order_by(TrackingEventRow.event_time, TrackingEventRow.id)).all()
    later = _later_readings(session, [row.id for row in rows])
    return [_stored(row, later.get(row.id)) for row in rows]


def journeys_of(session: Session, shipments: Iterable[Shipment]) -> Iterator[tuple[Shipment, StoredEvent, Text | None]]:
    """Yield the events of a dossier's shipments, each shipment's in event time, with what to call the place of each.

    A post office that an operator has named once is called by that name wherever it tells its number alone.
    """
    journeys = [(shipment, events_of(session, shipment.order_number)) for shipment in shipments]
    told = defaultdict[str, list[StoredEvent]](list)
    for shipment, events in journeys:
        told[shipment.carrier] += events
    names = {
        carrier: names_in(event.location for event in sorted(events, key=lambda event: event.event_time))
        for carrier, events in told.items()
    }
    for shipment, events in journeys:
        yield from ((shipment, event, where(event.location, names[shipment.carrier])) for event in events)


def journey_events(session: Session, order_number: str) -> list[JourneyEvent]:
    """Return the events of a shipment as the fold takes them."""
    return _JOURNEYS.of(session, order_number)


def _read_journeys(session: Session, order_numbers: Collection[str]) -> Iterator[tuple[str, JourneyEvent]]:
    row = TrackingEventRow
    # Older ones than the order are taken by nobody, and whole months of events need not be looked at.
    since = min(session.get_one(Shipment, number).created_at for number in order_numbers) - CLOCK_SKEW
    ours = (among(session, row.order_number, order_numbers), row.event_time >= since)
    reading = (EventReading.event_id, EventReading.state, EventReading.reason)
    later = select(*reading).join(row, row.id == EventReading.event_id).where(*ours)
    said = {id: (state, reason) for id, state, reason in session.execute(later.order_by(EventReading.id))}
    first = (row.state, row.reason)
    query = select(row.order_number, row.id, row.key, row.event_time, row.code, row.location, *first).where(*ours)
    for number, id, key, when, code, location, first_state, first_reason in session.execute(query):
        state, reason = said.get(id, (first_state, first_reason))
        yield number, JourneyEvent(key, state, when, code, location, reason)
    yield from reported_events(session, order_numbers)


_JOURNEYS = RowsOf(Shipment, _read_journeys)
_insert: Together[dict[str, Any]] = Together(lambda session, rows: write_rows(session, insert(TrackingEventRow), rows))


def _later_readings(session: Session, event_ids: list[int]) -> dict[int, Meaning]:
    query = select(EventReading).where(EventReading.event_id.in_(event_ids)).order_by(EventReading.id)
    return {reading.event_id: Meaning.of(reading) for reading in session.scalars(query)}


def _stored(row: TrackingEventRow, later: Meaning | None) -> StoredEvent:
    return StoredEvent(
        *(row.id, row.key, row.code, later or Meaning.of(row), row.event_time, row.received_at, row.location),
        delivery_id=row.delivery_id,
    )
