"""How the connections to the operators stand, as each working process last saw them: breakers live in processes."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.breaker import BreakerState
from carriers.contract import ConnectionStatus, PickupWindow
from config.clock import wall_now
from config.database import Base, UtcDateTime
from dispatch.context import Context

_NOTING = threading.Lock()
"""The rows of a process are its own: only its own jobs could write them at one moment."""

_FORGOTTEN = timedelta(minutes=10)
_REPEATED = timedelta(seconds=30)
_FRESH = timedelta(minutes=2)
"""A process that works writes every few seconds; what one saw longer ago says nothing of now."""

_ONE_AT_A_TIME = threading.Lock()
"""Booking and polling end at the same moment in two threads of a process, whose rows nobody else writes."""


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


def note_news(context: Context) -> None:
    """Write down how the connections of this process stand, if that has changed or was written a while ago."""
    with _NOTING:
        _note_news(context)


def _note_news(context: Context) -> None:
    statuses = context.carriers.statuses()
    with _ONE_AT_A_TIME:
        with context.database.read() as session:
            query = select(ConnectionState).where(ConnectionState.process == _this_process())
            written = {row.account: row for row in session.scalars(query)}
        if any(_is_news(status, written.get(account)) for account, status in statuses.items()):
            with context.database.write() as session:
                note(session, context)


def _is_news(status: ConnectionStatus, row: ConnectionState | None) -> bool:
    if row is None or row.seen_at < wall_now() - _REPEATED:
        return True
    paused = status.paused_for >= 1
    return (status.breaker, status.breaker_enforced, paused) != (
        row.breaker,
        row.breaker_enforced,
        row.paused_seconds > 0,
    )


def note(session: Session, context: Context) -> None:
    """Write down how the connections of this process stand, and forget those of processes that are gone."""
    now = wall_now()
    session.execute(delete(ConnectionState).where(ConnectionState.seen_at < now - _FORGOTTEN))
    for account, status in context.carriers.statuses().items():
        session.merge(
            ConnectionState(
                account=account,
                process=_this_process(),
                breaker=status.breaker,
                breaker_enforced=status.breaker_enforced,
                paused_seconds=round(status.paused_for),
                under_way=status.under_way,
                seen_at=now,
            )
        )


def states_of(session: Session, account: str) -> list[ConnectionState]:
    """Return how an account's connections were last seen, one for each process that was there lately."""
    lately = (ConnectionState.account == account, ConnectionState.seen_at >= wall_now() - _FORGOTTEN)
    return list(session.scalars(select(ConnectionState).where(*lately).order_by(ConnectionState.process)))


@dataclass(frozen=True)
class OperatorsNow:
    """What the operators behind our accounts are like now, as all processes have seen them.

    A process that makes no calls has a breaker that never opens; whether an operator fails, the workers know.
    """

    session: Session
    context: Context

    def is_left_alone(self, account_id: str) -> bool:
        """Whether an account cannot be used now: by what this process sees, or by what another one saw lately."""
        return self.context.is_left_alone(account_id) or self._open_elsewhere(account_id)

    def serves(self, account_id: str, province: str) -> bool:
        """Whether an account can book from or to a province."""
        return self.context.serves(account_id, province)

    def pickup_windows(self, account_id: str) -> tuple[PickupWindow, ...]:
        """Return when on a day an operator collects, as far as it lets the citizen choose."""
        return self.context.pickup_windows(account_id)

    def _open_elsewhere(self, account_id: str) -> bool:
        query = select(ConnectionState.account).where(
            ConnectionState.account == account_id,
            ConnectionState.breaker == BreakerState.OPEN,
            ConnectionState.breaker_enforced,
            ConnectionState.process != _this_process(),
            ConnectionState.seen_at >= wall_now() - _FRESH,
        )
        return self.session.scalars(query.limit(1)).first() is not None


def _this_process() -> str:
    return f"{socket.gethostname()[:80]}:{os.getpid()}"
