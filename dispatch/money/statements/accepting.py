"""A line that is accepted becomes facts: what it says was collected, remitted, charged, and paid back."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import VIETNAM
from dispatch.dossiers import get_dossier
from dispatch.money.debts import PostDebt
from dispatch.money.facts import record_money
from dispatch.money.fees import collected, collected_fact, fee_remitted
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.money.postage import postage_due, postage_paid, terms_of
from dispatch.money.refunds import LATE, follow_lateness
from dispatch.money.statements.rows import Statement, StatementLine
from dispatch.parties import Party
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment


def accept(session: Session, statement: Statement, line: StatementLine, order_number: str, now: datetime) -> None:
    """Record what a line says of an order. A line that has been accepted changes nothing any more."""
    if line.accepted_at is not None:
        return
    shipment = get_shipment(session, order_number)
    get_dossier(session, shipment.dossier_code, lock=True)
    line.order_number, line.accepted_at = order_number, now
    session.flush()
    at = min(datetime.combine(line.day or statement.period_to, time(12), VIETNAM), now)
    evidence = f"statement {statement.id} ({statement.name}), line {line.line}"
    missing = line.collected_vnd - collected(session, shipment)
    if missing > 0:
        record_money(session, collected_fact(shipment, missing, at, evidence, key=f":statement-{statement.id}"), now)
    told = session.scalar(
        select(func.sum(StatementLine.remitted_vnd)).where(
            StatementLine.order_number == order_number, StatementLine.accepted_at.is_not(None)
        )
    )
    fee_remitted(session, shipment, int(told or 0), at, evidence, now)
    _postage(session, shipment, line, at, evidence, now)
    _refund(session, shipment, line, at, evidence, now)


def _postage(
    session: Session, shipment: Shipment, line: StatementLine, at: datetime, evidence: str, now: datetime
) -> None:
    if not line.postage_vnd:
        return
    terms = terms_of(session, shipment)
    agreed = terms.payable_vnd if terms else None
    amount = line.postage_vnd if agreed is None else min(agreed, line.postage_vnd)
    postage_due(session, shipment, at, evidence, now, amount_vnd=amount)
    postage_paid(session, shipment, at, evidence, now)
    if shipment.transit_kept is False:
        follow_lateness(session, shipment, at, now)  # what was charged is known only now


def _refund(
    session: Session, shipment: Shipment, line: StatementLine, at: datetime, evidence: str, now: datetime
) -> None:
    """At most what is owed is a refund; what is told beyond that stays a difference."""
    query = select(PostDebt).where(
        PostDebt.dossier_code == shipment.dossier_code,
        PostDebt.order_number == shipment.order_number,
        PostDebt.ledger == Ledger.POSTAGE,
    )
    for debt in session.scalars(query):
        amount = min(line.refund_vnd, debt.owed_vnd - debt.paid_vnd)
        if amount > 0 and debt.creditor is not Party.POST:
            fact = MoneyFact(
                id=f"{shipment.order_number}:refund:statement-{line.id}",
                ledger=Ledger.POSTAGE,
                kind=MoneyKind.PAID,
                dossier_code=shipment.dossier_code,
                debtor=Party.POST,
                creditor=debt.creditor,
                amount_vnd=amount,
                at=at,
                evidence=evidence[:300],
                order_number=shipment.order_number,
                legal_source=LATE,
            )
            record_money(session, fact, now)
            return
