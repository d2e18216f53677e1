"""A result that waits at the counter is sent again, because somebody asks for it or had asked before it was back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from sqlalchemy.orm import Session

from config.calendars import MissingCalendarYear
from config.clock import local
from dispatch.change_forms import SecondSendingForm
from dispatch.citizens import Citizen, check_citizen
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forwarding import wish_for
from dispatch.problems import Problem
from dispatch.second_sending import Sending, send_again
from dispatch.shipment_queries import current_shipment, get_shipment, shipments_of
from dispatch.shipments import Leg, Shipment
from tracking.counter import waiting
from tracking.deadlines.promises import result_pickup
from tracking.notices import tell_citizen
from tracking.office import Office

FORWARDING = "Luật Bưu chính 49/2010/QH12, Điều 16(3)"


def send_from_counter(
    session: Session, context: Context, office: Office, code: str, form: SecondSendingForm
) -> Shipment:
    """Send a result once more that waits at the counter; returns the new generation of its leg.

    Raises:
        Problem: nothing waits there, it is being sent already, or the address or the operator cannot be used.
    """
    dossier = get_dossier(session, code, lock=True)
    wait = waiting(session, code)
    shipments_of(session, code, lock=True)
    back = get_shipment(session, wait.order_number)
    newest = current_shipment(session, code, Leg.RETURN) or back
    if newest.live:
        raise _under_way(newest)
    citizen = Citizen.from_text(newest.citizen)
    if form.address is not None:
        citizen = check_citizen(dossier, form.address, form.contact)
    now = context.clock.now()
    sending = Sending(
        citizen=citizen,
        payer=form.payer,
        reason=f"{form.reason} ({form.officer})",
        pickup_on=_pickup_on(office, now),
        carrier=form.carrier,
    )
    return _order(session, context, dossier, newest, sending, now)


def send_as_wished(
    session: Session, context: Context, office: Office, dossier: Dossier, back: Shipment, now: datetime
) -> Shipment | None:
    """Send a result on that was asked to go elsewhere while it was on its way; None where nobody had asked.

    Raises:
        Problem: no operator goes there.
    """
    wish = wish_for(session, back.order_number)
    newest = current_shipment(session, dossier.code, Leg.RETURN)
    if wish is None or newest is None or newest.order_number != back.order_number:
        return None
    session.flush()  # the leg must be free before its next generation claims it
    sending = Sending(
        citizen=Citizen.from_text(wish.citizen),
        payer=wish.payer,
        reason=wish.reason,
        pickup_on=_pickup_on(office, now),
        legal_source=FORWARDING,
    )
    return _order(session, context, dossier, back, sending, now)


def _pickup_on(office: Office, now: datetime) -> date | None:
    with suppress(MissingCalendarYear):  # the postman comes all the same, on a day that nobody can tell yet
        return result_pickup(local(now).date(), office.rules, office.working_time)
    return None


def _order(
    session: Session, context: Context, dossier: Dossier, back: Shipment, sending: Sending, now: datetime
) -> Shipment:
    heir = send_again(session, context, back, sending, now)
    about = {"pickup": sending.pickup_on or local(now).date()}
    tell_citizen(session, dossier, "result_sent_again", heir.order_number, now, **about)
    return heir


def _under_way(shipment: Shipment) -> Problem:
    return Problem(
        "leg-alive",
        "The result is being sent already",
        f"Shipment {shipment.order_number} is '{shipment.state}'.",
        f"Follow that shipment, or cancel its order {shipment.order_id} first.",
        next_step_vi="Theo dõi đơn đang có, hoặc huỷ đơn đó trước khi gửi lại.",
        status=409,
        order=shipment.order_id,
        order_number=shipment.order_number,
    )
