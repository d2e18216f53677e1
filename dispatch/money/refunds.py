"""Refunds for late carriage: proven late against the published transit time, the charge goes back.

Decree 47/2011/NĐ-CP Art. 25(2). Force majeure is excepted: that a person says, with the paper that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.money.facts import money_of, record_money
from dispatch.money.kinds import Ledger, MoneyFact, MoneyKind
from dispatch.money.postage import charged
from dispatch.parties import Party
from dispatch.shipments import Shipment

LATE = "Decree 47/2011/NĐ-CP Art. 25(2)"
COMPENSATION = ":compensation:"
"""Marks the ids of facts about an incident's compensation."""


def follow_lateness(session: Session, shipment: Shipment, at: datetime, now: datetime) -> None:
    """Bring the refund that a shipment's lateness leads to in line with what is known of it now.

    Events that are heard of late may prove that it was on time after all: then the refund is taken back by a fact.
    """
    facts = _facts(session, shipment)
    stands = _stands(facts)
    wanted = charged(session, shipment) if shipment.transit_kept is False else 0
    if _is_compensated(session, shipment):  # four times the charge includes the charge; what was paid back was paid
        wanted = min(stands, _paid_back(session, shipment))
    if wanted == stands or shipment.payer in (Party.POST, Party.NOBODY):
        return
    fact = MoneyFact(
        id=f"{shipment.order_number}:late-refund:{len(facts)}",
        ledger=Ledger.POSTAGE,
        kind=MoneyKind.DUE if wanted > stands else MoneyKind.WAIVED,
        dossier_code=shipment.dossier_code,
        debtor=Party.POST,
        creditor=shipment.payer,
        amount_vnd=abs(wanted - stands),
        at=at,
        evidence=f"{shipment.order_number}: due by {shipment.transit_due}, arrived or first tried at {at.isoformat()}",
        order_number=shipment.order_number,
        legal_source=LATE,
    )
    record_money(session, fact, now)


def refunded(session: Session, shipment: Shipment) -> int:
    """Return what the citizen was paid back of the charge, and keeps, in đồng."""
    if shipment.payer is not Party.CITIZEN:
        return 0
    return max(0, min(_stands(_facts(session, shipment)), _paid_back(session, shipment)))


def _facts(session: Session, shipment: Shipment) -> list[MoneyFact]:
    """Return what was said of the refund of a shipment so far."""
    prefix = f"{shipment.order_number}:late-refund:"
    return [fact for fact in money_of(session, shipment.dossier_code) if fact.id.startswith(prefix)]


def _stands(facts: Iterable[MoneyFact]) -> int:
    return sum(fact.amount_vnd * (1 if fact.kind is MoneyKind.DUE else -1) for fact in facts)


def _is_compensated(session: Session, shipment: Shipment) -> bool:
    """Whether an incident of the shipment has led to a compensation (Decree 47/2011/NĐ-CP Art. 25)."""
    return any(
        fact.ledger is Ledger.DAMAGES and fact.order_number == shipment.order_number and COMPENSATION in fact.id
        for fact in money_of(session, shipment.dossier_code)
    )


def _paid_back(session: Session, shipment: Shipment) -> int:
    return sum(
        fact.amount_vnd
        for fact in money_of(session, shipment.dossier_code)
        if fact.ledger is Ledger.POSTAGE
        and fact.order_number == shipment.order_number
        and (fact.kind, fact.debtor) == (MoneyKind.PAID, Party.POST)
    )
