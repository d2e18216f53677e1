"""Another operator for a leg whose own cannot be reached: only while it is certain that nobody holds the order."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.outcomes import CarrierError
from dispatch import routing, waybills
from dispatch.citizens import Citizen
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.generations import next_generation
from dispatch.problems import Problem
from dispatch.settlements import Settlement, try_later
from dispatch.shipments import BookingState, Shipment, refresh_state

_ENOUGH_TRIES = 3


def later_or_elsewhere(context: Context, error: CarrierError) -> Settlement:
    """Nothing happened at the operator: try it again, or, when that has gone on for too long, try another."""
    again = try_later(error)

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        again(session, shipment, now)
        if _is_hopeless(context, shipment, now) and not _was_asked_for(session, shipment):
            _give_to_another(session, context, shipment, error, now)

    return change


def _is_hopeless(context: Context, shipment: Shipment, now: datetime) -> bool:
    """Whether the operator never had this order, and has refused to be reached for long enough."""
    asked_in_vain = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
    never_had = asked_in_vain and shipment.journey is None and not shipment.cancel_wanted
    waited = now - (shipment.book_at or now)
    patience = timedelta(minutes=context.settings.failover_minutes)
    return never_had and shipment.attempts >= _ENOUGH_TRIES and waited >= patience


def _was_asked_for(session: Session, shipment: Shipment) -> bool:
    decision = routing.decision_about(session, shipment.order_number)
    return decision is not None and decision.asked_for


def _tried(session: Session, shipment: Shipment) -> set[str]:
    """Return the accounts that this order has been given to for this leg: it goes to each once, and not in circles."""
    same = select(Shipment.account).where(Shipment.order_id == shipment.order_id, Shipment.leg == shipment.leg)
    return set(session.scalars(same))


def _give_to_another(
    session: Session, context: Context, shipment: Shipment, error: CarrierError, now: datetime
) -> None:
    dossier = get_dossier(session, shipment.dossier_code)
    need = routing.Need(
        agency=dossier.agency_code,
        leg=shipment.leg,
        citizen_province=Citizen.from_text(shipment.citizen).province_code,
        without=_tried(session, shipment),
    )
    operators = OperatorsNow(session, context)
    try:
        choice = routing.choose(session, context.accounts, need, now, operators.is_left_alone, operators.serves)
    except Problem:
        return  # there is no other: the own one is tried on, and staff see that it takes long
    if operators.is_left_alone(choice.account.id):
        return
    waybills.give_back(session, shipment.account, shipment.order_number)
    shipment.waybill, shipment.next_at, shipment.booking = None, None, BookingState.CANCELLED
    shipment.trouble = f"Given to {choice.account.carrier}: {error}"[:1000]
    refresh_state(shipment, now)
    session.flush()  # the leg must be free before its next generation claims it
    heir = next_generation(session, shipment, now, account=choice.account)
    routing.record(session, heir.order_number, choice, now)
