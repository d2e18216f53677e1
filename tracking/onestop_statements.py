"""What came of each statement of a one-stop system: the last word on it, for staff and for the statements after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Delete, Index, String, delete, select, text, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, BigId, EncryptedText, UtcDateTime
from dispatch.retention import CHUNK


class Word(StrEnum):
    """What came of a statement.

    ``applied``: it took its effect. ``repeated``: it says what was said before. ``older``: the same system has said
    something newer on the same matter, which stands. ``contradicts``: kept as a fact that does not fit the others.
    ``awaits``: what it is about is not here yet. ``refused``: it cannot be done as it stands. ``broken``: a fault here.
    """

    APPLIED = "applied"
    REPEATED = "repeated"
    OLDER = "older"
    CONTRADICTS = "contradicts"
    AWAITS = "awaits"
    REFUSED = "refused"
    BROKEN = "broken"


WAITING = frozenset({Word.AWAITS, Word.REFUSED, Word.BROKEN})
"""What is not done with. A refused statement is tried again only when a person says so: by then it could do harm."""

_WAITS = text("outcome IN ('awaits', 'refused', 'broken')")

_MATTERS = {
    "dossier": ("dossier",),
    "order": ("order", "cancel"),
    "cancel": ("order", "cancel"),
    "address": ("address",),
}
"""Of which only the newest counts. Events all count, by the time at which they happened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a statement, in words; ``title`` and what follows it are empty where there is nothing to say."""

    word: Word
    title: str = ""
    detail: str = ""
    next_step: str = ""
    next_step_vi: str = ""


class StatementRow(Base):
    """One statement and its outcome, as of its last try.

    Attributes:
        key: the sender's id of it, unique within the ``source``.
        delivery_id: the delivery in the inbox that brought it.
        digest: of its body, by which a repetition is known.
        said_at: when the sender said it, by its own clock; None where it does not tell.
        detail: may repeat what a citizen wrote, hence encrypted.
    """

    __tablename__ = "onestop_statement"
    __table_args__ = (
        Index("ix_onestop_statement_waiting", "delivery_id", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    delivery_id: Mapped[int] = mapped_column(BigId)
    digest: Mapped[str] = mapped_column(String(64))
    said_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Word]
    title: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(EncryptedText)
    next_step: Mapped[str] = mapped_column(String(500))
    next_step_vi: Mapped[str] = mapped_column(String(500))
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def known(session: Session, source: str, key: str) -> StatementRow | None:
    """Return what came of a statement so far, or None."""
    return session.get(StatementRow, (source, key))


def earlier(session: Session, row: StatementRow) -> list[StatementRow]:
    """Return what took effect of what the same system said of the dossier on the same matter, newest last."""
    took_effect = StatementRow.outcome.in_((Word.APPLIED, Word.REPEATED))
    query = select(StatementRow).where(*_on_the_matter_of(row), took_effect, StatementRow.key != row.key)
    return list(session.scalars(query.order_by(StatementRow.delivery_id)))


def _on_the_matter_of(row: StatementRow) -> tuple[ColumnElement[bool], ...]:
    kinds = StatementRow.kind.in_(_MATTERS.get(row.kind, ()))
    return StatementRow.dossier_code == row.dossier_code, StatementRow.source == row.source, kinds


def write_down(session: Session, row: StatementRow, outcome: Outcome, now: datetime) -> None:
    """Keep what came of a statement at this try."""
    row.outcome, row.tried_at = outcome.word, now
    row.title, row.detail = outcome.title[:300], outcome.detail[:1000]
    row.next_step, row.next_step_vi = outcome.next_step[:500], outcome.next_step_vi[:500]
    session.add(row)
    session.flush()


def overtake(session: Session, newer: StatementRow) -> Collection[int]:
    """Let what was refused on the same matter rest once something newer took effect; returns its deliveries."""
    before = (StatementRow.delivery_id < newer.delivery_id, StatementRow.outcome == Word.REFUSED)
    query = select(StatementRow).where(*_on_the_matter_of(newer), *before)
    rows = session.scalars(query).all()
    for row in rows:
        row.outcome = Word.OLDER
    session.flush()
    deliveries = {row.delivery_id for row in rows}
    waits = select(StatementRow.delivery_id).where(_WAITS, StatementRow.delivery_id.in_(deliveries))
    return deliveries - set(session.scalars(waits))


def waiting_in(session: Session, delivery_id: int) -> list[StatementRow]:
    """Return what waits of a delivery."""
    query = select(StatementRow).where(_WAITS, StatementRow.delivery_id == delivery_id)
    return list(session.scalars(query.order_by(StatementRow.key)))


def newest(session: Session, code: str | None, most: int, *, only_waiting: bool = False) -> list[StatementRow]:
    """Return what was said, of one dossier or of all, the last first."""
    query = select(StatementRow).order_by(StatementRow.tried_at.desc(), StatementRow.delivery_id.desc()).limit(most)
    if code is not None:
        query = query.where(StatementRow.dossier_code == code)
    if only_waiting:
        query = query.where(_WAITS)
    return list(session.scalars(query))


def let_rest(session: Session, deliveries: Collection[int]) -> None:
    """Be done with what waits of deliveries which something newer has overtaken, or which a person has settled."""
    waits = update(StatementRow).where(_WAITS, StatementRow.delivery_id.in_(deliveries))
    session.execute(waits.values(outcome=Word.OLDER), execution_options={"synchronize_session": False})


def old(before: datetime) -> Delete:
    """Return what drops some of what has not been tried for long; what was refused waits for a person."""
    done = (StatementRow.tried_at < before, StatementRow.outcome != Word.REFUSED)
    some = select(StatementRow.source, StatementRow.key).where(*done).limit(CHUNK)
    return delete(StatementRow).where(tuple_(StatementRow.source, StatementRow.key).in_(some))
