"""Raw deliveries: everything that anybody sends us is kept here first, once, as it came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, func, insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import FeedItem
from config.database import Base, BigId, EncryptedText, UtcDateTime
from config.partitions import Partitioned
from tracking.inbox_rows import Incoming, insert_on_postgresql


class InboxState(StrEnum):
    """Where a delivery stands.

    ``parked``: nobody knows the item (yet), or nobody can read it; staff see it, and it is tried again. ``given_up``:
    it has been tried in vain for so long that nothing is to be expected of it; it stays where it is.
    """

    NEW = "new"
    APPLIED = "applied"
    PARKED = "parked"
    GIVEN_UP = "given_up"


UNDONE = text("state IN ('new', 'parked')")
"""What is still to be applied, as the index of it says it and every query of it has to."""

DELIVERIES = Partitioned("inbox_delivery", "id", by_id=True)


class InboxKey(Base):
    """Which deliveries are known. Months of deliveries cannot keep a key unique among them all; this table does."""

    __tablename__ = "inbox_key"
    __table_args__ = (Index("ix_inbox_key_received_at", "received_at", postgresql_using="brin"),)

    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InboxDelivery(Base):
    """One delivery.

    Attributes:
        id: on PostgreSQL it carries the time (see :mod:`config.partitions`), by which the table is kept in months.
        source: ``carrier:<account>`` or ``onestop:<client>``.
        key: the sender's id of the delivery, or the digest of its body; unique within the source by :class:`InboxKey`.
        body: the raw body as received (it may name a citizen, hence encrypted).
        received_at: when it came in; the times of what happened are inside the body.
        try_at: when a parked delivery is looked at again.
    """

    __tablename__ = "inbox_delivery"
    __table_args__ = (
        Index("ix_inbox_delivery_undone", "state", "try_at", "id", sqlite_where=UNDONE, postgresql_where=UNDONE),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str | None] = mapped_column(String(80), index=True)
    # Read one by one and only where it is needed: a body that cannot be decrypted stops nobody but itself.
    body: Mapped[str] = mapped_column(EncryptedText, deferred=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[InboxState]
    try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(300))


def keep(
    session: Session,
    *,
    source: str,
    key: str,
    kind: str,
    body: Any,
    now: datetime,
    subject: str | None = None,
    state: InboxState = InboxState.NEW,
) -> bool:
    """Keep one delivery in the caller's transaction; tells whether it is new."""
    return keep_many(session, [Incoming(source, key, kind, as_text(body), now, subject, state)]) == 1


def keep_items(session: Session, source: str, kind: str, items: Iterable[FeedItem], now: datetime) -> int:
    """Keep what an operator has answered, each document once; returns how many are new."""
    return keep_many(session, [Incoming(source, item.id, kind, as_text(item.raw), now) for item in items])


def as_text(body: Any) -> str:
    """Return a body as it stands in its row: JSON in ASCII, in which lone surrogates can be kept too."""
    return body if isinstance(body, str) else json.dumps(body)


def keep_many(session: Session, incoming: Iterable[Incoming]) -> int:
    """Keep deliveries in the caller's transaction, each once; returns how many are new.

    The database alone says what is new, in the statement that keeps it: whoever keeps the same at this moment is
    waited for. All go in one order, so that no two transactions wait for one another.

    Raises:
        ValueError: the content of one of them cannot be kept, which then holds for them all.
    """
    once = {(one.source, one.key): one for one in incoming}
    rows = [once[name] for name in sorted(once)]
    if not rows:
        return 0
    if any(row.received_at.tzinfo is None for row in rows):
        raise ValueError("a delivery without a time zone in its time")
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return _insert_on_sqlite(session, rows) if on_sqlite else insert_on_postgresql(session, rows)


def _insert_on_sqlite(session: Session, rows: Sequence[Incoming]) -> int:
    keys = [{"source": row.source, "key": row.key, "received_at": row.received_at} for row in rows]
    unknown = sqlite.insert(InboxKey).on_conflict_do_nothing().returning(InboxKey.source, InboxKey.key)
    new = {(source, key) for source, key in session.execute(unknown, keys)}
    if new:
        session.execute(insert(InboxDelivery), [_columns(row) for row in rows if (row.source, row.key) in new])
    return len(new)


def _columns(row: Incoming) -> dict[str, Any]:
    applied_at = row.received_at if row.state == InboxState.APPLIED else None
    state = InboxState(row.state)
    return row._asdict() | {"state": state, "try_at": row.received_at, "attempts": 0, "applied_at": applied_at}


def kept_body(session: Session, source: str, key: str, subject: str) -> str | None:
    """Return the body of a delivery about ``subject`` that was kept under this key, as far as it is still there."""
    by_subject = (InboxDelivery.subject == subject, InboxDelivery.source == source, InboxDelivery.key == key)
    return session.scalar(select(InboxDelivery.body).where(*by_subject))


def digest(body: bytes) -> str:
    """Return the key of a delivery whose sender gives it no id."""
    return hashlib.sha256(body).hexdigest()


def due_count(session: Session, now: datetime) -> int:
    """Return how many deliveries wait to be applied now."""
    return session.scalar(select(func.count(InboxDelivery.id)).where(UNDONE, InboxDelivery.try_at <= now)) or 0


def counts(session: Session) -> dict[str, dict[str, int]]:
    """Return per source how many deliveries are kept in each state."""
    query = select(InboxDelivery.source, InboxDelivery.state, func.count()).group_by(
        InboxDelivery.source, InboxDelivery.state
    )
    table: dict[str, dict[str, int]] = {}
    for source, state, count in session.execute(query):
        table.setdefault(source, {})[state.value] = count
    return table
