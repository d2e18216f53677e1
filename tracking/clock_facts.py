"""A dossier's clock facts and the due dates that follow from them: both only ever grow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, delete, func, insert, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.accounts import Accounts
from config.batch import RowsOf, Together, among, write_rows
from config.clock import local
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier
from dispatch.forms import DossierForm
from dispatch.news import DUE_DATE, tell_onestop
from dispatch.problems import Problem
from tracking.apologies.promises import any_broken
from tracking.apologies.rows import look_at
from tracking.deadlines.explain import explain_ledger
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.ledger import Ledger, Verdict, fold
from tracking.deadlines.terms import Term, Unit
from tracking.deadlines.transitions import ClockState
from tracking.dossier_clocks import mirror
from tracking.office import Office
from tracking.result_pickup import plan_pickup


class ClockFactRow(Base):
    """One stored :class:`~tracking.deadlines.facts.ClockFact`."""

    __tablename__ = "clock_fact"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    kind: Mapped[FactKind]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    rule: Mapped[str] = mapped_column(String(60))
    evidence: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    new_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    voids: Mapped[str | None] = mapped_column(String(200))
    calendar_version: Mapped[str] = mapped_column(String(60))


class DueVersion(Base):
    """One version of a dossier's due date. ``due`` is empty before the start and while the clock stands still.

    The verdicts fall with the result at the desk, against the first date and against the one in force: which of them
    national statistics use for an extended dossier is not known.
    """

    __tablename__ = "due_version"

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    original_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict_original: Mapped[Verdict | None]
    verdict_current: Mapped[Verdict | None]
    cause: Mapped[str] = mapped_column(String(200))
    calendar_version: Mapped[str] = mapped_column(String(60))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClockContradiction(Base):
    """A fact that contradicts the others as they are known now; it goes when a later fact settles it."""

    __tablename__ = "clock_contradiction"

    fact_id: Mapped[str] = mapped_column(ForeignKey("clock_fact.id"), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    what: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def handover_fact_id(dossier_code: str, number: str) -> str:
    """Return the id of the clock fact that stands for a dossier's line in a signed handover record."""
    return f"{dossier_code}:handover:{number}"


def contradiction_of(session: Session, fact_id: str) -> str | None:
    """Return what is wrong with a fact as the others are known now; None where nothing is."""
    row = session.get(ClockContradiction, fact_id)
    return row.what if row is not None else None


def record_fact(session: Session, dossier_code: str, fact: ClockFact) -> bool:
    """Append a fact; one with a known id is the same fact. Tells whether it is new.

    The new date of an extension must be an instant by now (:func:`tracking.dossier_events.take_event` sees to it).
    """
    if any(known.id == fact.id for known in _FACTS.of(session, dossier_code)):
        return False
    _FACTS.add(session, dossier_code, fact)
    _insert_facts(session, {"dossier_code": dossier_code, **{name: getattr(fact, name) for name in _FACT}})
    return True


def keep_printed_term(session: Session, code: str, form: DossierForm) -> None:
    """Refuse a registration that would change the time limit of a clock that has started.

    Raises:
        Problem: the term, the cutoff or the owner of the due date differs from what the receipt was printed with.
    """
    dossier = session.get(Dossier, code, with_for_update={"key_share": True})
    if dossier is None or not facts_of(session, code):
        return
    limit = form.procedure.time_limit
    printed = (dossier.term_amount, dossier.term_unit, dossier.cutoff, dossier.due_date_owner)
    if printed != (limit.amount, limit.unit, form.procedure.cutoff, form.due_date_owner):
        raise Problem(
            "term-printed",
            "The time limit has been printed",
            f"Dossier {code} has been accepted with {dossier.term_amount} {dossier.term_unit}; its clock has started.",
            "Send the dossier with the time limit it was accepted with; a later date is an event of type 'extended'.",
            next_step_vi="Giữ nguyên thời hạn đã in trên giấy tiếp nhận; nếu cần thêm thời gian, gửi sự kiện gia hạn.",
            status=409,
        )


def facts_of(session: Session, dossier_code: str) -> list[ClockFact]:
    """Return every clock fact of a dossier."""
    return _FACTS.of(session, dossier_code)


def ledger_of(session: Session, office: Office, dossier: Dossier) -> Ledger:
    """Return the dossier's ledger as its facts make it now."""
    term = Term(dossier.term_amount, Unit(dossier.term_unit))
    facts = facts_of(session, dossier.code)
    return fold(facts, term, office.calendars, office.rules, office.due_time, dossier.cutoff)


def latest_version(session: Session, dossier_code: str) -> DueVersion | None:
    """Return the due date as it was last told, or None when there is none yet."""
    versions = _VERSIONS.of(session, dossier_code)
    return versions[-1] if versions else None


def recompute(
    session: Session, office: Office, accounts: Accounts, dossier: Dossier, cause: str, now: datetime
) -> tuple[Ledger, DueVersion | None]:
    """Fold the facts again; a changed date becomes a new version and is owed to the one-stop.

    Returns the ledger and the new version, or None where nothing changed. Where a ministry's own system sets the due
    date we keep the facts and set none (Decree 224/2026/NĐ-CP Art. 15(1)(i)).
    """
    ledger = ledger_of(session, office, dossier)
    _note_contradictions(session, dossier, ledger)
    if dossier.due_date_owner == "us":
        mirror(session, dossier, ledger)
    before = latest_version(session, dossier.code)
    if _told(before) == _decided(ledger) or dossier.due_date_owner != "us":
        return ledger, None
    version = DueVersion(
        dossier_code=dossier.code,
        revision=before.revision + 1 if before else 1,
        state=ledger.state.value,
        due=ledger.current_due,
        original_due=ledger.original_due,
        verdict_original=ledger.verdict_original,
        verdict_current=ledger.verdict_current,
        cause=cause,
        calendar_version=office.calendar_version,
        computed_at=now,
    )
    session.add(version)
    _VERSIONS.add(session, dossier.code, version)
    if any_broken(ledger, now):
        look_at(session, dossier.code, now)
    if ledger.state is not ClockState.STOPPED:
        plan_pickup(session, office, dossier.code, ledger.current_due)
    _tell(session, office, accounts, dossier, ledger, version, now)
    return ledger, version


def _told(version: DueVersion | None) -> tuple[object, ...]:
    if version is None:
        return (ClockState.NOT_STARTED.value, None, None, None, None)
    verdicts = (version.verdict_original, version.verdict_current)
    return (version.state, version.due, version.original_due, *verdicts)


def _decided(ledger: Ledger) -> tuple[object, ...]:
    verdicts = (ledger.verdict_original, ledger.verdict_current)
    return (ledger.state.value, ledger.current_due, ledger.original_due, *verdicts)


def _note_contradictions(session: Session, dossier: Dossier, ledger: Ledger) -> None:
    found = [
        {
            "fact_id": line.fact.id,
            "dossier_code": dossier.code,
            "what": str(line.contradiction),
            "recorded_at": line.fact.recorded_at,
        }
        for line in ledger.contradictions
    ]
    _put_contradictions(session, (dossier.code, found))


def _tell(
    session: Session,
    office: Office,
    accounts: Accounts,
    dossier: Dossier,
    ledger: Ledger,
    version: DueVersion,
    now: datetime,
) -> None:
    tell_onestop(session, accounts, dossier, DUE_DATE, f"{version.revision}", _news(office, ledger, version), now)


def told_of_due(session: Session, office: Office, dossier: Dossier) -> dict[str, Any] | None:
    """Return what was last told of a dossier's due date; None where nothing of it was ours to tell."""
    version = latest_version(session, dossier.code)
    return _news(office, ledger_of(session, office, dossier), version) if version is not None else None


def _news(office: Office, ledger: Ledger, version: DueVersion) -> dict[str, Any]:
    cause = next((line for line in ledger.lines if line.fact.id == version.cause), ledger.lines[-1])
    line = explain_ledger(replace(ledger, lines=(cause,)), office.calendars, office.rules)[0]
    return {
        "due": local(version.due).isoformat() if version.due else None,
        "revision": version.revision,
        "state": version.state,
        "reason_vi": line["text_vi"],
        "reason_en": line["text_en"],
        "legal_source": line["legal_source"],
    }


_FACT = tuple(field.name for field in fields(ClockFact))


def _read_facts(session: Session, codes: Collection[str]) -> Iterator[tuple[str, ClockFact]]:
    columns = [getattr(ClockFactRow, name) for name in _FACT]
    query = select(ClockFactRow.dossier_code, *columns).where(among(session, ClockFactRow.dossier_code, codes))
    for code, *values in session.execute(query):
        yield code, ClockFact(*values)


def _read_latest_versions(session: Session, codes: Collection[str]) -> Iterator[tuple[str, DueVersion]]:
    newest = select(DueVersion.dossier_code, func.max(DueVersion.revision)).where(
        among(session, DueVersion.dossier_code, codes)
    )
    is_newest = tuple_(DueVersion.dossier_code, DueVersion.revision).in_(newest.group_by(DueVersion.dossier_code))
    for version in session.scalars(select(DueVersion).where(is_newest)):
        yield version.dossier_code, version


def _replace_contradictions(session: Session, found: list[tuple[str, list[dict[str, Any]]]]) -> None:
    newest = dict(found)
    session.execute(delete(ClockContradiction).where(ClockContradiction.dossier_code.in_(newest)))
    if rows := [row for rows in newest.values() for row in rows]:
        write_rows(session, insert(ClockContradiction), rows)


_FACTS = RowsOf(Dossier, _read_facts)
_VERSIONS = RowsOf(Dossier, _read_latest_versions)
_insert_facts: Together[dict[str, Any]] = Together(
    lambda session, rows: write_rows(session, insert(ClockFactRow), rows)
)
_put_contradictions = Together(_replace_contradictions)
