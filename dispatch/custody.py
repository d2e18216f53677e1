"""Who holds which paper. Facts only: a wrong one is answered by another, nothing is edited.

What one piece of evidence says may be stated again with a better time; then the last statement counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import RowsOf, Together, among, write_rows
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier, DossierPaper, PaperKind, add_papers, get_dossier, list_papers
from dispatch.papers import Paper, name_on_list, reissued_name
from dispatch.shipments import Shipment

CITIZEN = "citizen"
STRANGER = "stranger"
"""Whoever was given papers that are not theirs, until these are back with the post."""
SUPERSEDED = "superseded"
"""Of an original in whose place another was issued: whoever has it has a paper that counts for nothing."""
_AGENCY = "agency:"
_ISSUED = "issued again: "
"""How the evidence begins by which a paper came into being in another's place."""


class CustodyFact(Base):
    """From ``at`` on, ``holder`` has the paper; ``evidence`` names the record, event or signature that says so."""

    __tablename__ = "custody_fact"
    __table_args__ = (UniqueConstraint("paper_id", "evidence", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("dossier_paper.id"), index=True)
    holder: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Holding:
    """A paper and its one holder now. ``since`` is empty while it is where it was made."""

    paper: DossierPaper
    holder: str
    since: datetime | None


def agency(code: str) -> str:
    """Return the holder's name of an agency."""
    return f"{_AGENCY}{code}"


def is_agency(holder: str) -> bool:
    """Whether a holder is an agency, whichever."""
    return holder.startswith(_AGENCY)


def post(carrier: str) -> str:
    """Return the holder's name of a postal operator."""
    return f"post:{carrier}"


def hand_over(
    session: Session, papers: Iterable[DossierPaper], holder: str, at: datetime, evidence: str, now: datetime
) -> None:
    """Record that the papers went to ``holder``. The same evidence for the same paper is recorded once."""
    for paper in papers:
        known = _FACTS.of(session, paper.dossier_code)
        if not any(fact.paper_id == paper.id and fact.evidence == evidence for fact in known):
            _record(session, paper.dossier_code, _fact(paper.id, holder, at, evidence, now))


def restate(session: Session, dossier_code: str, evidence: str, at: datetime, now: datetime) -> None:
    """Say of every paper that ``evidence`` moved that it went at ``at``, as an event that was heard of late tells."""
    for _, fact in chain(session, dossier_code):
        if fact.evidence == evidence and fact.at != at:
            _record(session, dossier_code, _fact(fact.paper_id, fact.holder, at, evidence, now))


def issue_again(session: Session, paper: DossierPaper, holder: str, at: datetime, evidence: str, now: datetime) -> None:
    """End an original by a fact, and begin another in its place, which ``holder`` has."""
    hand_over(session, [paper], SUPERSEDED, at, evidence, now)
    of_its_name = [
        one
        for one in list_papers(session, paper.dossier_code)
        if one.kind is paper.kind and name_on_list(one.name) == name_on_list(paper.name)
    ]
    again = Paper(reissued_name(paper.name, len(of_its_name)), paper.originals, paper.copies)
    fresh = add_papers(session, paper.dossier_code, paper.kind, (again,))
    hand_over(session, fresh, holder, at, f"{_ISSUED}{evidence}"[:200], now)


def issued_since(session: Session, dossier_code: str, at: datetime | None) -> set[int]:
    """Return the ids of papers that were issued again after ``at``: no parcel that was on its way by then has them."""
    facts = _facts(session, dossier_code) if at is not None else []
    return {fact.paper_id for fact in facts if fact.evidence.startswith(_ISSUED) and at is not None and fact.at > at}


def papers_in_use(session: Session, dossier_code: str) -> list[DossierPaper]:
    """Return the papers of a dossier, without those in whose place others were issued."""
    return [holding.paper for holding in holdings(session, dossier_code)]


def holdings(session: Session, dossier_code: str) -> list[Holding]:
    """Return each paper of a dossier with its holder: the one named by the latest fact in event time.

    Before any fact, submitted papers are the citizen's and results the agency's. What was superseded is nobody's.
    """
    agency_code = get_dossier(session, dossier_code).agency_code
    papers = list_papers(session, dossier_code)
    latest = {fact.paper_id: fact for fact in _facts(session, dossier_code)}
    found = [_holding(paper, latest.get(paper.id), agency_code) for paper in papers]
    return [holding for holding in found if holding.holder != SUPERSEDED]


def held_by(session: Session, dossier_code: str, holder: str) -> list[DossierPaper]:
    """Return the papers of a dossier that ``holder`` has now."""
    return [holding.paper for holding in holdings(session, dossier_code) if holding.holder == holder]


def is_with_post(session: Session, shipment: Shipment) -> bool:
    """Whether a signed record or slip says that the operator has a shipment's papers, whatever it has reported.

    What it has while a return leg still waits for the result are the papers of the way to the agency.
    """
    return not shipment.waits_for_result and bool(held_by(session, shipment.dossier_code, post(shipment.carrier)))


def chain(session: Session, dossier_code: str) -> list[tuple[DossierPaper, CustodyFact]]:
    """Return every change of hands of a dossier's papers, in event time."""
    papers = {paper.id: paper for paper in list_papers(session, dossier_code)}
    return [(papers[fact.paper_id], fact) for fact in _facts(session, dossier_code)]


def discard_results(session: Session, dossier_code: str) -> None:
    """Take results off a dossier's list that were reported by mistake; what has changed hands is real and stays."""
    results = [paper for paper in list_papers(session, dossier_code) if paper.kind is PaperKind.RESULT]
    moved = {fact.paper_id for fact in _facts(session, dossier_code)}
    for paper in results:
        if paper.id not in moved:
            session.delete(paper)
    session.flush()


def _holding(paper: DossierPaper, fact: CustodyFact | None, agency_code: str) -> Holding:
    if fact is not None:
        return Holding(paper, fact.holder, fact.at)
    return Holding(paper, CITIZEN if paper.kind is PaperKind.SUBMITTED else agency(agency_code), None)


def _facts(session: Session, dossier_code: str) -> list[CustodyFact]:
    stated = {(fact.paper_id, fact.evidence): fact for fact in _FACTS.of(session, dossier_code)}
    return sorted(stated.values(), key=lambda fact: fact.at)  # of one moment, the later recorded


def _fact(paper_id: int, holder: str, at: datetime, evidence: str, now: datetime) -> dict[str, Any]:
    return {"paper_id": paper_id, "holder": holder, "at": at, "evidence": evidence, "recorded_at": now}


def _record(session: Session, dossier_code: str, fact: dict[str, Any]) -> None:
    _FACTS.add(session, dossier_code, CustodyFact(**fact))
    _insert(session, fact)


def _read(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, CustodyFact]]:
    query = select(DossierPaper.dossier_code, CustodyFact).join(CustodyFact, CustodyFact.paper_id == DossierPaper.id)
    query = query.where(among(session, DossierPaper.dossier_code, dossier_codes)).order_by(CustodyFact.id)
    return ((code, fact) for code, fact in session.execute(query))


_FACTS = RowsOf(Dossier, _read)
_insert: Together[dict[str, Any]] = Together(lambda session, facts: write_rows(session, insert(CustodyFact), facts))
