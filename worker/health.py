"""Whether this process and its workers are alive: the heartbeat is written by a task, and read by the health check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import wall_now
from config.database import Base, UtcDateTime
from dispatch import booking, outbox
from dispatch.context import Context
from tracking import inbox, polling

_WORKER = "worker"
_PATIENCE = timedelta(seconds=15)


class Heartbeat(Base):
    """When (real time) a task of this kind of process last ran to its end."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Readiness:
    """``backlog`` counts, per lane, the rows that are due now or being worked on."""

    ready: bool
    worker_seen_at: datetime | None
    backlog: dict[str, int]


def beat(context: Context) -> int:
    """Write the heartbeat. A worker that is up and deaf does not get here, and the health check notices."""
    with context.database.write() as session:
        session.merge(Heartbeat(name=_WORKER, at=wall_now()))
    return 0


def readiness(context: Context) -> Readiness:
    """Return whether the database answers and a worker has worked lately, and what waits."""
    with context.database.read() as session:
        seen = session.get(Heartbeat, _WORKER)
        fresh = _PATIENCE + timedelta(seconds=6 * context.settings.sweep_seconds)
        return Readiness(
            ready=seen is not None and wall_now() - seen.at < fresh,
            worker_seen_at=seen.at if seen else None,
            backlog=backlog(session, context),
        )


def backlog(session: Session, context: Context) -> dict[str, int]:
    """Return per lane how many rows are due now or being worked on."""
    now = context.clock.now()
    return {
        "booking": booking.due_count(session, now),
        "inbox": inbox.due_count(session, now),
        "outbox": outbox.due_count(session, now),
        "polling": polling.due_count(session, context),
    }
