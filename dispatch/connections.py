"""How the connections to the operators stand, as each working process last saw them: breakers live in processes."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.breaker import BreakerState
from config.clock import wall_now
from config.database import Base, UtcDateTime
from dispatch.context import Context

_FORGOTTEN = timedelta(minutes=10)


class ConnectionState(Base):
    """One account's connection in one process; ``seen_at`` is real time. The rest as in ``ConnectionStatus``."""

    __tablename__ = "connection_state"

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    process: Mapped[str] = mapped_column(String(100), primary_key=True)
    breaker: Mapped[BreakerState]
    breaker_enforced: Mapped[bool]
    paused_seconds: Mapped[int]
    under_way: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note(session: Session, context: Context) -> None:
    """Write down how the connections of this process stand, and forget those of processes that are gone."""
    now = wall_now()
    session.execute(delete(ConnectionState).where(ConnectionState.seen_at < now - _FORGOTTEN))
    for account, status in context.carriers.statuses().items():
        session.merge(
            ConnectionState(
                account=account,
                process=f"{socket.gethostname()[:80]}:{os.getpid()}",
                breaker=status.breaker,
                breaker_enforced=status.breaker_enforced,
                paused_seconds=round(status.paused_for),
                under_way=status.under_way,
                seen_at=now,
            )
        )


def states_of(session: Session, account: str) -> list[ConnectionState]:
    """Return how an account's connections were last seen, one for each process."""
    query = select(ConnectionState).where(ConnectionState.account == account).order_by(ConnectionState.process)
    return list(session.scalars(query))
