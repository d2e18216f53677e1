"""What can still be changed about an order, as the buttons of its dossier's page offer it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dispatch.order_changes import may_be_sent_elsewhere
from dispatch.recalls import COMES_BACK
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.web.board.buttons import Button

_ = str
_IN_DOUBT = (BookingState.OUTCOME_UNKNOWN, BookingState.PARKED)


def changes(
    shipments: Sequence[Shipment], agency: str, staff: Staff, operators: Collection[str] = ()
) -> dict[str, list[Button]]:
    """Return the buttons of each order, by its number; ``operators`` are those with which the agency can send."""
    return {one.order_number: list(_of(one, agency, staff, operators)) for one in shipments}


def of_stay(code: str, agency: str, staff: Staff, *, goes_out: bool) -> list[Button]:
    """Return the buttons of a result that waits at the counter; ``goes_out``: the post is to fetch it already."""
    place, offered = f"/board/dossiers/{code}", []
    if staff.may(Permission.SIGN_HANDOVERS, agency):
        offered.append(Button(_("Collected at the counter"), f"{place}/counter-pickup"))
    if staff.may(Permission.PLACE_ORDERS, agency) and not goes_out:
        offered.append(Button(_("Send the result again"), f"{place}/second-sending"))
    return offered


def _of(shipment: Shipment, agency: str, staff: Staff, operators: Collection[str]) -> Iterator[Button]:
    place, order = f"/board/shipments/{shipment.order_number}", f"/board/orders/{shipment.order_id}"
    if staff.may(Permission.SETTLE_DOUBTS, agency) and is_in_doubt(shipment):
        yield Button(_("Say what the post told you"), f"{place}/finding")
    if not staff.may(Permission.CHANGE_ORDERS, agency):
        return
    if may_be_cancelled(shipment):
        yield Button(_("Cancel the order"), f"{order}/cancel")
    if may_be_forwarded(shipment):
        yield Button(_("Send it to another address"), f"{place}/forward")
    elif may_be_readdressed(shipment):
        yield Button(_("Change the address"), f"{order}/address")
    if may_be_given_away(shipment) and set(operators) - {shipment.carrier}:
        yield Button(_("Give it to another operator"), f"{place}/operator")
    if may_be_recalled(shipment):
        yield Button(_("Call the papers back"), f"{place}/recall")


def is_in_doubt(shipment: Shipment) -> bool:
    """Whether a person's word about an order would settle something."""
    unnamed = shipment.booking is BookingState.BOOKED and shipment.live and shipment.waybill is None
    return shipment.booking in _IN_DOUBT or unnamed or shipment.withdrawn_at is not None


def may_be_cancelled(shipment: Shipment) -> bool:
    """Whether the papers are still with their sender."""
    return shipment.live and shipment.journey in BEFORE_COLLECTION and not shipment.cancel_wanted


def may_be_given_away(shipment: Shipment) -> bool:
    """Whether another operator could have it, by its own parcel, as its sender still has the papers."""
    return may_be_cancelled(shipment) and shipment.rides_with is None and not shipment.carries


def may_be_readdressed(shipment: Shipment) -> bool:
    """Whether another address could be put on it, or be told to its operator."""
    alone = shipment.leg is not Leg.TRANSFER and not shipment.carries
    unsent = shipment.live and shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
    return alone and (unsent or may_be_sent_elsewhere(shipment))


def may_be_forwarded(shipment: Shipment) -> bool:
    """Whether a result is with the post, whose citizen may have moved: to whom the post brings it, or only back."""
    alone = shipment.rides_with is None and not shipment.carries
    held = shipment.live and shipment.journey not in BEFORE_COLLECTION and not shipment.cancel_wanted
    return shipment.leg is Leg.RETURN and alone and held


def may_be_recalled(shipment: Shipment) -> bool:
    """Whether papers are on their way that nobody has wanted back yet."""
    under_way = shipment.live and shipment.journey not in BEFORE_COLLECTION and shipment.journey not in COMES_BACK
    return under_way and shipment.rides_with is None and shipment.recall_asked_at is None
