"""The citizen's choice becomes legs, and legs become shipments."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import PickupWindow
from carriers.states import ShipmentState
from config.accounts import Accounts, CarrierAccount
from config.clock import local
from config.database import Base, UtcDateTime
from dispatch.citizens import Citizen, check_citizen
from dispatch.dossiers import Dossier, get_dossier, list_papers
from dispatch.forms import NewAddressForm, OrderForm, PickupForm, Service
from dispatch.problems import Problem, unknown_order
from dispatch.routing import Need, Operators, choose, record, zone_between
from dispatch.shipments import (
    BEFORE_COLLECTION,
    ENDED,
    BookingState,
    Leg,
    Shipment,
    Successor,
    current_shipment,
    order_number,
    refresh_state,
)

LEGS = {Service.SEND: (Leg.SEND,), Service.RECEIVE: (Leg.RETURN,), Service.BOTH: (Leg.SEND, Leg.RETURN)}
"""Which legs each of the three services has (Decision 45/2016/QĐ-TTg Art. 5)."""


class PostalOrder(Base):
    """One choice of a citizen for one dossier."""

    __tablename__ = "postal_order"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    service: Mapped[Service]
    fee_by_post: Mapped[bool]
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def place_order(
    session: Session,
    accounts: Accounts,
    form: OrderForm,
    *,
    result_is_ready: bool,
    now: datetime,
    operators: Operators | None = None,
) -> tuple[PostalOrder, list[Shipment]]:
    """Take the citizen's choice. Nothing is booked yet: the shipments wait for their turn as rows.

    The return leg is booked only when there is a result to collect.

    Raises:
        Problem: the dossier is unknown, the procedure may not go by post, a leg is alive already, or the address or
            contact cannot be used.
    """
    dossier = get_dossier(session, form.dossier, lock=True)
    _check_allowed(dossier, form.service)
    citizen = check_citizen(dossier, form.address, form.contact)
    order = PostalOrder(
        id=uuid.uuid4().hex,
        dossier_code=dossier.code,
        service=form.service,
        fee_by_post=form.fee_by_post,
        placed_at=now,
    )
    session.add(order)
    session.flush()
    legs = LEGS[form.service]
    _refuse_live_legs(session, dossier, legs)
    is_left_alone = operators.is_left_alone if operators else lambda _account: False
    serves = operators.serves if operators else lambda _account, _province: True
    shipments = []
    for leg in legs:
        need = Need(dossier.agency_code, leg, citizen.province_code, form.carrier)
        choice = choose(session, accounts, need, now, is_left_alone, serves)
        shipments.append(_new_shipment(session, order, dossier, leg, choice.account, citizen, now))
        if form.pickup is not None and leg is Leg.SEND:
            offered = operators.pickup_windows(choice.account.id) if operators else ()
            _ask_for_pickup(shipments[-1], form.pickup, offered, now)
        session.flush()
        record(session, shipments[-1].order_number, choice, now)
    for shipment in shipments:
        if shipment.leg is Leg.SEND or result_is_ready:
            shipment.book_at = shipment.next_at = now
    session.flush()
    return order, shipments


def get_order(session: Session, order_id: str) -> PostalOrder:
    """Return the order.

    Raises:
        Problem: there is none with this id.
    """
    order = session.get(PostalOrder, order_id)
    if order is None:
        raise unknown_order(order_id)
    return order


def next_generation(
    session: Session, dead: Shipment, now: datetime, *, account: CarrierAccount | None = None
) -> Shipment:
    """Order a leg again after its shipment is proven dead at the operator.

    Everything but the number stays, and the operator where another ``account`` is given.
    """
    inherited = {name: getattr(dead, name) for name in _INHERITED}
    if account is not None:
        inherited |= {"carrier": account.carrier, "account": account.id}
    heir = Shipment(
        order_number=order_number(dead.dossier_code, dead.leg, dead.generation + 1),
        generation=dead.generation + 1,
        **inherited,
        **_fresh(now),
    )
    heir.book_at = heir.next_at = now
    session.add(heir)
    session.flush()
    return heir


def succeed(session: Session, dead: Shipment, now: datetime) -> None:
    """Order a leg again whose shipment is dead, if that was wanted."""
    if dead.successor is None or dead.live:
        return
    wanted, dead.successor = dead.successor, None
    session.flush()  # the leg must be free before its next generation claims it
    heir = next_generation(session, dead, now)
    if wanted is Successor.WAITING:
        heir.book_at = heir.next_at = None


def ask_to_cancel(shipments: Sequence[Shipment], now: datetime) -> list[Shipment]:
    """Cancel what can still be cancelled; returns the shipments the operator must be told about.

    Raises:
        Problem: the operator holds the papers of a leg already, so there is nothing left to cancel.
    """
    open_ones = [s for s in shipments if s.live]
    carried = [s for s in open_ones if s.journey not in BEFORE_COLLECTION]
    if not open_ones or len(carried) == len(open_ones):
        raise _too_late(carried)
    asked = []
    for shipment in (s for s in open_ones if s not in carried):
        shipment.successor = None
        if _unknown_to_operator(shipment):
            shipment.booking, shipment.next_at, shipment.trouble = BookingState.CANCELLED, None, None
            refresh_state(shipment, now)
        else:
            shipment.cancel_wanted, shipment.next_at = True, now
            asked.append(shipment)
    return asked


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
        Problem: every leg is with an operator that takes no other address, or the new address cannot be used.
    """
    dossier = get_dossier(session, order.dossier_code)
    citizen = check_citizen(dossier, form.address, form.contact).to_text()
    unsent = [s for s in shipments if s.live and s.booking is BookingState.REQUESTED]
    open_ones = [s for s in unsent if s.unknown_since is None]  # what may be there goes where it was sent
    held = [s for s in shipments if _may_be_sent_elsewhere(s) and takes_addresses(s)]
    if not open_ones and not held:
        raise Problem(
            "too-late-to-change",
            "The operator already has this order",
            "No leg of this order is still waiting to be booked, so its address cannot be changed here.",
            "Cancel the order and place a new one while the papers have not been collected, or ask the operator.",
            next_step_vi="Huỷ đơn và đặt lại khi bưu tá chưa nhận giấy tờ, hoặc liên hệ bưu điện.",
            status=409,
        )
    for shipment in open_ones:
        shipment.citizen = citizen
    for shipment in held:
        shipment.new_citizen, shipment.next_at = citizen, now
    return open_ones + held


def _may_be_sent_elsewhere(shipment: Shipment) -> bool:
    going_home = shipment.leg is Leg.RETURN and shipment.journey not in (ShipmentState.RETURNING, *ENDED)
    return shipment.live and shipment.booking is BookingState.BOOKED and not shipment.cancel_wanted and going_home


def _ask_for_pickup(shipment: Shipment, wish: PickupForm, offered: Sequence[PickupWindow], now: datetime) -> None:
    """Note when the postman should come; an operator that lets nobody choose is told in the note."""
    chosen = PickupWindow(wish.opens, wish.closes)
    if wish.on < local(now).date() or chosen.opens >= chosen.closes or (offered and chosen not in offered):
        windows = ", ".join(f"{window.opens:%H:%M}-{window.closes:%H:%M}" for window in offered) or "the day's windows"
        raise Problem(
            "pickup-window",
            "The postman cannot come then",
            f"{wish.on} {wish.opens:%H:%M}-{wish.closes:%H:%M} is over, or none of {windows}.",
            "Choose a day from today on, and one of the windows that POST /v1/quotes shows.",
            next_step_vi="Chọn ngày từ hôm nay và một khung giờ trong bảng báo giá.",
        )
    shipment.pickup_on = wish.on
    shipment.pickup_window = f"{wish.opens:%H:%M}-{wish.closes:%H:%M}"


_INHERITED = (
    *("order_id", "dossier_code", "leg", "carrier", "account"),
    *("citizen", "contents", "cod_vnd", "zone", "pickup_on", "pickup_window"),
)


def _fresh(now: datetime) -> dict[str, object]:
    return {
        "booking": BookingState.REQUESTED,
        "state": BookingState.REQUESTED.value,
        "state_since": now,
        "live": True,
        "attempts": 0,
        "cancel_wanted": False,
        "failed_attempts": [],
        "anomalies": [],
        "created_at": now,
    }


def _new_shipment(
    session: Session,
    order: PostalOrder,
    dossier: Dossier,
    leg: Leg,
    account: CarrierAccount,
    citizen: Citizen,
    now: datetime,
) -> Shipment:
    before = current_shipment(session, dossier.code, leg)
    generation = before.generation + 1 if before else 1
    shipment = Shipment(
        order_number=order_number(dossier.code, leg, generation),
        order_id=order.id,
        dossier_code=dossier.code,
        leg=leg,
        generation=generation,
        carrier=account.carrier,
        account=account.id,
        citizen=citizen.to_text(),
        contents=[[p.name, p.originals, p.copies] for p in list_papers(session, dossier.code)],
        cod_vnd=dossier.fee_vnd if order.fee_by_post and leg is Leg.SEND else 0,
        zone=zone_between(account, citizen.province_code),
        **_fresh(now),
    )
    session.add(shipment)
    return shipment


def _check_allowed(dossier: Dossier, service: Service) -> None:
    legs = LEGS[service]
    if (Leg.SEND not in legs or dossier.postal_submission) and (Leg.RETURN not in legs or dossier.postal_return):
        return
    raise Problem(
        "service-not-allowed",
        "This procedure may not go by post this way",
        f"Procedure {dossier.procedure_code} does not allow service '{service}': sending is "
        f"{'allowed' if dossier.postal_submission else 'not allowed'}, receiving is "
        f"{'allowed' if dossier.postal_return else 'not allowed'} (Decision 45/2016/QĐ-TTg Art. 1(2)).",
        "Offer the citizen a service that the procedure allows, or the counter.",
        next_step_vi="Hướng dẫn công dân chọn dịch vụ mà thủ tục cho phép, hoặc đến bộ phận một cửa.",
    )


def _refuse_live_legs(session: Session, dossier: Dossier, legs: tuple[Leg, ...]) -> None:
    for leg in legs:
        shipment = current_shipment(session, dossier.code, leg)
        if shipment is not None and shipment.live:
            raise Problem(
                "leg-alive",
                "This leg is already under way",
                f"Shipment {shipment.order_number} of dossier {dossier.code} is '{shipment.state}'.",
                f"Follow that shipment, or cancel its order {shipment.order_id} first.",
                next_step_vi="Theo dõi đơn đang có, hoặc huỷ đơn đó trước khi đặt đơn mới.",
                status=409,
                order=shipment.order_id,
                order_number=shipment.order_number,
            )


def _unknown_to_operator(shipment: Shipment) -> bool:
    """Whether nothing can exist at the operator: it was never asked, or it said no."""
    refused = shipment.booking is BookingState.PARKED and shipment.unknown_since is None
    never_asked = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
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
