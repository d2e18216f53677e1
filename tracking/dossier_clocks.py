"""Each dossier's clock as it stands, one row a dossier: what is watched and re-evaluated without folding every history.

The row only mirrors the ledger; :func:`mirror` writes it with every fold, and the facts stay the truth.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Row, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import Together, insert_or_update, write_rows
from config.database import Base, UtcDateTime
from dispatch.dossiers import Dossier
from tracking.deadlines.basis import Basis, Rest
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.terms import Term, Unit


class DossierClock(Base):
    """Where a dossier's time limit stands.

    Attributes:
        accepted_on: from this day counts the window for asking for a supplement.
        standstill_at, standstill_rule: since when and by which rule the clock stands still.
        basis_at, explicit_due, rest_left, rest_clock: what the date in force follows from
            (:class:`tracking.deadlines.basis.Basis`).
        calendar_version: the calendar by which the date in force was computed.
    """

    __tablename__ = "dossier_clock"
    __table_args__ = (Index("ix_dossier_clock_state_due", "state", "due"),)

    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), primary_key=True)
    state: Mapped[ClockState]
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    term_amount: Mapped[int]
    term_unit: Mapped[Unit]
    cutoff: Mapped[time | None]
    accepted_on: Mapped[date | None]
    extensions: Mapped[int]
    standstill_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    standstill_rule: Mapped[str | None] = mapped_column(String(60))
    basis_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    explicit_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rest_left: Mapped[int | None] = mapped_column(BigInteger)
    rest_clock: Mapped[time | None]
    calendar_version: Mapped[str | None] = mapped_column(String(60))


def mirror(session: Session, dossier: Dossier, ledger: Ledger) -> None:
    """Bring the dossier's row in line with its ledger."""
    basis, rest, standstill = ledger.basis, ledger.basis.rest if ledger.basis else None, ledger.standstill
    dated = [line.calendar_version for line in ledger.lines if line.due_after is not None]
    row = {
        "dossier_code": dossier.code,
        "state": ledger.state,
        "due": ledger.current_due,
        "term_amount": ledger.term.amount,
        "term_unit": ledger.term.unit,
        "cutoff": dossier.cutoff,
        "accepted_on": ledger.accepted_on,
        "extensions": ledger.extensions,
        "standstill_at": standstill.fact.at if standstill else None,
        "standstill_rule": standstill.fact.rule if standstill else None,
        "basis_at": basis.at if basis else None,
        "explicit_due": basis.explicit if basis else None,
        "rest_left": rest.left if rest else None,
        "rest_clock": rest.clock if rest else None,
        "calendar_version": dated[-1] if dated else None,
    }
    _write(session, row)


def _put(session: Session, rows: list[dict[str, Any]]) -> None:
    statement = insert_or_update(session, DossierClock)
    news = {name: statement.excluded[name] for name in rows[0] if name != "dossier_code"}
    newest = {row["dossier_code"]: row for row in rows}
    statement = statement.on_conflict_do_update(index_elements=["dossier_code"], set_=news)
    write_rows(session, statement, list(newest.values()))


_write = Together(_put)


def basis_of(row: DossierClock | Row[Any]) -> Basis | None:
    """Return what the row's due date follows from, or None where there is no date."""
    if row.basis_at is None:
        return None
    rest = Rest(row.rest_left, row.rest_clock) if row.rest_left is not None and row.rest_clock is not None else None
    return Basis(row.basis_at, Term(row.term_amount, row.term_unit), row.explicit_due, rest)
