"""Several dossiers in one parcel: one shipment has the order at the operator, the others ride with it.

A rider keeps its own dossier, due date, custody and line in every handover record. Only the order, and with it the
postage, is shared.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.dossiers import PaperKind, list_papers
from dispatch.money.unnamed import goes_alone, goes_along
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment, refresh_state


def riders_of(session: Session, shipment: Shipment) -> list[Shipment]:
    """Return the shipments in another's parcel, which is locked; they are locked with it."""
    if not shipment.carries:
        return []
    query = select(Shipment).where(Shipment.rides_with == shipment.order_number).order_by(Shipment.order_number)
    return list(session.scalars(query.with_for_update()))


def dossiers_aboard(session: Session, shipment: Shipment) -> list[str]:
    """Return the dossiers in a parcel, in the order in which they are to be locked, before any shipment is."""
    riders = select(Shipment.dossier_code).where(Shipment.rides_with == shipment.order_number)
    return sorted({shipment.dossier_code, *(session.scalars(riders) if shipment.carries else ())})


def carrier_of(session: Session, shipment: Shipment) -> Shipment:
    """Return the shipment in whose parcel another lies: itself, where it has an order of its own."""
    return session.get_one(Shipment, shipment.rides_with) if shipment.rides_with else shipment


def aboard(session: Session, carrier: Shipment) -> list[Shipment]:
    """Return everything in a parcel, the one with the order first."""
    return [carrier, *riders_of(session, carrier)]


def board(session: Session, rider: Shipment, carrier: Shipment, now: datetime) -> None:
    """Put a shipment that no operator knows into another's parcel, whose postage it shares."""
    rider.booking, rider.rides_with = BookingState.RIDING, carrier.order_number
    rider.next_at, carrier.carries = None, True
    refresh_state(rider, now)
    goes_along(session, rider, now)


def get_off(session: Session, rider: Shipment, now: datetime) -> None:
    """Take a shipment out of the parcel before that is collected: it is to be ordered by itself."""
    rider.booking, rider.rides_with, rider.journey, rider.book_at = BookingState.REQUESTED, None, None, None
    refresh_state(rider, now)
    goes_alone(session, rider, now)


def leave(session: Session, rider: Shipment, now: datetime) -> None:
    """A shipment lies in a parcel no more: what it was the last to be waited for goes without it."""
    carrier = carrier_of(session, rider)
    rider.rides_with = None
    session.flush()  # so that it is not found among those who ride
    if carrier.waits_for_result and carrier.pickup_on is not None and carrier.pickup_on < local(now).date():
        carrier.pickup_on = None  # it was kept waiting beyond the day that was planned
    book_when_ready(session, carrier, now)


def move_aboard(session: Session, dead: Shipment, heir: Shipment) -> None:
    """Let the riders of a dead order ride with the one that takes its place; those that have ended stay ended."""
    for rider in (one for one in riders_of(session, dead) if one.live):
        rider.rides_with, rider.journey, heir.carries = heir.order_number, None, True
        rider.carrier, rider.account = heir.carrier, heir.account
    dead.carries = False


def hand_on(session: Session, dead: Shipment, now: datetime) -> None:
    """A parcel's order was cancelled before it was collected: the first of its riders takes the others with it."""
    left = riders_of(session, dead)
    if not left or dead.state != ShipmentState.CANCELLED or dead.journey not in {*BEFORE_COLLECTION, "cancelled"}:
        return
    dead.carries, first = False, left[0]
    get_off(session, first, now)
    for rider in left[1:]:
        board(session, rider, first, now)
        rider.journey = None
    book_when_ready(session, first, now)


def book_when_ready(session: Session, shipment: Shipment, now: datetime) -> None:
    """Let a shipment's parcel be booked as soon as there is nothing in it that waits for its result."""
    carrier = carrier_of(session, shipment)
    if carrier.waits_for_result and all(is_there(session, one) for one in aboard(session, carrier)):
        carrier.book_at = carrier.next_at = now


def is_there(session: Session, shipment: Shipment) -> bool:
    """Whether there is something to collect: of a leg that carries a result, the result."""
    if shipment.leg is not Leg.RETURN:
        return True
    return any(paper.kind is PaperKind.RESULT for paper in list_papers(session, shipment.dossier_code))
