"""The tables of the outbox: what we owe to whom, every attempt, and how each receiver is doing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, EncryptedText, UtcDateTime


class OutboxState(StrEnum):
    """Whether the receiver has it. A parked message waits for a person."""

    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"


def _only(condition: str, name: str, *columns: str) -> Index:
    """Return an index of the few rows that are not done with; those that are sent are never looked through."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class OutboxMessage(Base):
    """One message to one receiver.

    ``id`` comes from the business fact, so a transaction that runs twice owes one message, not two; it is also the
    id by which the receiver recognises a repetition. ``payload`` may name a citizen and is therefore encrypted.
    ``written`` (real time, nanoseconds) is its place in the line of what one receiver is told of one ``subject``.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        _only("state = 'pending'", "ix_outbox_message_due", "destination", "due_at", "written"),
        _only("state = 'pending'", "ix_outbox_message_line", "destination", "subject", "written"),
        _only("state = 'parked'", "ix_outbox_message_parked", "destination", "written"),
        _only("lease_until IS NOT NULL", "ix_outbox_message_leased", "destination", "lease_until"),
        Index("ix_outbox_message_created_at", "created_at", postgresql_using="brin"),
    )

    id: Mapped[str] = mapped_column(String(300), primary_key=True)
    destination: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    payload: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written: Mapped[int] = mapped_column(BigInteger, default=time.time_ns, server_default=text("0"))
    state: Mapped[OutboxState]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))
    # The id of the delivery or request that caused it, for the log; see :mod:`config.tracing`.
    trace: Mapped[str | None] = mapped_column(String(64))


class OutboxAttempt(Base):
    """One try to deliver a message: what the receiver answered and how long it took."""

    __tablename__ = "outbox_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(500))


class OutboxDestination(Base):
    """How a receiver is doing, as all processes see it.

    Attributes:
        failures: deliveries in a row that it could not take, whatever the message.
        paused_until: it is left alone until then (domain time).
        trouble: what the last of these deliveries came to.
    """

    __tablename__ = "outbox_destination"

    destination: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(1000))


@dataclass(frozen=True)
class Delivery:
    """What came of one attempt.

    Attributes:
        gone: it is of no use to try again; the receiver wants nothing more at this address (HTTP 410).
        about_message: what failed is this one message, whatever the status; the receiver is well.
    """

    delivered: bool
    status: int | None
    answer: str
    duration_ms: int
    retry_after: float | None = None
    gone: bool = False
    about_message: bool = False
