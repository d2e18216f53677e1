"""Stored deliveries read again with today's status tables: what a corrected table moves, and moving it.

Nothing is written over: an event whose code is read otherwise gets another reading, and everything that follows from
the journey then follows from the new one. A dry run does the very same and takes it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.contract import Carrier, TrackingEvent
from config.clock import local
from config.errors import ConfigurationError
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.shipments import Shipment
from tracking.clock_facts import latest_version
from tracking.effects import journey_of, journeys_with, move_on
from tracking.events import Meaning, StoredEvent, TrackingEventRow, events_of, read_anew
from tracking.inbox import InboxDelivery
from tracking.money import follow_word
from tracking.office import Office


class _UnreadableError(Exception):
    """A stored body cannot be read; the message says why."""


class _TakenBack(Exception):  # noqa: N818 - no error: how a dry run ends
    """A dry run has seen enough."""


@dataclass(frozen=True)
class Moved:
    """What the tables of today change about one shipment.

    Attributes:
        codes: the codes that are read otherwise.
        custody_in_doubt: a delivery or collection on which a change of hands rests is one no more; a person must look.
    """

    order_number: str
    dossier: str
    codes: tuple[str, ...]
    state_before: str
    state_after: str
    due_before: datetime | None
    due_after: datetime | None
    custody_in_doubt: bool


@dataclass(frozen=True)
class Unread:
    """A shipment that could not be read again, and why; nothing about it was changed."""

    order_number: str
    reason: str


def replay(
    context: Context, office: Office, *, carrier: str | None, since: datetime | None, dry_run: bool
) -> Iterator[Moved | Unread]:
    """Read what operators told us again, one shipment after another; yields those about which anything changes.

    Only shipments of which something was received ``since`` then, and all that was received of those. One transaction
    for each, so that an interruption leaves whole ones, and one that cannot be read stops none but itself.
    """
    for number in _numbers(context, carrier, since):
        try:
            found: Moved | Unread | None = _replay_alone(context, office, number, dry_run=dry_run)
        except (_UnreadableError, ConfigurationError) as error:
            found = Unread(number, f"cannot be read: {error}")
        if found is not None:
            yield found
    if not dry_run:
        context.ring("notices")


def _replay_alone(context: Context, office: Office, number: str, *, dry_run: bool) -> Moved | None:
    moved: Moved | None = None
    try:
        with context.database.write() as session:
            moved = _replay(session, context, office, number)
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        pass
    return moved


def _numbers(context: Context, carrier: str | None, since: datetime | None) -> list[str]:
    query = select(Shipment.order_number).join(TrackingEventRow, TrackingEventRow.order_number == Shipment.order_number)
    if carrier is not None:
        query = query.where(Shipment.carrier == carrier)
    if since is not None:
        query = query.where(TrackingEventRow.received_at >= since)
    with context.database.read() as session:
        return sorted(set(session.scalars(query)))


def _replay(session: Session, context: Context, office: Office, number: str) -> Moved | None:
    get_dossier(session, session.get_one(Shipment, number).dossier_code, lock=True)
    shipment = session.get_one(Shipment, number, with_for_update=True, populate_existing=True)
    events = events_of(session, number)
    otherwise = _read_otherwise(session, context, shipment, events)
    if not otherwise:
        return None
    (_, journey), *riders = journeys_with(session, shipment)
    state, due = shipment.state, _due(session, shipment)
    for event, meaning in otherwise:
        read_anew(session, event, meaning, context.clock.now())
        if meaning.money_only:
            told = f"{shipment.carrier}: {number}, code {event.code}"
            follow_word(session, shipment, meaning.reason, event.event_time, told, context.clock.now())
    for one, before in ((shipment, journey), *riders):
        move_on(session, context, office, one, before)
    after = journey_of(session, shipment)
    lost_ground = (journey.delivered_at and not after.delivered_at) or (journey.collected_at and not after.collected_at)
    return Moved(
        order_number=number,
        dossier=shipment.dossier_code,
        codes=tuple(sorted({event.code for event, _ in otherwise})),
        state_before=state,
        state_after=shipment.state,
        due_before=due,
        due_after=_due(session, shipment),
        custody_in_doubt=bool(lost_ground),
    )


def _read_otherwise(
    session: Session, context: Context, shipment: Shipment, events: list[StoredEvent]
) -> list[tuple[StoredEvent, Meaning]]:
    """Return the events that today's table reads otherwise, with that reading."""
    today = _readings(session, context, shipment, {event.delivery_id for event in events})
    compared = ((event, today.get(event.key)) for event in events)
    return [(event, meaning) for event, meaning in compared if meaning is not None and meaning != event.meaning]


def _readings(session: Session, context: Context, shipment: Shipment, deliveries: set[int]) -> dict[str, Meaning]:
    try:
        carrier = context.carriers.get(shipment.account)
    except ConfigurationError:  # an account that is gone has no tables to read with
        return {}
    stored = session.scalars(select(InboxDelivery).where(InboxDelivery.id.in_(deliveries)))
    read = (event for delivery in stored for event in _events(carrier, delivery))
    return {event.key: Meaning.of(event) for event in read}


def _events(carrier: Carrier, delivery: InboxDelivery) -> list[TrackingEvent]:
    try:
        raw = json.loads(delivery.body)
    except (ConfigurationError, ValueError, RecursionError) as error:
        raise _UnreadableError(f"delivery {delivery.id}: {error}") from error
    return [event for event in carrier.normalise(raw) if isinstance(event, TrackingEvent)]


def _due(session: Session, shipment: Shipment) -> datetime | None:
    version = latest_version(session, shipment.dossier_code)
    return local(version.due) if version is not None and version.due is not None else None
