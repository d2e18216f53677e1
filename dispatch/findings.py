"""What a person found out by asking the operator, where the two systems cannot settle it between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from sqlalchemy.orm import Session

from carriers.contract import Booking, ChangeOutcome
from dispatch.context import Context
from dispatch.forms import Text
from dispatch.problems import Problem
from dispatch.settlements import Adopted, Settlement, after_cancel_to_be_sure, cancelled, lives_on
from dispatch.settling import settle
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Shipment


class FindingForm(BaseModel):
    """``POST /v1/shipments/{order_number}/finding``: what the operator told a person of an order that is in doubt.

    Attributes:
        held: whether the operator holds the order.
        waybill: the item's number at the operator, with ``held`` only.
        although_confirmed: with an order that is not held: the operator had confirmed it, and denies it now.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    held: bool
    waybill: Annotated[Text, StringConstraints(max_length=40)] | None = None
    although_confirmed: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.waybill is not None and not self.held:
            raise ValueError("an order that is not held has no waybill; leave waybill out")
        if self.although_confirmed and self.held:
            raise ValueError("although_confirmed goes with an order that is not held")
        return self


def note_finding(context: Context, number: str, form: FindingForm) -> None:
    """Take what a person found out; raises as the two functions below."""
    if form.held:
        order_is_there(context, number, form.waybill)
    else:
        order_is_not_there(context, number, although_confirmed=form.although_confirmed)


def order_is_there(context: Context, number: str, waybill: str | None) -> None:
    """The operator holds the order, under ``waybill`` where the person was told one.

    An order that is cancelled here, and that it holds all the same, is cancelled there again.

    Raises:
        Problem: there is no such order, nothing about it is in doubt, or it is being worked on.
    """

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.booking is not BookingState.CANCELLED:
            lives_on(shipment)
        if waybill is not None:
            shipment.other_waybill = None  # the person has asked which of the two lives
        Adopted(Booking(number, waybill, already_existed=True))(session, shipment, now)

    def is_news(shipment: Shipment) -> bool:
        renamed = shipment.booking is BookingState.BOOKED and waybill not in (None, shipment.waybill)
        return renamed or (shipment.booking is BookingState.CANCELLED and not shipment.cancel_wanted)

    _settle(context, number, change, is_news)


def order_is_not_there(context: Context, number: str, *, although_confirmed: bool = False) -> None:
    """The operator does not hold the order: what was to be cancelled is dead, what was to be booked is booked again.

    ``although_confirmed``: it had said that it does, and has not had the papers since. Then its later word counts, and
    the order is booked anew under the same number, without the waybill that it had.

    Raises:
        Problem: there is no such order, nothing about it is in doubt, or it is being worked on.
    """

    def change(session: Session, shipment: Shipment, now: datetime) -> None:
        if shipment.withdrawn_at is not None and shipment.booking is not BookingState.BOOKED:
            # We were cancelling it to be sure, because nobody had seen it: the leg is still to be carried.
            shipment.booking = BookingState.OUTCOME_UNKNOWN
            after_cancel_to_be_sure(ChangeOutcome.ACCEPTED)(session, shipment, now)
        elif shipment.cancel_wanted or shipment.withdrawn_at is not None:
            cancelled(session, shipment, now)
        else:
            if shipment.booking is BookingState.BOOKED:
                shipment.waybill = shipment.operator_id = shipment.other_waybill = None
            shipment.booking, shipment.next_at = BookingState.REQUESTED, now
            shipment.unknown_since = shipment.trouble = None

    def is_news(shipment: Shipment) -> bool:
        untouched = shipment.live and shipment.journey in BEFORE_COLLECTION
        return although_confirmed and shipment.booking is BookingState.BOOKED and untouched

    _settle(context, number, change, is_news)


def _settle(context: Context, number: str, change: Settlement, is_news: Callable[[Shipment], bool]) -> None:
    with context.database.read() as session:
        shipment = get_shipment(session, number)
        if not (_is_in_doubt(shipment) or is_news(shipment)):
            raise _nothing_in_doubt(shipment)
    if not settle(context, number, change):
        raise _being_worked_on(number)


def _is_in_doubt(shipment: Shipment) -> bool:
    if shipment.booking is BookingState.BOOKED:
        return shipment.withdrawn_at is not None or shipment.waybill is None
    return shipment.booking in (BookingState.OUTCOME_UNKNOWN, BookingState.PARKED)


def _nothing_in_doubt(shipment: Shipment) -> Problem:
    return Problem(
        "nothing-in-doubt",
        "Nothing about this order is in doubt",
        f"Order {shipment.order_number} is '{shipment.state}'.",
        "Look the order up, or the list of what needs a person; nothing was changed.",
        next_step_vi="Đơn không có gì cần xác minh; chưa có thay đổi nào được ghi.",
        next_step_api="Look it up with GET /v1/orders, or in the list of what needs a person; nothing was changed.",
        status=409,
    )


def _being_worked_on(number: str) -> Problem:
    return Problem(
        "being-worked-on",
        "The order is being worked on",
        f"Order {number} is being asked about at the operator at this moment; nothing was changed.",
        "Try again in a minute.",
        next_step_vi="Thử lại sau một phút.",
        status=409,
    )
