"""A calendar that changes after receipts were printed: whose date would move, and moving it when staff have confirmed.

The swap of 2 January 2026 was announced eight days ahead, so such changes are normal. Nothing moves by itself; a date
that was printed is never shortened; each move is a fact with the document that announced the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from config.accounts import Accounts
from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from tracking.calendar_versions import CalendarVersion, keep_version
from tracking.clock_facts import ClockContradiction, recompute, record_fact
from tracking.deadlines.basis import moved
from tracking.deadlines.clock import ClockState
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.rules import RuleId
from tracking.dossier_clocks import DossierClock, basis_of
from tracking.notices import tell_citizen
from tracking.office import Office

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Move:
    """A due date that would move under the calendar in force."""

    dossier: str
    due_from: datetime
    due_to: datetime
    calendar_from: str


def impact(session: Session, office: Office) -> Iterator[Move]:
    """Yield every open dossier whose due date would move, without folding its history."""
    for row in session.execute(dated_otherwise(office)):
        if (move := _move(row, office)) is not None:
            yield move


def review(context: Context, office: Office) -> int:
    """Keep the calendar in force and count whom it would move, for the watch; returns the count.

    Dossiers that had no date because a year was missing get theirs at once: nothing was printed that could move.
    """
    now = context.clock.now()
    calendar = office.working_time.calendar
    with context.database.write() as session:
        keep_version(session, calendar, now)
    _date_undated(context, office)
    with context.database.read() as session:
        affected = sum(1 for _ in impact(session, office))
    with context.database.write() as session:
        version = session.get_one(CalendarVersion, calendar.version)
        version.affected, version.counted_at = affected, now
    return affected


def _date_undated(context: Context, office: Office) -> None:
    missing = select(ClockContradiction).where(ClockContradiction.what == Contradiction.CALENDAR_MISSING.value)
    with context.database.read() as session:
        waiting = [(row.dossier_code, row.fact_id) for row in session.scalars(missing)]
    for code, fact_id in waiting:
        with context.database.write() as session:
            dossier = get_dossier(session, code, lock=True)
            now = context.clock.now()
            _, dated = recompute(session, office, context.accounts, dossier, fact_id, now)
            if dated is not None and dated.due is not None:
                tell_citizen(session, dossier, "due_set", fact_id, now, due=dated.due)


def confirm(
    context: Context, office: Office, *, officer: str, document: str, codes: Iterable[str] | None
) -> list[Move]:
    """Let dossiers follow the calendar in force: all whose date moves, or those of ``codes`` among them.

    Each gets a fact naming the officer and the announcing document, its one-stop and its citizen are told. Returns the
    moves that were made; one transaction each, so that an interruption leaves whole dossiers.
    """
    wanted = set(codes) if codes is not None else None
    with context.database.read() as session:
        moves = [move for move in impact(session, office) if wanted is None or move.dossier in wanted]
    for move in moves:
        with context.database.write() as session:
            _follow(session, context.accounts, office, move, officer, document, context.clock.now())
    context.ring("notices")
    review(context, office)
    return moves


def dated_otherwise(office: Office) -> Select[*tuple[Any, ...]]:
    """Select the open dossiers whose date was computed by another calendar than the one in force.

    Plain columns, in chunks, and not objects: a province has hundreds of thousands of open dossiers.
    """
    clock = DossierClock
    columns = select(
        clock.dossier_code,
        clock.due,
        clock.calendar_version,
        clock.cutoff,
        clock.term_amount,
        clock.term_unit,
        clock.basis_at,
        clock.explicit_due,
        clock.rest_left,
        clock.rest_clock,
    )
    others = columns.where(clock.state == ClockState.RUNNING, clock.calendar_version != office.calendar_version)
    return others.execution_options(yield_per=_CHUNK)


def _move(row: Row[Any], office: Office) -> Move | None:
    basis = basis_of(row)
    if basis is None or row.due is None:
        return None
    due = moved(row.due, basis, office.working_time, office.due_time, row.cutoff)
    return Move(row.dossier_code, local(row.due), due, row.calendar_version or "") if due != row.due else None


def _follow(
    session: Session, accounts: Accounts, office: Office, move: Move, officer: str, document: str, now: datetime
) -> None:
    dossier = get_dossier(session, move.dossier, lock=True)
    version = office.working_time.calendar.version
    fact = ClockFact(
        id=f"{move.dossier}:calendar:{version}",
        kind=FactKind.RECALENDAR,
        at=now,
        rule=RuleId.CALENDAR_CHANGED,
        evidence=f"confirmed by {officer}",
        recorded_at=now,
        reason=document,
        calendar_version=version,
    )
    record_fact(session, move.dossier, fact)
    _, changed = recompute(session, office, accounts, dossier, fact.id, now)
    if changed is not None and changed.due is not None:
        rule = office.rules.at(RuleId.CALENDAR_CHANGED, local(now).date())
        tell_citizen(
            session,
            dossier,
            "due_changed",
            f"calendar:{version}",
            now,
            due=changed.due,
            reason_vi=rule.text_vi.rstrip("."),
            reason_en=rule.text_en.rstrip("."),
            legal_source=document,
        )
