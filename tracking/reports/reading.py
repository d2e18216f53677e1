"""What the reports count, read from the database as a stream: a few statements however many dossiers there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select, union
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.forms import Service
from dispatch.handover_lines import Handover
from dispatch.orders import PostalOrder
from dispatch.shipments import Leg, Shipment
from tracking.clock_facts import ClockContradiction, ClockFactRow, handover_fact_id
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.ledger import fold
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import Term, Unit
from tracking.office import Office
from tracking.reports.carriage import Carriage
from tracking.reports.lives import Life, channel_of
from tracking.reports.periods import Period

_AT_ONCE = 2_000
"""Rows that are held at a time; more save nothing."""

_FACT = tuple(field.name for field in fields(ClockFact))


@dataclass(frozen=True)
class Source:
    """What a report is made from.

    Attributes:
        by: the end of the period, or now where that is earlier.
        public: the operators that carry the public postal service.
    """

    session: Session
    office: Office
    period: Period
    now: datetime
    public: frozenset[str]

    @property
    def by(self) -> datetime:
        return min(self.now, self.period.ends)

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Row[Any]]:
        """Return what a query finds, a few thousand rows at a time."""
        return iter(self.session.execute(query.execution_options(yield_per=_AT_ONCE)))


def lives(source: Source) -> Iterator[Life]:
    """Yield every dossier that came in during the period or had not ended by its start, ordered by code."""
    for _, rows in groupby(source.rows(_clocks(source)), key=lambda row: row.code):
        yield _life(source, list(rows))


def _life(source: Source, rows: list[Row[Any]]) -> Life:
    office, about = source.office, rows[0]
    ledger = fold(
        (ClockFact(*(getattr(row, f"fact_{name}") for name in _FACT)) for row in rows),
        Term(about.term_amount, Unit(about.term_unit)),
        office.calendars,
        office.rules,
        office.due_time,
        about.cutoff,
    )
    operator = next((row.operator for row in rows if row.fact_at == ledger.started_at and row.operator), None)
    return Life(
        code=about.code,
        agency=(about.agency_code, about.agency_name),
        procedure=(about.procedure_code, about.procedure_name),
        ours=about.due_date_owner == "us",
        channel=channel_of(ledger, operator, about.filed_through, source.public),
        ledger=ledger,
    )


def _clocks(source: Source) -> Select[*tuple[Any, ...]]:
    """Every fact up to the end of the period, beside its dossier; corrections whenever they were made."""
    facts = [getattr(ClockFactRow, name).label(f"fact_{name}") for name in _FACT]
    signed = func.substr(ClockFactRow.id, func.length(ClockFactRow.dossier_code) + len(handover_fact_id("", "")) + 1)
    return (
        select(
            Dossier.code,
            Dossier.agency_code,
            Dossier.agency_name,
            Dossier.procedure_code,
            Dossier.procedure_name,
            Dossier.due_date_owner,
            Dossier.filed_through,
            Dossier.term_amount,
            Dossier.term_unit,
            Dossier.cutoff,
            Handover.carrier.label("operator"),
            *facts,
        )
        .join(ClockFactRow, ClockFactRow.dossier_code == Dossier.code)
        .outerjoin(Handover, and_(ClockFactRow.rule == RuleId.START_HANDOVER.value, Handover.number == signed))
        .where(Dossier.code.in_(_open_or_new(source.period)))
        .where(or_(ClockFactRow.at < source.period.ends, ClockFactRow.kind == FactKind.CORRECT))
        .order_by(Dossier.code)
    )


def _open_or_new(period: Period) -> Select[*tuple[Any, ...]]:
    """Dossiers whose clock may have run in the period: it had not ended before, or what ended it is in doubt."""
    kind, at = ClockFactRow.kind, ClockFactRow.at

    def some(of_kind: FactKind) -> Any:
        return func.sum(case((kind == of_kind, 1), else_=0))

    may_run = or_(func.max(at) >= period.begins, some(FactKind.STOP) == 0, some(FactKind.CORRECT) > 0)
    clocks = (
        select(ClockFactRow.dossier_code)
        .group_by(ClockFactRow.dossier_code)
        .having(func.min(at) < period.ends)
        .having(may_run)
    )
    either = union(clocks, select(ClockContradiction.dossier_code)).subquery()
    return select(either.c.dossier_code)


@dataclass(frozen=True, slots=True)
class Carried:
    """A shipment that its operator has accepted, and whose it is."""

    carriage: Carriage
    carrier: str
    leg: Leg
    zone: str
    dossier: str
    agency: tuple[str, str]


def carried(source: Source) -> Iterator[Carried]:
    """Yield every shipment that was accepted in the period."""
    period = source.period
    query = (
        select(
            Shipment.order_number,
            Shipment.leg,
            Shipment.collected_at,
            Shipment.delivered_at,
            Shipment.failed_attempts,
            Shipment.transit_due,
            Shipment.transit_kept,
            Shipment.state,
            Shipment.carrier,
            Shipment.zone,
            Shipment.dossier_code,
            Dossier.agency_code,
            Dossier.agency_name,
        )
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .where(Shipment.collected_at >= period.begins, Shipment.collected_at < period.ends)
    )
    for row in source.rows(query):
        carriage = Carriage(
            order_number=row.order_number,
            homeward=row.leg is Leg.RETURN,
            accepted_at=row.collected_at,
            delivered_at=row.delivered_at,
            failed_attempts=[datetime.fromisoformat(at) for at in row.failed_attempts],
            due=row.transit_due,
            kept=row.transit_kept,
            state=row.state,
        )
        yield Carried(carriage, row.carrier, row.leg, row.zone, row.dossier_code, (row.agency_code, row.agency_name))


@dataclass(frozen=True, slots=True)
class Registration:
    """A dossier whose result is to come by post, and the operator that was to bring it."""

    dossier: str
    agency: tuple[str, str]
    carrier: str
    order_number: str


def registrations(source: Source) -> Iterator[Registration]:
    """Yield every choice of a return by post that was made in the period."""
    period = source.period
    returns = and_(Shipment.order_id == PostalOrder.id, Shipment.leg == Leg.RETURN, Shipment.generation == _first())
    query = (
        select(
            PostalOrder.dossier_code, Dossier.agency_code, Dossier.agency_name, Shipment.carrier, Shipment.order_number
        )
        .join(Dossier, Dossier.code == PostalOrder.dossier_code)
        .join(Shipment, returns)
        .where(PostalOrder.service.in_((Service.RECEIVE, Service.BOTH)))
        .where(PostalOrder.placed_at >= period.begins, PostalOrder.placed_at < period.ends)
    )
    for row in source.rows(query):
        agency = (row.agency_code, row.agency_name)
        yield Registration(row.dossier_code, agency, row.carrier, row.order_number)


def _first() -> Any:
    """Return the first generation of an order's return leg: the operator that the citizen was promised."""
    return (
        select(func.min(Shipment.generation))
        .where(Shipment.order_id == PostalOrder.id, Shipment.leg == Leg.RETURN)
        .correlate(PostalOrder)
        .scalar_subquery()
    )
