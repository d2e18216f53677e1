"""Leases: who of several equal processes does what only one of them should do."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import String, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from config.clock import wall_now
from config.database import Base, Database, UtcDateTime


class Lease(Base):
    """A task for one, and who has it until when (real time)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


def new_owner() -> str:
    """Return a name for this process that no other one has, and by which a person finds it."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def hold(database: Database, name: str, owner: str, seconds: float) -> bool:
    """Take or renew a lease for so long; tells whether ``owner`` has it now."""
    now = wall_now()
    free = or_(Lease.owner == owner, Lease.until <= now)
    taken = update(Lease).where(Lease.name == name, free).values(owner=owner, until=now + timedelta(seconds=seconds))
    try:
        with database.write() as session:
            if session.connection().execute(taken).rowcount:
                return True
            if session.get(Lease, name) is not None:
                return False
            session.add(Lease(name=name, owner=owner, until=now + timedelta(seconds=seconds)))
        return True
    except IntegrityError:  # another one has made the row at this moment
        return False


def give_up(database: Database, name: str, owner: str) -> None:
    """Let another process take the lease at once."""
    with database.write() as session:
        session.execute(update(Lease).where(Lease.name == name, Lease.owner == owner).values(until=wall_now()))
