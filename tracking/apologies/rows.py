"""Apologies as they are stored: one row for each promise, and facts about it that only ever grow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import Together, insert_or_update, write_rows
from config.database import Base, EncryptedText, UtcDateTime
from dispatch.parties import Party
from tracking.apologies.decision import Failing, NewDate, Owed
from tracking.apologies.standing import Doing, Standing, State, state_after
from tracking.deadlines.rules import RuleId

OPEN = text("state = 'draft'")
"""Which apologies wait for a signature, as their index says it and every query of them has to."""


class Apology(Base):
    """One apology for one promise; what it says stands in its facts, the rest of the row mirrors the last of them.

    Attributes:
        number: the letter's own, unique; it comes from the dossier, so a retry gives the same.
        due: the due date, where it is a result that was promised.
    """

    __tablename__ = "apology"
    __table_args__ = (
        UniqueConstraint("dossier_code", "promise"),
        UniqueConstraint("number"),
        Index("ix_apology_open", "sign_by", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"))
    promise: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80))
    state: Mapped[State]
    failing: Mapped[Failing]
    debtor: Mapped[Party]
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_number: Mapped[str | None] = mapped_column(String(80))
    sign_by: Mapped[date]
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApologyFact(Base):
    """One thing that happened to an apology. Names of people and the text of the letter are in ``content``.

    Attributes:
        place: facts of one apology are numbered from 1 in the order in which they were recorded.
        at: when it happened; of a signature, when the officer signed.
    """

    __tablename__ = "apology_fact"

    apology_id: Mapped[int] = mapped_column(ForeignKey("apology.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    doing: Mapped[Doing]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[str] = mapped_column(EncryptedText)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def read(self) -> dict[str, Any]:
        """Return what the fact says."""
        said: dict[str, Any] = json.loads(self.content)
        return said


class ApologyLook(Base):
    """A dossier in which a promise may have been broken without anybody seeing it run out: facts came in late."""

    __tablename__ = "apology_look"

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


def look_at(session: Session, dossier_code: str, now: datetime) -> None:
    """Let the next round of the watch look at a dossier."""
    _put_looks(session, {"dossier_code": dossier_code, "since": now})


def apologies_of(session: Session, dossier_code: str) -> list[Apology]:
    """Return every apology of a dossier, oldest first."""
    return list(session.scalars(select(Apology).where(Apology.dossier_code == dossier_code).order_by(Apology.id)))


def facts_of(session: Session, apology: Apology) -> list[ApologyFact]:
    """Return what happened to an apology, in the order in which it was recorded."""
    query = select(ApologyFact).where(ApologyFact.apology_id == apology.id)
    return list(session.scalars(query.order_by(ApologyFact.place)))


def standing_of(facts: Sequence[ApologyFact]) -> Standing:
    """Return how an apology stands by its facts."""
    draft = next(fact for fact in reversed(facts) if fact.doing is Doing.DRAFTED)
    return Standing(state_after(fact.doing for fact in facts), _owed(draft.read()))


def add_apology(session: Session, dossier_code: str, owed: Owed, now: datetime) -> Apology:
    """Draft the first letter for a promise; the dossier is locked, so its letters are numbered one by one."""
    place = len(apologies_of(session, dossier_code)) + 1
    apology = Apology(
        dossier_code=dossier_code,
        promise=owed.promise,
        number=f"{dossier_code}-XL{place}",
        state=State.DRAFT,
        **_mirrored(owed, now),
    )
    session.add(apology)
    session.flush()
    add_fact(session, apology, Doing.DRAFTED, asdict(owed), now, now)
    return apology


def draft_again(session: Session, apology: Apology, owed: Owed, now: datetime) -> None:
    """Draft the letter anew: the facts have changed, or it is owed again."""
    for name, value in _mirrored(owed, now).items():
        setattr(apology, name, value)
    add_fact(session, apology, Doing.DRAFTED, asdict(owed), now, now)


def add_fact(
    session: Session, apology: Apology, doing: Doing, content: dict[str, Any], at: datetime, now: datetime
) -> None:
    """Append a fact and let the row say how the apology stands now."""
    known = facts_of(session, apology)
    session.add(
        ApologyFact(
            apology_id=apology.id,
            place=len(known) + 1,
            doing=doing,
            at=at,
            content=json.dumps(content, default=_iso, ensure_ascii=False),
            recorded_at=now,
        )
    )
    apology.state = state_after(doing for doing in (*(fact.doing for fact in known), doing))
    session.flush()


def _mirrored(owed: Owed, now: datetime) -> dict[str, Any]:
    return {
        "failing": owed.failing,
        "debtor": owed.debtor,
        "due": owed.due,
        "order_number": owed.order_number,
        "sign_by": owed.sign_by,
        "drafted_at": now,
    }


def _owed(said: dict[str, Any]) -> Owed:
    return Owed(
        promise=said["promise"],
        failing=Failing(said["failing"]),
        debtor=Party(said["debtor"]),
        rule=RuleId(said["rule"]),
        legal_source=said["legal_source"],
        promised_on=date.fromisoformat(said["promised_on"]),
        sign_by=date.fromisoformat(said["sign_by"]),
        new_date=NewDate(said["new_date"]),
        due=datetime.fromisoformat(said["due"]) if said["due"] else None,
        order_number=said["order_number"],
        proposed=date.fromisoformat(said["proposed"]) if said["proposed"] else None,
    )


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_looks(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    newest = {row["dossier_code"]: row for row in rows}
    statement = insert_or_update(session, ApologyLook).on_conflict_do_nothing()
    write_rows(session, statement, list(newest.values()))


_put_looks: Together[dict[str, Any]] = Together(_write_looks)
