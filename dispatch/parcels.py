"""Parcels: the papers or results of one citizen in one order, each dossier with its own line, due date and custody.

Postage is charged for the order, so it is charged once, and one party pays it. What goes together must go to or from
one person at one address, between the same desk and the same operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.orm import Session

from dispatch.checklist_choice import same_name
from dispatch.citizens import Citizen
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Code, Text
from dispatch.problems import Problem
from dispatch.riders import board, book_when_ready
from dispatch.shipment_queries import current_shipment, get_shipment
from dispatch.shipments import BookingState, Leg, Shipment


class ParcelForm(BaseModel):
    """``POST /v1/parcels``: order numbers, or dossiers and which of their legs. The first one gets the order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    orders: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)
    dossiers: Annotated[list[Code], Field(max_length=50)] = Field(default_factory=list)
    leg: Literal[Leg.SEND, Leg.RETURN] = Leg.RETURN

    @model_validator(mode="after")
    def _two_of_a_kind(self) -> Self:
        if bool(self.orders) is bool(self.dossiers) or len({*self.orders, *self.dossiers}) < 2:
            raise ValueError("name at least two orders, or at least two dossiers")
        return self


def form_parcel(session: Session, form: ParcelForm, now: datetime) -> list[Shipment]:
    """Put shipments into one parcel; returns them, the one with the order first. The same parcel again is the same.

    Raises:
        Problem: one is unknown or no operator may be left untold of it, or they are not for one citizen at one address.
    """
    shipments = _locked(session, form)
    first, *others = shipments
    if first.carries and all(one.rides_with == first.order_number for one in others):
        return shipments
    for shipment in shipments:
        _check_open(shipment)
    for other in others:
        _check_together(session, first, other)
    for other in others:
        board(session, other, first, now)
    session.flush()
    if first.leg is Leg.RETURN:
        first.book_at = first.next_at = None  # until there is nothing in it that waits for its result
        book_when_ready(session, first, now)
    return shipments


def _locked(session: Session, form: ParcelForm) -> list[Shipment]:
    """Lock the dossiers in one order, as everywhere, and then the shipments, of which the booking lane is kept off.

    The order of a parcel comes before what lies in it.
    """
    named = {number: get_shipment(session, number).dossier_code for number in dict.fromkeys(form.orders)}
    codes = list(dict.fromkeys(form.dossiers)) or list(named.values())
    for code in sorted(set(codes)):
        get_dossier(session, code, lock=True)
    numbers = list(named) or [_live(session, code, form.leg).order_number for code in codes]
    for number in sorted(numbers, key=lambda one: (get_shipment(session, one).rides_with is not None, one)):
        session.refresh(get_shipment(session, number), with_for_update=True)
    return [get_shipment(session, number) for number in numbers]


def _live(session: Session, code: str, leg: Leg) -> Shipment:
    shipment = current_shipment(session, code, leg)
    if shipment is None or not shipment.live:
        raise Problem(
            "nothing-ordered",
            "This leg is not ordered",
            f"Dossier {code} has no shipment under way on the leg '{leg}'.",
            "Order it first.",
            next_step_vi="Đăng ký gửi hoặc nhận qua bưu chính cho hồ sơ này trước.",
            next_step_api="Order it first with POST /v1/orders.",
            status=409,
        )
    return shipment


def _check_open(shipment: Shipment) -> None:
    untold = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None and not shipment.waybill
    if not (untold and shipment.live and not shipment.cancel_wanted and shipment.leg is not Leg.TRANSFER):
        raise Problem(
            "parcel-too-late",
            "An order can go into no parcel any more",
            f"Order {shipment.order_number} is '{shipment.state}': its operator may know of it already.",
            "Put orders together before they are booked; or cancel this one and order it again.",
            next_step_vi="Gộp bưu gửi trước khi đặt với bưu điện; hoặc huỷ đơn này và đặt lại.",
            status=409,
            order=shipment.order_number,
        )


def _check_together(session: Session, first: Shipment, other: Shipment) -> None:
    differs = _differences(
        (get_dossier(session, first.dossier_code), get_dossier(session, other.dossier_code)), (first, other)
    )
    if differs or first.carries or other.carries:
        what = ", ".join(differs) or "one of them lies in another parcel"
        raise Problem(
            "parcel-differs",
            "These papers cannot go in one parcel",
            f"Orders {first.order_number} and {other.order_number}: {what}.",
            "Put together what one operator carries between one desk and one citizen's address, and one party pays.",
            next_step_vi="Chỉ gộp giấy tờ cùng người, địa chỉ, cơ quan, đơn vị bưu chính và bên trả cước.",
            status=409,
            order=other.order_number,
        )


def _differences(dossiers: Sequence[Dossier], shipments: Sequence[Shipment]) -> list[str]:
    one, other = (Citizen.from_text(shipment.citizen) for shipment in shipments)
    first, second = dossiers
    here, there = shipments
    same = {
        "another citizen": first.phone_index == second.phone_index and same_name(one.name, other.name),
        "another phone number": one.phone == other.phone,
        "another address": (one.commune_code, one.province_code) == (other.commune_code, other.province_code)
        and same_name(one.address, other.address),
        "another agency": first.agency_code == second.agency_code,
        "another operator": here.account == there.account,
        "another direction": here.leg is there.leg,
        "another payer": here.payer is there.payer,
    }
    return [what for what, holds in same.items() if not holds]
