"""What the operator's report counts beside its items: postage, complaints, incidents and compensation of the period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from dispatch.money.facts import MoneyFactRow
from dispatch.money.kinds import Ledger, MoneyKind
from dispatch.parties import Party
from dispatch.shipments import Shipment
from tracking.incidents.facts import FACT, Finding, IncidentKind
from tracking.incidents.rows import IncidentFactRow, IncidentRow
from tracking.reports.reading import Source

HARMS = {
    IncidentKind.LOST: "lost",
    IncidentKind.MISSING: "lost",
    IncidentKind.STRAYED: "strayed",
    IncidentKind.WRONG_RECIPIENT: "strayed",
    IncidentKind.TORN: "damaged",
    IncidentKind.WET: "damaged",
    IncidentKind.OPENED: "damaged",
}
"""Incidents by what Circular 17/2017/TT-BTTTT Art. 13 asks for; the others are none of these."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that counts in one column. ``carrier`` and ``leg`` are empty where no shipment is named."""

    column: str
    dossier: str
    item: str
    carrier: str
    leg: str
    amount: int = 1


def matters(source: Source) -> Iterator[Matter]:
    """Yield everything of the period."""
    yield from _postage(source)
    yield from _damages(source)
    yield from _complaints(source)
    yield from _findings(source)
    yield from _incidents(source)


def harmed(source: Source) -> set[str]:
    """Return the numbers of the shipments accepted in the period whose papers were lost, strayed or damaged."""
    accepted = _within(source, Shipment.collected_at)
    query = (
        select(Shipment.order_number)
        .join(IncidentRow, IncidentRow.order_number == Shipment.order_number)
        .where(accepted, IncidentRow.kind.in_(HARMS))
    )
    return set(source.session.scalars(query))


def _within(source: Source, at: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return and_(at >= source.period.begins, at < source.period.ends)


def _money(source: Source, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    fact = MoneyFactRow
    return (
        select(fact.id, fact.kind, fact.dossier_code, fact.debtor, fact.amount_vnd, Shipment.carrier, Shipment.leg)
        .outerjoin(Shipment, Shipment.order_number == fact.order_number)
        .where(_within(source, fact.at), *conditions)
    )


def _postage(source: Source) -> Iterator[Matter]:
    """What is owed the post is charged, what the post owes is refunded; what is waived is taken off again."""
    due = MoneyFactRow.kind.in_((MoneyKind.DUE, MoneyKind.WAIVED))
    between = or_(MoneyFactRow.creditor == Party.POST, MoneyFactRow.debtor == Party.POST)
    for row in source.rows(_money(source, MoneyFactRow.ledger == Ledger.POSTAGE, due, between)):
        column = "refunded" if row.debtor is Party.POST else "charged"
        amount = row.amount_vnd if row.kind is MoneyKind.DUE else -row.amount_vnd
        yield Matter(column, row.dossier_code, row.id, row.carrier or "", row.leg or "", amount)


def _damages(source: Source) -> Iterator[Matter]:
    paid = (
        MoneyFactRow.ledger == Ledger.DAMAGES,
        MoneyFactRow.kind == MoneyKind.PAID,
        MoneyFactRow.debtor == Party.POST,
    )
    for row in source.rows(_money(source, *paid)):
        whose = (row.carrier or "", row.leg or "")
        yield Matter("paid", row.dossier_code, row.id, *whose, row.amount_vnd)
        yield Matter("compensated", row.dossier_code, row.id.partition(":")[0], *whose)


def _said(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return facts of incidents, each with the shipment it is about."""
    fact = IncidentFactRow
    return (
        select(IncidentRow.id, IncidentRow.dossier_code, fact.fact_id, fact.type, Shipment.carrier, Shipment.leg)
        .join(fact, fact.incident_id == IncidentRow.id)
        .outerjoin(Shipment, Shipment.order_number == IncidentRow.order_number)
        .where(*conditions)
    )


def _complaints(source: Source) -> Iterator[Matter]:
    fact, ends = IncidentFactRow, source.period.ends
    columns = {"complaint_filed": "complaints", "complaint_answered": "answered"}
    for row in source.rows(_said(fact.type.in_(columns), _within(source, fact.at))):
        yield Matter(columns[row.type], row.dossier_code, row.id, row.carrier or "", row.leg or "")
    other = IncidentFactRow.__table__.alias()
    answered = exists().where(other.c.incident_id == IncidentRow.id, other.c.type == "complaint_answered")
    waiting = _said(fact.type == "complaint_filed", fact.at < ends, ~answered.where(other.c.at < ends))
    for row in source.rows(waiting):
        yield Matter("unanswered", row.dossier_code, row.id, row.carrier or "", row.leg or "")


def _findings(source: Source) -> Iterator[Matter]:
    """Who is at fault stands in the finding itself, which is encrypted; there are few of them."""
    fact = IncidentFactRow
    for row in source.rows(_said(fact.type == "finding", _within(source, fact.at)).add_columns(fact.said)):
        finding = FACT.validate_json(row.said)
        if isinstance(finding, Finding) and finding.party_at_fault is Party.POST:
            yield Matter("at_fault", row.dossier_code, row.id, row.carrier or "", row.leg or "")


def _incidents(source: Source) -> Iterator[Matter]:
    query = (
        select(IncidentRow.id, IncidentRow.dossier_code, IncidentRow.kind, Shipment.carrier, Shipment.leg)
        .outerjoin(Shipment, Shipment.order_number == IncidentRow.order_number)
        .where(_within(source, IncidentRow.opened_at), IncidentRow.kind.in_(HARMS))
    )
    for row in source.rows(query):
        yield Matter(HARMS[row.kind], row.dossier_code, row.id, row.carrier or "", row.leg or "")
