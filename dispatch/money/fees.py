"""The agency's fee: due when the agency or the post has the papers, paid by the route that was chosen.

Decision 45/2016/QĐ-TTg Art. 6(6), 7(5), 11, 15(2). Half the fee for what is filed online, and every other rule about
its amount, is the one-stop's matter: it registers the dossier with the fee that is to be paid.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.money.facts import money_of, record_money
from dispatch.money.kinds import FeeRoute, Ledger, MoneyFact, MoneyKind
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.shipments import Leg, Shipment

ROUTES = "Decision 45/2016/QĐ-TTg Art. 11"
BY_THE_POST = "Decision 45/2016/QĐ-TTg Art. 6(6)"
IN_FULL_AND_ON_TIME = "Decision 45/2016/QĐ-TTg Art. 7(5), 15(2)"


def route_of(fee_route: FeeRoute | None, fee_by_post: bool) -> FeeRoute:
    """Return the route that an order's form asks for.

    Raises:
        Problem: its two fields contradict each other.
    """
    if fee_by_post and fee_route not in (None, FeeRoute.BY_POST):
        raise Problem(
            "fee-route",
            "The fee cannot be paid in two ways",
            f"fee_by_post is true and fee_route is '{fee_route}'.",
            "Leave fee_by_post out and say the route in fee_route.",
            next_step_vi="Chọn một hình thức nộp phí, lệ phí: trực tiếp, qua bưu điện hoặc hình thức khác.",
        )
    return FeeRoute.BY_POST if fee_by_post else fee_route or FeeRoute.DIRECT


def left_to_collect(session: Session, dossier: Dossier) -> int:
    """Return how much of the fee nobody has paid yet, in đồng."""
    got = sum(
        fact.amount_vnd
        for fact in money_of(session, dossier.code)
        if _of_citizen(fact) and (fact.kind in (MoneyKind.PAID, MoneyKind.COLLECTED) or _is_let_off(fact))
    )
    return max(0, dossier.fee_vnd - got)


def _is_let_off(fact: MoneyFact) -> bool:
    """Whether a person has waived it; that the fee became less is in what is due."""
    return fact.kind is MoneyKind.WAIVED and ":fee:due:" not in fact.id


def fee_due(session: Session, dossier: Dossier, fee_vnd: int, at: datetime, evidence: str, now: datetime) -> None:
    """Record that the fee is due; called again with another amount, that it is more or less by the difference."""
    facts = [fact for fact in money_of(session, dossier.code) if fact.id.startswith(f"{dossier.code}:fee:due:")]
    grown = fee_vnd - sum(fact.amount_vnd * (1 if fact.kind is MoneyKind.DUE else -1) for fact in facts)
    if grown == 0:
        return
    fact = MoneyFact(
        id=f"{dossier.code}:fee:due:{len(facts)}",
        ledger=Ledger.FEE,
        kind=MoneyKind.DUE if grown > 0 else MoneyKind.WAIVED,
        dossier_code=dossier.code,
        debtor=Party.CITIZEN,
        creditor=Party.AGENCY,
        amount_vnd=abs(grown),
        at=at,
        evidence=evidence[:300],
        legal_source=ROUTES,
    )
    record_money(session, fact, now)


def fee_changed(session: Session, dossier: Dossier, now: datetime) -> None:
    """Follow a fee that the one-stop has corrected after it fell due."""
    if any(fact.id == f"{dossier.code}:fee:due:0" for fact in money_of(session, dossier.code)):
        fee_due(session, dossier, dossier.fee_vnd, now, f"dossier registered anew, revision {dossier.revision}", now)


def fee_collected(session: Session, dossier: Dossier, shipment: Shipment, at: datetime, now: datetime) -> None:
    """Record that the postman has taken the fee with the papers (or, for service 2, with the result)."""
    if shipment.cod_vnd <= 0:
        return
    evidence = f"{shipment.carrier}: {shipment.order_number} {'collected' if shipment.leg is Leg.SEND else 'delivered'}"
    if not any(fact.id.startswith(f"{dossier.code}:fee:due:") for fact in money_of(session, dossier.code)):
        fee_due(session, dossier, shipment.cod_vnd, at, evidence, now)
    record_money(session, collected_fact(shipment, shipment.cod_vnd, at, evidence), now)


def collected_fact(shipment: Shipment, amount_vnd: int, at: datetime, evidence: str, key: str = "") -> MoneyFact:
    """Return the fact that the post has taken money for the agency."""
    return MoneyFact(
        id=f"{shipment.order_number}:fee:collected{key}",
        ledger=Ledger.FEE,
        kind=MoneyKind.COLLECTED,
        dossier_code=shipment.dossier_code,
        debtor=Party.CITIZEN,
        creditor=Party.AGENCY,
        via=Party.POST,
        amount_vnd=amount_vnd,
        at=at,
        evidence=evidence[:300],
        order_number=shipment.order_number,
        legal_source=BY_THE_POST,
    )


def fee_remitted(
    session: Session, shipment: Shipment, told_vnd: int, at: datetime, evidence: str, now: datetime
) -> int:
    """Record that the post has remitted; ``told_vnd`` is all that one source has told of the order so far.

    The operator, its statement and the agency tell of the same money, so only what nobody has told yet is new. Returns
    how much that is.
    """
    facts = [fact for fact in money_of(session, shipment.dossier_code) if _is_remittance(fact, shipment.order_number)]
    new = told_vnd - sum(fact.amount_vnd for fact in facts)
    if new <= 0:
        return 0
    fact = MoneyFact(
        id=f"{shipment.order_number}:fee:remitted:{len(facts)}",
        ledger=Ledger.FEE,
        kind=MoneyKind.PAID,
        dossier_code=shipment.dossier_code,
        debtor=Party.POST,
        creditor=Party.AGENCY,
        amount_vnd=new,
        at=at,
        evidence=evidence[:300],
        order_number=shipment.order_number,
        legal_source=IN_FULL_AND_ON_TIME,
    )
    record_money(session, fact, now)
    return new


def collected(session: Session, shipment: Shipment) -> int:
    """Return what the post has taken for the agency with a shipment, in đồng."""
    return sum(
        fact.amount_vnd
        for fact in money_of(session, shipment.dossier_code)
        if fact.kind is MoneyKind.COLLECTED and fact.ledger is Ledger.FEE and fact.order_number == shipment.order_number
    )


def _of_citizen(fact: MoneyFact) -> bool:
    return fact.ledger is Ledger.FEE and fact.debtor is Party.CITIZEN and fact.creditor is Party.AGENCY


def _is_remittance(fact: MoneyFact, order_number: str) -> bool:
    by_the_post = fact.debtor is Party.POST and fact.creditor is Party.AGENCY
    return (
        fact.order_number == order_number and fact.ledger is Ledger.FEE and by_the_post and fact.kind is MoneyKind.PAID
    )
