"""Dossiers that were there before somebody keeps copies of them: each is told once, a little at a time.

A dossier that is registered is told to whoever keeps copies by then. When a system with ``copies`` is configured for
the first time, this brings it the older ones, in the order of their codes, and never more at once than it takes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from sqlalchemy import String, delete, exists, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.accounts import OneStopSystem
from config.batch import insert_or_update
from config.database import Base, UtcDateTime
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.news import ONESTOP, tell_again
from dispatch.outbox_lines import PENDING
from dispatch.outbox_rows import OutboxMessage
from tracking.clock_facts import told_of_due
from tracking.office import Office

_AT_ONCE = 50
_MOST_WAITING = 500
"""Undelivered messages to one system beyond which it is brought nothing more for now."""

log = structlog.get_logger()


class OnestopCopying(Base):
    """How far a system has been told of the dossiers of a source system of which it keeps copies.

    Attributes:
        told_until: the last code that was looked at, None before the first.
        done_at: since when it has been told of all; new dossiers are told as they are registered (domain time).
    """

    __tablename__ = "onestop_copying"

    system: Mapped[str] = mapped_column(String(40), primary_key=True)
    source_system: Mapped[str] = mapped_column(String(80), primary_key=True)
    told_until: Mapped[str | None] = mapped_column(String(80))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def drain(context: Context, office: Office) -> int:
    """Owe each system what it can take now of what it has not been told; returns how many dossiers that were."""
    wanted = {(one.id, source): one for one in context.accounts.onestops for source in one.copies}
    if not wanted:
        return 0
    told = 0
    for pair in _unfinished(context, list(wanted)):
        while not context.closing.is_set():
            some = _tell_some(context, office, wanted[pair], pair[1])
            if some is None:
                break
            told += some
    return told


def _unfinished(context: Context, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is not told to its end, the systems that were configured since the last time among it."""
    with context.database.read() as session:
        known = {(row.system, row.source_system): row for row in session.scalars(select(OnestopCopying))}
    if known.keys() != set(wanted):
        with context.database.write() as session:
            _remember(session, known.keys(), wanted)
    return [pair for pair in wanted if pair not in known or known[pair].done_at is None]


def _remember(session: Session, known: Collection[tuple[str, str]], wanted: Sequence[tuple[str, str]]) -> None:
    """Give what is new its row. What is no longer configured loses it: when it comes back, it has missed something."""
    if gone := sorted(set(known) - set(wanted)):
        key = tuple_(OnestopCopying.system, OnestopCopying.source_system)
        session.execute(delete(OnestopCopying).where(key.in_(gone)))
    for system, source in wanted:
        new = insert_or_update(session, OnestopCopying).values(system=system, source_system=source)
        session.execute(new.on_conflict_do_nothing())


def _tell_some(context: Context, office: Office, system: OneStopSystem, source: str) -> int | None:
    """Owe a system the next few dossiers; returns how many, None where there are no more or it has enough for now."""
    now = context.clock.now()
    with context.database.write() as session:
        ours = (OnestopCopying.system == system.id, OnestopCopying.source_system == source)
        row = session.scalars(select(OnestopCopying).where(*ours).with_for_update(skip_locked=True)).one_or_none()
        if row is None or row.done_at is not None or _has_enough(session, system):
            return None
        some = _next(session, source, row.told_until)
        new = [one for one in some if not _knows(session, system, one.code)]
        for dossier in new:
            tell_again(session, system, dossier, told_of_due(session, office, dossier), now)
        row.told_until = some[-1].code if some else row.told_until
        row.done_at = now if len(some) < _AT_ONCE else None
        done = row.done_at is not None
    log.info("copies_told", system=system.id, source_system=source, dossiers=len(new), done=done)
    return len(new)


def _has_enough(session: Session, system: OneStopSystem) -> bool:
    waiting = select(OutboxMessage.id).where(PENDING, OutboxMessage.destination == f"{ONESTOP}{system.id}")
    some = waiting.limit(_MOST_WAITING).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) >= _MOST_WAITING


def _next(session: Session, source: str, after: str | None) -> Sequence[Dossier]:
    query = select(Dossier).where(Dossier.source_system == source, Dossier.code > (after or ""))
    return session.scalars(query.order_by(Dossier.code).limit(_AT_ONCE)).all()


def _knows(session: Session, system: OneStopSystem, code: str) -> bool:
    """Whether a dossier has been told to a system already."""
    told = exists().where(OutboxMessage.subject == code, OutboxMessage.destination == f"{ONESTOP}{system.id}")
    return bool(session.scalar(select(told)))
