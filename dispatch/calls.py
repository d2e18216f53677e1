"""Every call to an operator, kept for support: redacted before it gets here, written beside the work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from sqlalchemy import Index, String, Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.call_log import CallRecord, Recorder
from config.database import Base, Database, UtcDateTime

_FEED = "feed"


class CarrierCall(Base):
    """One HTTP exchange with an operator (see :class:`carriers.call_log.CallRecord`)."""

    __tablename__ = "carrier_call"
    __table_args__ = (Index("ix_carrier_call_started_at", "started_at", postgresql_using="brin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier: Mapped[str] = mapped_column(String(40))
    account: Mapped[str] = mapped_column(String(40))
    operation: Mapped[str] = mapped_column(String(40))
    order_number: Mapped[str | None] = mapped_column(String(80), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int]
    status: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(40))
    request_excerpt: Mapped[str] = mapped_column(Text)
    response_excerpt: Mapped[str] = mapped_column(Text)


_aside: ContextVar[list[CallRecord] | None] = ContextVar("_aside", default=None)


def recorder(database: Database) -> Recorder:
    """Return a recorder that writes into ``database`` in a short transaction of its own.

    Feed pages are left out: they are kept in the inbox, and there are very many of them.
    """

    def record(call: CallRecord) -> None:
        if call.operation == _FEED and call.outcome == "ok":
            return
        if (aside := _aside.get()) is not None:
            aside.append(call)
            return
        with database.write() as session:
            write_down(session, [call])

    return record


@contextmanager
def kept_aside() -> Iterator[list[CallRecord]]:
    """Collect the records of the calls that are made inside: whoever settles them writes both down together."""
    calls: list[CallRecord] = []
    token = _aside.set(calls)
    try:
        yield calls
    finally:
        _aside.reset(token)


def write_down(session: Session, calls: Sequence[CallRecord]) -> None:
    """Keep records in the caller's transaction."""
    if calls:
        session.execute(insert(CarrierCall), [{name: getattr(c, name) for name in CallRecord.__slots__} for c in calls])


def calls_of(session: Session, order_numbers: Collection[str], most: int) -> list[CarrierCall]:
    """Return the last calls that were made about some orders, the newest first."""
    query = select(CarrierCall).where(CarrierCall.order_number.in_(order_numbers))
    return list(session.scalars(query.order_by(CarrierCall.started_at.desc(), CarrierCall.id.desc()).limit(most)))
