"""What the journey of the papers does to money: the fee is collected with them, postage falls due and is paid.

The post takes the fee and its postage when it takes the papers from the citizen, and the postage of a result (and the
fee, where only the result goes by post) when it hands that over: it need not deliver what is not paid for (Postal Law
Art. 11(1)(c), 17(1)(đ)). A statement of account, or a person, tells when it was otherwise.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.money.fees import fee_changed, fee_collected, fee_due, fee_remitted
from dispatch.money.postage import postage_due, postage_paid
from dispatch.money.refunds import follow_lateness
from dispatch.money.unnamed import waits_for_amount
from dispatch.parties import Party
from dispatch.shipments import Leg, Shipment
from tracking.clock_facts import facts_of
from tracking.deadlines.facts import FactKind
from tracking.deadlines.rules import RuleId
from tracking.journey import Journey


def follow_journey(
    session: Session, dossier: Dossier, shipment: Shipment, before: Journey, after: Journey, now: datetime
) -> None:
    """Record what follows from a journey that has moved on from ``before``."""
    number, alone = shipment.order_number, shipment.rides_with is None  # a parcel's postage is its carrier's
    if alone and after.collected_at and not before.collected_at and not _is_to_be_named(session, shipment):
        postage_due(session, shipment, after.collected_at, f"{shipment.carrier}: {number} accepted", now)
    taken_at, known = (
        (after.collected_at, before.collected_at)
        if shipment.leg is Leg.SEND
        else (after.delivered_at, before.delivered_at)
    )
    if taken_at and not known:
        fee_collected(session, dossier, shipment, taken_at, now)
        if shipment.cod_vnd > 0 and is_let_off(session, dossier):
            fee_due(session, dossier, 0, taken_at, f"{number}: withdrawn before the agency had begun", now)
        if alone:
            _pay_on_the_spot(session, shipment, taken_at, now)
    arrived_at = _arrival(shipment, after)
    if arrived_at or _arrival(shipment, before):
        follow_lateness(session, shipment, arrived_at or now, now)


def _arrival(shipment: Shipment, journey: Journey) -> datetime | None:
    return journey.first_attempt_at if shipment.leg is Leg.RETURN else journey.delivered_at


def _is_to_be_named(session: Session, shipment: Shipment) -> bool:
    """Whether a person names what this carriage costs: what was quoted at first was for another way."""
    return shipment.generation > 1 and waits_for_amount(session, shipment.order_number)


def follow_word(
    session: Session, shipment: Shipment, reason: str | None, at: datetime, evidence: str, now: datetime
) -> None:
    """Record what an event about money only says; ``reason`` is the status table's word for it."""
    if reason == "fee_remitted":
        fee_remitted(session, shipment, shipment.cod_vnd, at, evidence, now)
    elif reason == "postage_paid" and not _is_to_be_named(session, shipment):
        postage_due(session, shipment, at, evidence, now)
        postage_paid(session, shipment, at, evidence, now)


def fee_falls_due(session: Session, dossier: Dossier, at: datetime, evidence: str, now: datetime) -> None:
    """The agency has taken the dossier: now its fee is due, by whatever route it is paid."""
    if dossier.fee_vnd > 0 and not is_let_off(session, dossier):
        fee_due(session, dossier, dossier.fee_vnd, at, evidence, now)


def fee_registered(session: Session, dossier: Dossier, now: datetime) -> None:
    """Follow a fee that the one-stop has corrected; what is let off stays let off, however often it is registered."""
    if not is_let_off(session, dossier):
        fee_changed(session, dossier, now)


def is_let_off(session: Session, dossier: Dossier) -> bool:
    """Whether a dossier was withdrawn before the agency had begun: it has done nothing that it could charge for."""
    known = facts_of(session, dossier.code)
    struck = {fact.voids for fact in known}
    facts = [fact for fact in known if fact.id not in struck]
    withdrawn_at = min((fact.at for fact in facts if fact.rule == RuleId.STOP_WITHDRAWN), default=None)
    return withdrawn_at is not None and not any(
        fact.kind is FactKind.START and fact.at <= withdrawn_at for fact in facts
    )


def _pay_on_the_spot(session: Session, shipment: Shipment, at: datetime, now: datetime) -> None:
    """The citizen pays the postman; an agency that is at fault pays by account."""
    if shipment.payer is Party.CITIZEN:
        what = "collected" if shipment.leg is Leg.SEND else "delivered"
        postage_paid(session, shipment, at, f"{shipment.carrier}: {shipment.order_number} {what}", now)
