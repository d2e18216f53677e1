"""Which shipments wait at a desk to change hands: conditions that cost by what waits, not by what ever went over it.

Everything that was ever delivered to an agency is in one of the states from which papers change hands. What was signed
for is known by the shipment itself (``counted_at``), and only the few that were rejected are looked up.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, union_all

from carriers.states import ShipmentState
from dispatch.dossiers import Dossier
from dispatch.forms import Direction
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.shipments import BookingState, Leg, Shipment
from dispatch.transfers import Transfer

_COMING = (ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.DELIVERY_FAILED)
_ARRIVED = (ShipmentState.DELIVERED, ShipmentState.RETURNED)
_TO_COLLECT = (
    *(ShipmentState.BOOKED, ShipmentState.COLLECTING, ShipmentState.COLLECTION_FAILED),
    BookingState.RIDING,
)


def waits_at(agency: str, direction: Direction) -> list[ColumnElement[bool]]:
    """Return the conditions of what waits at an agency's desk, for a query that has joined dossier and transfer."""
    signed = signed_numbers(direction).where(HandoverLine.order_number == Shipment.order_number)
    return [_is_at_the_desk_of(agency, direction), *_is_to_change_hands(direction), ~signed.exists()]


def signed_numbers(direction: Direction) -> Any:
    """What was taken over for good; a rejected line may be counted again, in a new record."""
    return (
        select(HandoverLine.order_number)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.direction == direction, HandoverLine.accepted.is_(True))
    )


def _is_at_the_desk_of(agency: str, direction: Direction) -> ColumnElement[bool]:
    """Whose desk papers of a transfer come to is the other agency's, unless they have come back."""
    if direction is Direction.TO_POST:
        ours = Transfer.from_agency == agency
    else:
        back = Shipment.state == ShipmentState.RETURNED
        ours = or_(and_(back, Transfer.from_agency == agency), and_(~back, Transfer.to_agency == agency))
    return or_(ours, and_(Transfer.order_id.is_(None), Dossier.agency_code == agency))


def _is_to_change_hands(direction: Direction) -> list[ColumnElement[bool]]:
    """Whether the papers of a shipment go over the counter next, in this direction."""
    leg, state, number = Shipment.leg, Shipment.state, Shipment.order_number
    if direction is Direction.TO_POST:
        return [leg != Leg.SEND, state.in_(_TO_COLLECT)]
    back = state == ShipmentState.RETURNED
    inward = or_(and_(leg != Leg.RETURN, state.in_((*_COMING, ShipmentState.DELIVERED))), and_(leg != Leg.SEND, back))
    uncounted_or_rejected = union_all(  # each by an index of its own, which one condition with "or" has not
        select(number).where(state.in_(_COMING)),
        select(number).where(state.in_(_ARRIVED), Shipment.counted_at.is_(None)),
        select(HandoverLine.order_number).where(HandoverLine.accepted.is_(False)),
    )
    return [inward, number.in_(uncounted_or_rejected)]
