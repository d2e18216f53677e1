"""What of the outbox does not get through, for people: receivers that have something coming, and refused messages.

Nothing of a message's content is shown: it may name a citizen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, defer

from dispatch.outbox_lines import NOT_TAKEN, PARKED, PENDING
from dispatch.outbox_rows import OutboxDestination, OutboxMessage


@dataclass(frozen=True)
class Receiver:
    """Somebody to whom messages are on their way; ``paused_until`` while it is left alone."""

    destination: str
    pending: int
    parked: int
    failures: int
    paused_until: datetime | None
    trouble: str | None


@dataclass(frozen=True)
class Refused:
    """A message that was tried in vain; ``due_at`` is its next attempt, None when it is parked."""

    id: str
    destination: str
    type: str
    subject: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime | None
    trouble: str | None


def receivers(session: Session, now: datetime) -> list[Receiver]:
    """Return everybody to whom something is still owed."""
    counts = (
        select(OutboxMessage.destination, func.sum(case((PENDING, 1), else_=0)), func.sum(case((PARKED, 1), else_=0)))
        .where(NOT_TAKEN)
        .group_by(OutboxMessage.destination)
        .order_by(OutboxMessage.destination)
    )
    return [
        _receiver(name, pending, parked, session.get(OutboxDestination, name), now)
        for name, pending, parked in session.execute(counts)
    ]


def refused(session: Session, most: int) -> list[Refused]:
    """Return messages that were tried in vain, those that were written first before the others."""
    tried = or_(PARKED, PENDING & (OutboxMessage.attempts > 0))
    query = select(OutboxMessage).where(tried).order_by(OutboxMessage.written).limit(most)
    return [_refused(message) for message in session.scalars(query.options(defer(OutboxMessage.payload)))]


def _receiver(name: str, pending: int, parked: int, row: OutboxDestination | None, now: datetime) -> Receiver:
    if row is None:
        return Receiver(name, pending, parked, 0, None, None)
    paused = row.paused_until if row.paused_until and row.paused_until > now else None
    return Receiver(name, pending, parked, row.failures, paused, row.trouble)


def _refused(message: OutboxMessage) -> Refused:
    return Refused(
        id=message.id,
        destination=message.destination,
        type=message.type,
        subject=message.subject,
        state=message.state.value,
        attempts=message.attempts,
        created_at=message.created_at,
        due_at=message.due_at if message.state == "pending" else None,
        trouble=message.trouble,
    )
