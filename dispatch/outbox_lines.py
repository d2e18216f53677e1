"""Which message may go next. What one receiver is told of one subject stands in a line, in the order it was written.

A line moves one message at a time, so that an older state never arrives after a newer one by our doing. Nobody waits
for ever: a message that was refused a few times steps aside and lets the rest of its line past, and a parked one is
not in the line at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from config.clock import wall_now
from dispatch.distinct import distinct_values
from dispatch.outbox_rows import OutboxDestination, OutboxMessage
from dispatch.receivers import room_at

STEPS_ASIDE_AFTER = 3
"""Attempts, over about six minutes, after which a message no longer holds up what comes after it."""

# Written out in the statements, or neither database would see that its partial index holds these rows.
PENDING = OutboxMessage.state == literal_column("'pending'")
PARKED = OutboxMessage.state == literal_column("'parked'")
NOT_TAKEN = or_(PENDING, PARKED)


def rooms(session: Session, now: datetime, at_once: int) -> dict[str, int]:
    """Return how many more messages each receiver may get now, for those to whom anything is due."""
    names = session.scalars(distinct_values(OutboxMessage.destination, PENDING)).all()
    receivers = {row.destination: row for row in session.scalars(_rows_of(names))}
    out = under_way(session)
    free = {name: room_at(receivers.get(name), out.get(name, 0), at_once, now) for name in names}
    return {
        name: room
        for name, room in free.items()
        if room > 0 and session.scalars(next_for(name, now).limit(1)).first() is not None
    }


def under_way(session: Session) -> dict[str, int]:
    """Return how many messages are on their way to each receiver, by all processes together."""
    leased = (OutboxMessage.lease_until.is_not(None), OutboxMessage.lease_until > wall_now())
    query = select(OutboxMessage.destination, func.count()).where(*leased).group_by(OutboxMessage.destination)
    return dict(session.execute(query).all())


def next_for(destination: str, now: datetime) -> Select[str]:
    """Return the query for the ids of what may go to a receiver now, longest due first."""
    query = select(OutboxMessage.id).where(OutboxMessage.destination == destination, _may_go(now))
    return query.order_by(OutboxMessage.due_at, OutboxMessage.written)


def due_count(session: Session, now: datetime) -> int:
    """Return how many messages may go now or are on their way.

    What stands in line behind another, or waits for a receiver that is left alone, is not due.
    """
    paused = select(OutboxDestination.destination).where(OutboxDestination.paused_until > now)
    may_go = and_(_may_go(now), OutboxMessage.destination.not_in(paused))
    waiting = session.scalar(select(func.count()).select_from(OutboxMessage).where(may_go)) or 0
    return waiting + sum(under_way(session).values())


def _may_go(now: datetime) -> ColumnElement[bool]:
    free = or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= wall_now())
    return and_(PENDING, OutboxMessage.due_at <= now, free, _is_first_in_line())


@cache
def _is_first_in_line() -> ColumnElement[bool]:
    """Whether nothing that was written earlier holds a message up; always the same words, so they are put once.

    Asked as the head of the line and not as "there is no other", which PostgreSQL turns into a join of all with all
    as long as it has not counted its rows.
    """
    other = aliased(OutboxMessage)
    head = select(func.min(other.written)).where(
        other.destination == OutboxMessage.destination,
        other.subject == OutboxMessage.subject,
        other.state == literal_column("'pending'"),
        other.attempts < STEPS_ASIDE_AFTER,
    )
    return OutboxMessage.written <= func.coalesce(head.scalar_subquery(), OutboxMessage.written)


def _rows_of(names: Sequence[str]) -> Select[OutboxDestination]:
    return select(OutboxDestination).where(OutboxDestination.destination.in_(names))
