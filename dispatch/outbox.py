"""What we owe somebody outside: written with the decision that caused it, delivered afterwards, every attempt kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import wall_now
from config.database import Base, EncryptedText, UtcDateTime
from dispatch.context import Context

BACKOFF = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Waiting times between attempts: the schedule of Standard Webhooks, about three days in all."""


class OutboxState(StrEnum):
    """Whether the receiver has it. A parked message waits for a person."""

    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"


class OutboxMessage(Base):
    """One message to one receiver.

    ``id`` comes from the business fact, so a transaction that runs twice owes one message, not two; it is also the
    id by which the receiver recognises a repetition. ``payload`` may name a citizen and is therefore encrypted.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_state_due_at", "state", "due_at"),
        Index("ix_outbox_message_created_at", "created_at", postgresql_using="brin"),
    )

    id: Mapped[str] = mapped_column(String(300), primary_key=True)
    destination: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    payload: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[OutboxState]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))


class OutboxAttempt(Base):
    """One try to deliver a message: what the receiver answered and how long it took."""

    __tablename__ = "outbox_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(500))


@dataclass(frozen=True)
class Delivery:
    """What came of one attempt. ``gone``: the receiver wants nothing more at this address (HTTP 410)."""

    delivered: bool
    status: int | None
    answer: str
    duration_ms: int
    retry_after: float | None = None
    gone: bool = False


Send = Callable[[OutboxMessage], Delivery]


def owe(
    session: Session,
    *,
    message_id: str,
    destination: str,
    type: str,
    subject: str,
    payload: str,
    now: datetime,
) -> None:
    """Write down a message, in the transaction of the decision. The same id again is the same message."""
    if session.get(OutboxMessage, message_id) is None:
        session.add(
            OutboxMessage(
                id=message_id,
                destination=destination,
                type=type,
                subject=subject,
                payload=payload,
                created_at=now,
                state=OutboxState.PENDING,
                due_at=now,
                attempts=0,
            )
        )


def drain(context: Context, send: Send, *, limit: int = 200) -> int:
    """Deliver what is due, one message at a time, until nothing is due or ``limit`` is reached; returns how many."""
    done = 0
    while done < limit and (message := _claim(context)) is not None:
        delivery = send(message)
        _settle(context, message.id, delivery)
        done += 1
    return done


def send_again(session: Session, message_id: str, now: datetime) -> bool:
    """Put a parked message back in line; tells whether there was one."""
    message = session.get(OutboxMessage, message_id)
    if message is None or message.state is not OutboxState.PARKED:
        return False
    message.state, message.due_at, message.attempts = OutboxState.PENDING, now, 0
    return True


def due_count(session: Session, now: datetime) -> int:
    """Return how many messages are due now or being delivered."""
    pending = OutboxMessage.state == OutboxState.PENDING
    query = select(func.count()).where(
        pending, or_(OutboxMessage.due_at <= now, OutboxMessage.lease_until > wall_now())
    )
    return session.scalar(query) or 0


def _claim(context: Context) -> OutboxMessage | None:
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(_due(context.clock.now())).first() is None:
            return None
    with context.database.write() as session:
        message = session.scalars(_due(context.clock.now())).first()
        if message is not None:
            message.lease_until = wall_now() + timedelta(seconds=context.settings.lease_seconds)
        return message


def _due(now: datetime) -> Select[OutboxMessage]:
    free = or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= wall_now())
    return (
        select(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.PENDING, OutboxMessage.due_at <= now, free)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _settle(context: Context, message_id: str, delivery: Delivery) -> None:
    now = context.clock.now()
    with context.database.write() as session:
        message = session.get_one(OutboxMessage, message_id)
        message.attempts += 1
        message.lease_until = None
        session.add(
            OutboxAttempt(
                message_id=message_id,
                at=now,
                duration_ms=delivery.duration_ms,
                status=delivery.status,
                answer=delivery.answer[:500],
            )
        )
        if delivery.delivered:
            message.state, message.sent_at, message.trouble = OutboxState.SENT, now, None
        else:
            _try_later(message, delivery, now)


def _try_later(message: OutboxMessage, delivery: Delivery, now: datetime) -> None:
    message.trouble = delivery.answer[:1000]
    if delivery.gone or message.attempts > len(BACKOFF):
        message.state = OutboxState.PARKED
        return
    wait = BACKOFF[message.attempts - 1].total_seconds() * random.uniform(0.8, 1.2)
    message.due_at = now + timedelta(seconds=max(wait, delivery.retry_after or 0))
