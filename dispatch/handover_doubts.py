"""What speaks against giving papers to the postman, as far as the dossier and the order tell.

Doubts are shown and have to be confirmed by a person; they refuse nothing. The record is the paper that both sides sign
(Decision 45/2016/QĐ-TTg Art. 9(2)): what has gone over the counter has gone, and a system that will not write it down
only says wrongly who has the papers. And what we know may be behind: a desk hands a result out before its own system
has told of it, and the postman takes along what he has no order for.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from dispatch.forms import Direction
from dispatch.handover_lines import Handover
from dispatch.riders import carrier_of, is_there
from dispatch.shipments import BookingState, Shipment

_AT_THE_OPERATOR = (BookingState.BOOKED, BookingState.RIDING)
_PERHAPS = (BookingState.BOOKING, BookingState.OUTCOME_UNKNOWN)


class Doubt(StrEnum):
    """Why papers should perhaps not go to the postman yet."""

    NOT_READY = "not-ready"
    """The dossier has no result: what would be handed over are at most the papers that were submitted."""
    NOT_BOOKED = "not-booked"
    """No operator has an order for it, so none expects it, follows it or knows where it is to go."""
    MAYBE_NOT_BOOKED = "maybe-not-booked"
    """An order is being placed, or nobody knows whether the operator took it."""


def doubts(session: Session, handover: Handover, shipment: Shipment) -> list[Doubt]:
    """Return what speaks against handing a shipment's papers over by a record.

    Nothing does where the post brings them. A signed record shows nothing: what has happened since is not what was
    known when both signed.
    """
    if handover.direction is not Direction.TO_POST or handover.signed_at is not None:
        return []
    found = [] if is_there(session, shipment) else [Doubt.NOT_READY]
    carrier = carrier_of(session, shipment)
    # The operator's own events prove that it has the order, whatever our call seemed to say; but no order that has been
    # cancelled since is one under which it would take anything.
    if carrier.booking == BookingState.CANCELLED:
        return [*found, Doubt.NOT_BOOKED]
    if carrier.journey is not None or carrier.booking in _AT_THE_OPERATOR:
        return found
    return [*found, Doubt.MAYBE_NOT_BOOKED if carrier.booking in _PERHAPS else Doubt.NOT_BOOKED]
