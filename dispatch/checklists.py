"""The lists of papers of each procedure as they were published, and the edition that a dossier keeps.

A dossier keeps the edition in force when its papers are first accepted: by the postman, or at the counter. Whoever
hears of the earlier acceptance last, the earlier one counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import local
from config.database import Base, UtcDateTime
from dispatch.checklist_choice import RULE, Edition, Item, ListSource, in_force
from dispatch.checklist_forms import ChecklistForm
from dispatch.dossiers import Dossier
from dispatch.papers import InvalidPapers, Paper, check_papers
from dispatch.problems import Problem, refused


class Checklist(Base):
    """One published edition; ``items`` are name, originals, copies and whether it is required. It never changes."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("procedure_code", "source", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(60))
    source: Mapped[ListSource]
    version: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    items: Mapped[list[Any]]
    published_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def edition(self) -> Edition:
        """The edition as the choice sees it."""
        items = tuple(Item(*item) for item in self.items)
        return Edition(self.id, ListSource(self.source), self.version, self.valid_from, items)


class ChecklistFixing(Base):
    """An acceptance of a dossier's papers, and the edition in force at it; the earliest acceptance counts."""

    __tablename__ = "checklist_fixing"

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    evidence: Mapped[str] = mapped_column(String(200), primary_key=True)
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def publish(
    session: Session, procedure: str, form: ChecklistForm, publisher: str, now: datetime
) -> tuple[Edition, bool]:
    """Keep an edition; tells whether it is new. The same edition again changes nothing.

    Raises:
        Problem: the list cannot be counted, or the version was published with another content.
    """
    items = [[item.name, item.originals, item.copies, item.required] for item in _checked(form)]
    query = select(Checklist).where(
        Checklist.procedure_code == procedure, Checklist.source == form.source, Checklist.version == form.version
    )
    known = session.scalars(query).first()
    if known is not None:
        if (known.items, known.valid_from) != (items, form.valid_from):
            raise _published_otherwise(procedure, form)
        return known.edition, False
    row = Checklist(
        procedure_code=procedure,
        source=form.source,
        version=form.version,
        valid_from=form.valid_from,
        items=items,
        published_by=publisher,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    return row.edition, True


def fix(session: Session, dossier: Dossier, at: datetime, evidence: str, now: datetime) -> None:
    """Note that a dossier's papers were accepted at ``at``; the same evidence counts once."""
    edition = current(session, dossier.procedure_code, at)
    if edition is None or session.get(ChecklistFixing, (dossier.code, evidence)) is not None:
        return
    values = {"checklist_id": edition.id, "at": at, "recorded_at": now}
    session.add(ChecklistFixing(dossier_code=dossier.code, evidence=evidence, **values))
    session.flush()


def kept(session: Session, dossier: Dossier) -> Edition | None:
    """Return the edition that a dossier keeps; None before its papers are accepted, or where none was published."""
    query = (
        select(Checklist)
        .join(ChecklistFixing, ChecklistFixing.checklist_id == Checklist.id)
        .where(ChecklistFixing.dossier_code == dossier.code)
        .order_by(ChecklistFixing.at, ChecklistFixing.evidence)
    )
    row = session.scalars(query).first()
    return row.edition if row is not None else None


def kept_or_current(session: Session, dossier: Dossier, at: datetime) -> Edition | None:
    """Return the edition that counts for a dossier at ``at``, accepted or not."""
    return kept(session, dossier) or current(session, dossier.procedure_code, at)


def current(session: Session, procedure: str, at: datetime) -> Edition | None:
    """Return the edition of a procedure that is in force at ``at``; None where none was published."""
    rows = session.scalars(select(Checklist).where(Checklist.procedure_code == procedure))
    return in_force((row.edition for row in rows), local(at).date())


def _checked(form: ChecklistForm) -> list[Item]:
    try:
        papers = check_papers([Paper(item.name, item.originals, item.copies) for item in form.items])
    except InvalidPapers as refusal:
        raise refused("paper-list", refusal) from refusal
    pairs = zip(papers, form.items, strict=True)
    return [Item(paper.name, paper.originals, paper.copies, item.required) for paper, item in pairs]


def _published_otherwise(procedure: str, form: ChecklistForm) -> Problem:
    return Problem(
        "checklist-version",
        "This version was published with another content",
        f"Version '{form.version}' ({form.source}) of procedure {procedure} is known with other papers or another day.",
        f"Publish what has changed under a version of its own: dossiers keep the one they were accepted with ({RULE}).",
        next_step_vi="Công bố nội dung thay đổi bằng phiên bản mới; hồ sơ đã nhận giữ phiên bản tại thời điểm nhận.",
        status=409,
    )
