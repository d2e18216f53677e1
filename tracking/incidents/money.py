"""The money of an incident as facts of the ledger of damages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.money.facts import Ledger, MoneyFact, MoneyKind, money_of, record_money
from dispatch.money.refunds import COMPENSATION, follow_lateness, refunded
from dispatch.parties import Party
from dispatch.shipments import Shipment
from tracking.deadlines.rules import RuleId, Rules
from tracking.incidents import facts as f
from tracking.incidents.fold import Incident
from tracking.incidents.rows import IncidentRow

REFUND_COUNTED = "refund-counted"
"""How the ids of those facts end that let a refund count towards the compensation."""


def record_claims(session: Session, row: IncidentRow, incident: Incident, rules: Rules, now: datetime) -> None:
    """Let everything be due that follows from the finding; what is due already stays as it is."""
    if incident.finding is None:
        return
    on = local(incident.finding.at).date()
    for claim in incident.claims:
        law = rules.at(claim.rule, on).legal_source
        who, evidence = (claim.debtor, claim.creditor), f"{row.id}: {incident.finding.document}"
        compensates = claim.rule is RuleId.COMPENSATION_MINIMUM
        fact_id = f"{COMPENSATION[1:]}{claim.fact_id}" if compensates else claim.fact_id
        _record(session, row, fact_id, MoneyKind.DUE, who, claim.amount_vnd, incident.finding.at, evidence, now, law)


def settle_lateness(session: Session, row: IncidentRow, now: datetime) -> None:
    """Let a refund for late carriage give way to the compensation, which includes it."""
    shipment = session.get(Shipment, row.order_number) if row.order_number else None
    if shipment is not None and shipment.transit_kept is False:
        follow_lateness(session, shipment, now, now)


def count_refund(
    session: Session, row: IncidentRow, incident: Incident, rules: Rules, at: datetime, now: datetime
) -> int:
    """Let what was paid back of the charge count towards the compensation, once; returns how much that is, in đồng."""
    shipment = session.get(Shipment, row.order_number) if row.order_number else None
    compensated = any(claim.rule is RuleId.COMPENSATION_MINIMUM for claim in incident.claims)
    amount = refunded(session, shipment) if compensated and shipment is not None else 0
    if amount == 0 or _is_counted(session, row):
        return 0
    law = rules.at(RuleId.COMPENSATION_MINIMUM, local(at).date()).legal_source
    evidence = f"{row.id}: the charge was paid back before"
    who = (Party.POST, Party.CITIZEN)
    _record(session, row, REFUND_COUNTED, MoneyKind.WAIVED, who, amount, at, evidence, now, law)
    return amount


def record_payment(
    session: Session, row: IncidentRow, fact: f.CompensationPaid | f.CompensationWaived, now: datetime
) -> None:
    """Let a payment be paid, or what is asked for no more be waived."""
    if isinstance(fact, f.CompensationPaid):
        kind, who, evidence = MoneyKind.PAID, (fact.payer, fact.to), fact.document
    else:
        kind, who, evidence = MoneyKind.WAIVED, (fact.debtor, fact.creditor), fact.reason
    _record(session, row, fact.fact_id, kind, who, fact.amount_vnd, fact.at, f"{row.id}: {evidence}", now)


def record_surplus(session: Session, row: IncidentRow, incident: Incident, now: datetime) -> None:
    """Let what was paid of free will be due once the incident is closed, so that its money balances."""
    for debtor, creditor, left in incident.balances:
        if left < 0 and incident.closed_at is not None:
            who, what = (debtor, creditor), f"surplus:{debtor}:{creditor}"
            _record(
                session, row, what, MoneyKind.DUE, who, -left, incident.closed_at, f"{row.id}: paid of free will", now
            )


def _is_counted(session: Session, row: IncidentRow) -> bool:
    """Whether a refund of the same order counts already, towards the compensation of whichever incident."""
    facts = [fact for fact in money_of(session, row.dossier_code) if fact.order_number == row.order_number]
    return any(fact.id.endswith(f":{REFUND_COUNTED}") for fact in facts)


def _record(
    session: Session,
    row: IncidentRow,
    fact_id: str,
    kind: MoneyKind,
    who: tuple[Party, Party],
    amount_vnd: int,
    at: datetime,
    evidence: str,
    now: datetime,
    legal_source: str = "",
) -> None:
    fact = MoneyFact(
        id=f"{row.id}:{fact_id}",
        ledger=Ledger.DAMAGES,
        kind=kind,
        dossier_code=row.dossier_code,
        debtor=who[0],
        creditor=who[1],
        amount_vnd=amount_vnd,
        at=at,
        evidence=evidence[:300],
        order_number=row.order_number,
        legal_source=legal_source,
    )
    record_money(session, fact, now)
