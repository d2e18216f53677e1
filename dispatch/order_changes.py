"""What can still be changed about an order that was placed: it is cancelled, or goes to another address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.change_forms import NewAddressForm
from dispatch.changes_allowed import check_asker, check_recipient
from dispatch.citizens import check_citizen
from dispatch.dossiers import get_dossier
from dispatch.orders import PostalOrder
from dispatch.problems import Problem
from dispatch.shipments import BEFORE_COLLECTION, ENDED, BookingState, Leg, Shipment, refresh_state


def ask_to_cancel(shipments: Sequence[Shipment], now: datetime, *, signed_out: Collection[str] = ()) -> list[Shipment]:
    """Cancel what can still be cancelled; returns the shipments the operator must be told about.

    Whoever asks again, because the answer was lost, finds it done. ``signed_out`` are the numbers of orders whose
    papers the post has by a signed record, though it has not reported that yet.

    Raises:
        Problem: the operator holds the papers of a leg already, so there is nothing left to cancel.
    """
    if _are_cancelled(shipments):
        return []
    open_ones = [s for s in shipments if s.live]
    carried = [s for s in open_ones if s.journey not in BEFORE_COLLECTION or s.order_number in signed_out]
    if not open_ones or len(carried) == len(open_ones):
        raise _too_late(carried)
    asked = []
    for shipment in (s for s in open_ones if s not in carried):
        shipment.disinherit()
        if unknown_to_operator(shipment):
            shipment.booking, shipment.next_at, shipment.trouble = BookingState.CANCELLED, None, None
            refresh_state(shipment, now)
        else:
            shipment.cancel_wanted, shipment.next_at = True, now
            asked.append(shipment)
    return asked


def _are_cancelled(shipments: Sequence[Shipment]) -> bool:
    """Whether every leg ends with a cancellation, so that there is nothing to cancel and nothing refused."""
    newest = {s.leg: s for s in sorted(shipments, key=lambda s: s.generation)}
    return bool(newest) and all(s.state == ShipmentState.CANCELLED for s in newest.values())


def change_address(
    session: Session,
    order: PostalOrder,
    shipments: Sequence[Shipment],
    form: NewAddressForm,
    now: datetime,
    *,
    takes_addresses: Callable[[Shipment], bool] = lambda _shipment: False,
) -> list[Shipment]:
    """Put a new address on every leg that the operator has not been told of; returns the legs that get it.

    A result that the operator holds already is sent elsewhere where the operator takes that (Postal Law Art. 16(3)):
    it is told in the background.

    Raises:
        Problem: every leg is with an operator that takes no other address, the new address cannot be used, or who asks
            may not.
    """
    check_asker(form)
    dossier = get_dossier(session, order.dossier_code)
    person = check_citizen(dossier, form.address, form.contact)
    citizen = person.to_text()
    alone = [s for s in shipments if s.leg is not Leg.TRANSFER and not s.carries]
    unsent = [s for s in alone if s.live and s.booking is BookingState.REQUESTED]
    open_ones = [s for s in unsent if s.unknown_since is None]  # what may be there goes where it was sent
    held = [s for s in alone if may_be_sent_elsewhere(s) and takes_addresses(s)]
    if not open_ones and not held:
        raise Problem(
            "too-late-to-change",
            "The operator already has this order",
            "No leg of this order is still waiting to be booked, so its address cannot be changed here.",
            "Cancel the order and place a new one while the papers have not been collected, or ask the operator.",
            next_step_vi="Huỷ đơn và đặt lại khi bưu tá chưa nhận giấy tờ, hoặc liên hệ bưu điện.",
            status=409,
        )
    check_recipient(form, held, person)
    for shipment in open_ones:
        shipment.citizen = citizen
    for shipment in held:
        shipment.new_citizen, shipment.next_at, shipment.address_waits_since = citizen, now, None
    return open_ones + held


def may_be_sent_elsewhere(shipment: Shipment) -> bool:
    """Whether a result is booked or on its way to the citizen, so that its operator may be told another address."""
    going_home = shipment.leg is Leg.RETURN and shipment.journey not in (ShipmentState.RETURNING, *ENDED)
    return shipment.live and shipment.booking is BookingState.BOOKED and not shipment.cancel_wanted and going_home


def unknown_to_operator(shipment: Shipment) -> bool:
    """Whether nothing can exist at the operator: it was never asked, or it said no."""
    refused = shipment.booking is BookingState.PARKED and shipment.unknown_since is None
    never_asked = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
    if shipment.booking is BookingState.RIDING:
        return True
    return refused or (never_asked and shipment.waybill is None)  # a waybill goes back to the pool first


def _too_late(carried: Sequence[Shipment]) -> Problem:
    numbers = ", ".join(s.order_number for s in carried)
    return Problem(
        "too-late-to-cancel",
        "Nothing is left to cancel",
        f"The operator holds the papers of {numbers}." if carried else "Every leg of this order has ended.",
        "Ask the operator to return the papers to their sender; the journey is followed until they are back."
        if carried
        else "Place a new order if papers are to be sent again.",
        next_step_vi="Đề nghị bưu điện chuyển hoàn giấy tờ cho người gửi."
        if carried
        else "Đặt đơn mới nếu cần gửi lại.",
        status=409,
    )
