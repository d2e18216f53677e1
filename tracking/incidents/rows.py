"""Incidents and their facts as they are stored. Facts only ever grow; what an incident is now is folded from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    insert,
    inspect,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.batch import RowsOf, Together, among, write_rows
from config.database import Base, EncryptedText, UtcDateTime
from dispatch.dossiers import Dossier
from dispatch.problems import Problem
from tracking.incidents.facts import EVIDENCE, FACT, IncidentKind, Opened, Said
from tracking.incidents.fold import Stated

MOST = 500
"""How many incidents one page holds at the most."""

_OPEN = text("closed_at IS NULL")


class IncidentRow(Base):
    """One incident.

    Attributes:
        cause: what it was opened for; the same cause opens it once.
        closed_at: as its facts say, so that open ones are found by a small index.
    """

    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("dossier_code", "cause"),
        Index("ix_incident_open", "opened_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"))
    order_number: Mapped[str | None] = mapped_column(ForeignKey("shipment.order_number"))
    kind: Mapped[IncidentKind]
    cause: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class IncidentFactRow(Base):
    """One stored fact, as it was said: it may name people, so it is encrypted."""

    __tablename__ = "incident_fact"

    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    fact_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    said: Mapped[str] = mapped_column(EncryptedText)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


def new_incident(
    session: Session, dossier_code: str, order_number: str | None, cause: str, opened: Opened, now: datetime
) -> IncidentRow:
    """Write an incident down; it counts for what comes after it in this transaction."""
    values = {
        "id": f"{dossier_code}-I{len(_ROWS.of(session, dossier_code)) + 1}",
        "dossier_code": dossier_code,
        "order_number": order_number,
        "kind": opened.kind,
        "cause": cause,
        "opened_at": opened.at,
        "closed_at": None,
    }
    row = IncidentRow(**values)
    _insert_rows(session, values)
    _ROWS.add(session, dossier_code, row)
    add_fact(session, row, opened, now)
    return row


def add_fact(session: Session, row: IncidentRow, fact: Said, now: datetime) -> bool:
    """Append a fact; the same one again is known already. Tells whether it is new.

    Raises:
        Problem: its id was used for something else.
    """
    known = next((one for one in said_of(session, row) if one.form.fact_id == fact.fact_id), None)
    if known is not None:
        if known.form != fact:
            raise _used_otherwise(fact.fact_id)
        return False
    values = {"incident_id": row.id, "fact_id": fact.fact_id, "type": fact.type, "at": fact.at}
    _insert_facts(session, {**values, "said": fact.model_dump_json(), "recorded_at": now})
    _FACTS.add(session, row.dossier_code, (row.id, Stated(fact, now)))
    return True


def note_closed(session: Session, incident_id: str, closed_at: datetime) -> None:
    """Take an incident off the list of open ones."""
    session.execute(update(IncidentRow).where(IncidentRow.id == incident_id).values(closed_at=closed_at))


def incident_row(session: Session, incident_id: str, *, lock: bool = False) -> IncidentRow:
    """Return an incident's row.

    Raises:
        Problem: there is none with this id.
    """
    row = session.get(IncidentRow, incident_id, with_for_update=lock)
    if row is None:
        raise unknown_incident(incident_id)
    return row


def unknown_incident(incident_id: str) -> Problem:
    """No incident has this id."""
    return Problem(
        "unknown-incident",
        "Unknown incident",
        f"No incident '{incident_id}' is recorded here.",
        "Look it up at its dossier, or with `postal incidents`.",
        next_step_vi="Tra mã sự cố trong danh sách sự cố.",
        next_step_api="Look its id up with GET /v1/incidents or `postal incidents`.",
        status=404,
    )


def lock_row(session: Session, row: IncidentRow) -> None:
    """Let nobody else add to an incident until this transaction ends; one that it has opened is nobody else's yet."""
    if not inspect(row).transient:
        session.refresh(row, with_for_update=True)


def opened_for(session: Session, dossier_code: str, cause: str) -> IncidentRow | None:
    """Return the incident that was opened for a cause, if there is one."""
    return next((row for row in _ROWS.of(session, dossier_code) if row.cause == cause), None)


def incidents_of(session: Session, dossier_code: str) -> list[IncidentRow]:
    """Return every incident of a dossier, oldest first."""
    return sorted(_ROWS.of(session, dossier_code), key=lambda row: (row.opened_at, row.id))


def said_of(session: Session, row: IncidentRow) -> list[Stated]:
    """Return the facts of an incident in event time."""
    said = [one for incident_id, one in _FACTS.of(session, row.dossier_code) if incident_id == row.id]
    return sorted(said, key=lambda one: (one.form.at, one.recorded_at))


def page(
    session: Session,
    *,
    open_ones: bool | None = None,
    after: str | None = None,
    most: int = MOST,
    dossiers: Select[str] | None = None,
) -> tuple[list[IncidentRow], str | None]:
    """Return a page of incidents, newest first, and where the next one begins; None where nothing is left.

    A page begins behind the incident ``after``. ``dossiers`` is a query of the codes of whose incidents are wanted.

    Raises:
        Problem: there is no such incident.
    """
    query = _newest_first(open_ones)
    if dossiers is not None:
        query = query.where(IncidentRow.dossier_code.in_(dossiers))
    if after is not None:
        last = incident_row(session, after)
        same_time = and_(IncidentRow.opened_at == last.opened_at, IncidentRow.id > last.id)
        query = query.where(or_(IncidentRow.opened_at < last.opened_at, same_time))
    rows = list(session.scalars(query.limit(most + 1)))
    return rows[:most], rows[most - 1].id if len(rows) > most else None


def listed(session: Session, *, open_ones: bool | None = None) -> list[IncidentRow]:
    """Return every incident, newest first: all, or only those that are (not) open."""
    return list(session.scalars(_newest_first(open_ones)))


def _newest_first(open_ones: bool | None) -> Select[IncidentRow]:
    query = select(IncidentRow).order_by(IncidentRow.opened_at.desc(), IncidentRow.id)
    if open_ones is not None:
        query = query.where(IncidentRow.closed_at.is_(None) if open_ones else IncidentRow.closed_at.is_not(None))
    return query


def stated(session: Session, incident_ids: Iterable[str]) -> dict[str, list[Stated]]:
    """Return the facts of incidents of many dossiers, each list in event time."""
    query = select(IncidentFactRow).where(IncidentFactRow.incident_id.in_(list(incident_ids)))
    found: dict[str, list[Stated]] = defaultdict(list)
    for row in session.scalars(query.order_by(IncidentFactRow.at, IncidentFactRow.recorded_at)):
        found[row.incident_id].append(Stated(FACT.validate_json(row.said), row.recorded_at))
    return found


def _read_rows(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, IncidentRow]]:
    query = select(IncidentRow).where(among(session, IncidentRow.dossier_code, dossier_codes))
    return ((row.dossier_code, row) for row in session.scalars(query))


def _read_facts(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, tuple[str, Stated]]]:
    query = select(IncidentRow.dossier_code, IncidentFactRow).join(IncidentFactRow)
    found = session.execute(query.where(among(session, IncidentRow.dossier_code, dossier_codes)))
    return ((code, (row.incident_id, Stated(FACT.validate_json(row.said), row.recorded_at))) for code, row in found)


def evidence_kept(session: Session) -> list[str]:
    """Return the SHA-256 of every file to which facts refer."""
    query = select(IncidentFactRow.fact_id).where(IncidentFactRow.type == "evidence").distinct()
    return sorted(id.removeprefix(EVIDENCE) for id in session.scalars(query) if id.startswith(EVIDENCE))


def _used_otherwise(fact_id: str) -> Problem:
    return Problem(
        "fact-id",
        "fact_id used for another fact",
        f"'{fact_id}' was reported before with another content.",
        "Send a new fact under an id of its own; what was reported before stands.",
        next_step_vi="Gửi nội dung mới với mã riêng; nội dung đã ghi nhận vẫn giữ nguyên.",
        status=409,
    )


_ROWS = RowsOf(Dossier, _read_rows)
_FACTS = RowsOf(Dossier, _read_facts)
_insert_rows: Together[dict[str, Any]] = Together(lambda session, rows: write_rows(session, insert(IncidentRow), rows))
_insert_facts: Together[dict[str, Any]] = Together(
    lambda session, rows: write_rows(session, insert(IncidentFactRow), rows)
)
