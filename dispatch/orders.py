"""The citizen's choice becomes legs, and legs become shipments."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.contract import PickupWindow
from config.accounts import Accounts, CarrierAccount
from config.clock import local
from config.database import Base, UtcDateTime
from dispatch import custody
from dispatch.citizens import Citizen, check_citizen
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import OrderForm, PickupForm, Service
from dispatch.generations import fresh
from dispatch.money import postage
from dispatch.money.fees import left_to_collect, route_of
from dispatch.money.kinds import FeeRoute
from dispatch.parties import Party
from dispatch.problems import Problem, unknown_order
from dispatch.rejections import payer_after
from dispatch.routing import Need, Operators, choose, last_price, record, zone_between
from dispatch.shipment_queries import current_shipment
from dispatch.shipments import Leg, Shipment, order_number

LEGS = {Service.SEND: (Leg.SEND,), Service.RECEIVE: (Leg.RETURN,), Service.BOTH: (Leg.SEND, Leg.RETURN)}
"""Which legs each of the three services has (Decision 45/2016/QĐ-TTg Art. 5)."""

SAME_DAY = "same_day"
"""The time limit of procedures whose papers are collected and delivered at once (Decision 45 Art. 16(3)(c))."""


class PostalOrder(Base):
    """One choice of a citizen for one dossier."""

    __tablename__ = "postal_order"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    dossier_code: Mapped[str] = mapped_column(ForeignKey("dossier.code"), index=True)
    service: Mapped[Service]
    fee_by_post: Mapped[bool]
    fee_route: Mapped[FeeRoute] = mapped_column(default=FeeRoute.DIRECT, server_default=FeeRoute.DIRECT.value)
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
    postage.check_claim(form.postage_group, form.postage_group_proof)
    fee_route = route_of(form.fee_route, form.fee_by_post)
    order = PostalOrder(
        id=uuid.uuid4().hex,
        dossier_code=dossier.code,
        service=form.service,
        fee_by_post=fee_route is FeeRoute.BY_POST,
        fee_route=fee_route,
        placed_at=now,
    )
    session.add(order)
    session.flush()
    legs = LEGS[form.service]
    for leg in legs:
        refuse_live_leg(session, dossier, leg)
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
        price, claim = last_price(session, choice.account, need), (form.postage_group, form.postage_group_proof)
        postage.agree(session, shipments[-1], price, accounts.postage_reductions, claim, now)
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


def _ask_for_pickup(shipment: Shipment, wish: PickupForm, offered: Sequence[PickupWindow], now: datetime) -> None:
    """Note when the postman should come; an operator that lets nobody choose is told in the note."""
    chosen = PickupWindow(wish.opens, wish.closes)
    if wish.on < local(now).date() or chosen.opens >= chosen.closes or (offered and chosen not in offered):
        windows = ", ".join(f"{window.opens:%H:%M}-{window.closes:%H:%M}" for window in offered) or "the day's windows"
        raise Problem(
            "pickup-window",
            "The postman cannot come then",
            f"{wish.on} {wish.opens:%H:%M}-{wish.closes:%H:%M} is over, or none of {windows}.",
            "Choose a day from today on, and one of the windows that are offered with the price.",
            next_step_vi="Chọn ngày từ hôm nay và một khung giờ trong bảng báo giá.",
            next_step_api="Choose a day from today on, and one of the windows that POST /v1/quotes shows.",
        )
    shipment.pickup_on = wish.on
    shipment.pickup_window = f"{wish.opens:%H:%M}-{wish.closes:%H:%M}"


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
        contents=[[p.name, p.originals, p.copies] for p in custody.papers_in_use(session, dossier.code)],
        cod_vnd=left_to_collect(session, dossier) if order.fee_by_post and leg is LEGS[order.service][0] else 0,
        zone=zone_between(account, citizen.province_code),
        priority=dossier.term_unit == SAME_DAY,
        payer=payer_after(session, before) if before else Party.CITIZEN,
        **fresh(now),
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


def refuse_live_leg(session: Session, dossier: Dossier, leg: Leg) -> None:
    """Refuse to order a leg that is under way.

    Raises:
        Problem: it is.
    """
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
