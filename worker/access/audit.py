"""The audit trail: who did or read what, when, and how it ended. It only grows; each entry vouches for those before
(:mod:`worker.access.audit_check`).

Entries of a transaction are written when it commits, after everything else: whoever waits for the end of the chain then
holds no lock that somebody at the end of it could be waiting for. If the transaction is rolled back, so are they.
All times are real time, as a driven clock does not say when somebody looked.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Index, String, event, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import wall_now
from config.database import READ_ONLY, Base, BigId, Database, UtcDateTime, keyring
from worker.access.actor import Actor
from worker.access.chain import START, hash_of, sealed

Fields = dict[str, Any]
"""What an entry says, by its columns, before it has its place in the chain."""

_PENDING = "audit"
_OWED: ContextVar[list[Fields] | None] = ContextVar("owed_to_the_audit_trail", default=None)
_LOCK = 0x706F7374
"""The advisory lock of PostgreSQL by which one transaction at a time adds to the end of the chain."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"


class AuditEntry(Base):
    """One entry. Triggers of the database refuse to change or delete it (migration).

    Attributes:
        action: what was done, like ``dossier.read``.
        subject: on what, like the code of a dossier or the number of an order; never a person's name.
        details: what else is worth knowing; no personal data.
        trace: the request's id, which log lines carry, too.
        hash, seal: see :mod:`worker.access.chain`.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "seq"), Index("ix_audit_entry_actor", "actor", "seq"))

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(200))
    agency: Mapped[str | None] = mapped_column(String(60))
    outcome: Mapped[Outcome]
    details: Mapped[dict[str, Any]]
    trace: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


HASHED = ("at", "actor_kind", "actor", "action", "subject", "agency", "outcome", "details", "trace")
"""What a hash is made of, beside the number."""


def note(
    session: Session,
    actor: Actor,
    action: str,
    *,
    subject: str | None = None,
    agency: str | None = None,
    outcome: Outcome = Outcome.DONE,
    details: dict[str, Any] | None = None,
) -> None:
    """Put an entry into the trail with what else the transaction of ``session`` does; it is written at its end.

    Raises:
        ValueError: the session is for reading: what is noted there would be lost. Use :func:`note_now`.
    """
    if session.get_bind().get_execution_options().get(READ_ONLY):
        raise ValueError("this session only reads; note it with note_now")
    fields = entry(actor, action, subject=subject, agency=agency, outcome=outcome, details=details)
    session.info.setdefault(_PENDING, []).append(fields)


def entry(
    actor: Actor,
    action: str,
    *,
    subject: str | None = None,
    agency: str | None = None,
    outcome: Outcome = Outcome.DONE,
    details: dict[str, Any] | None = None,
) -> Fields:
    """Return what an entry says, for :func:`owing`."""
    return {
        "at": wall_now(),
        "actor_kind": actor.kind.value,
        "actor": actor.name[:200],
        "action": action,
        "subject": subject[:200] if subject else None,
        "agency": agency,
        "outcome": outcome.value,
        "details": details or {},
        "trace": structlog.contextvars.get_contextvars().get("request_id"),
    }


def owing() -> list[Fields]:
    """Return a list for entries that the next transaction of this context writes with what it changes.

    Whoever lets a request in knows who is about to change what; whether it happens only its transaction knows. One that
    is rolled back leaves them owed, one that only reads does, too, and in the end nothing was changed.
    """
    owed: list[Fields] = []
    _OWED.set(owed)
    return owed


def note_now(database: Database, actor: Actor, action: str, **more: Any) -> None:
    """Put one entry into the trail, in a transaction of its own: before something is shown, or after a refusal."""
    with database.write() as session:
        note(session, actor, action, **more)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    # A nested transaction commits into the one around it, whose end is what counts.
    if session.in_nested_transaction() or not (pending := [*session.info.pop(_PENDING, ()), *_owed_to(session)]):
        return
    session.flush()  # nothing may have to wait for a row once the end of the chain is ours
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seq, previous = session.execute(_END).one_or_none() or (0, START)
    rows = []
    for fields in pending:
        seq += 1
        previous = hash_of(previous, {"seq": seq, **fields})
        rows.append({"seq": seq, **fields, "hash": previous, "seal": seal(sealed(seq, previous))})
    session.execute(insert(AuditEntry), rows)


def _owed_to(session: Session) -> list[Fields]:
    owed = _OWED.get()
    if not owed or session.get_bind().get_execution_options().get(READ_ONLY):
        return []
    entries, owed[:] = list(owed), []
    return entries


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)


LATEST = AuditEntry.seq.desc()
_END = select(AuditEntry.seq, AuditEntry.hash).order_by(LATEST).limit(1)


def entries(
    session: Session, *, subject: str | None = None, actor: str | None = None, before: int | None = None, most: int = 50
) -> list[AuditEntry]:
    """Return entries, the latest first."""
    query = select(AuditEntry).order_by(LATEST).limit(most)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    return list(session.scalars(query))


def seal(text: str) -> str:
    """Return the seal of a text, made with the data key."""
    return keyring.blind_index(text)
