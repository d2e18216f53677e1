"""A result that failed because the citizen has moved goes to the new address; who asks, pays (Postal Law Art. 16(3)).

Where the operator takes another address it is told that; otherwise the result comes back and is sent again from the
counter, of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.change_forms import ForwardForm
from dispatch.changes_allowed import check_asker, check_recipient
from dispatch.citizens import check_citizen
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forwarding import ForwardingWish, wish_for
from dispatch.money.unnamed import Charge, owe_postage
from dispatch.order_changes import change_address, may_be_sent_elsewhere
from dispatch.orders import PostalOrder
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.recalls import ask_to_recall
from dispatch.shipments import BEFORE_COLLECTION, Leg, Shipment
from tracking.counter_facts import open_wait
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.second_sending import FORWARDING, send_as_wished


def forward(
    session: Session,
    context: Context,
    office: Office,
    order: PostalOrder,
    shipments: Sequence[Shipment],
    form: ForwardForm,
    takes_addresses: Callable[[Shipment], bool],
) -> Shipment:
    """Send the result of an order to another address; returns the shipment that goes there, or will come back first.

    Raises:
        Problem: nothing of it is on its way or at the counter, the address cannot be used, or who asks may not.
    """
    check_asker(form)
    now = context.clock.now()
    dossier = get_dossier(session, order.dossier_code, lock=True)
    shipment = max((s for s in shipments if s.leg is Leg.RETURN), key=lambda s: s.generation, default=None)
    if shipment is None or (not shipment.live and open_wait(session, dossier.code) is None):
        raise _nothing_to_forward(order)
    if shipment.live and shipment.journey in BEFORE_COLLECTION:
        change_address(session, order, [shipment], form, now, takes_addresses=takes_addresses)
        return shipment
    payer = Party.AGENCY if form.asked_by.who == "agency" else Party.CITIZEN
    if may_be_sent_elsewhere(shipment) and shipment.recall_asked_at is None and takes_addresses(shipment):
        if check_citizen(dossier, form.address, form.contact).to_text() == (shipment.new_citizen or shipment.citizen):
            return shipment  # it goes there already, whoever asked for that in which words: it is charged once
        change_address(session, order, [shipment], form, now, takes_addresses=takes_addresses)
        charge = Charge(payer, now, f"{shipment.order_number} forwarded: {form.reason or '-'}", FORWARDING)
        wish = hashlib.sha256(form.model_dump_json().encode()).hexdigest()[:16]  # the same again is charged once
        fact = f"{shipment.order_number}:forwarding:{wish}"
        owe_postage(session, context.accounts, shipment, charge, now, fact=fact)
        tell_citizen(session, dossier, "result_forwarded", f"{shipment.order_number}:{wish}", now)
        return shipment
    return _by_way_of_the_counter(session, context, office, dossier, shipment, form, payer, now)


def _by_way_of_the_counter(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    shipment: Shipment,
    form: ForwardForm,
    payer: Party,
    now: datetime,
) -> Shipment:
    citizen = check_citizen(dossier, form.address, form.contact)
    check_recipient(form, [shipment], citizen)
    _wish(session, shipment, citizen.to_text(), payer, form.reason or "the citizen has moved", now)
    if not shipment.live:
        return send_as_wished(session, context, office, dossier, shipment, now) or shipment
    for asked in ask_to_recall([shipment], now):
        tell_citizen(session, dossier, "result_forwarded_later", asked.order_number, now)
    return shipment


def _wish(session: Session, shipment: Shipment, citizen: str, payer: Party, reason: str, now: datetime) -> None:
    """Write a wish down; the same wish again is the same one."""
    known = wish_for(session, shipment.order_number)
    if known is not None and (known.citizen, known.payer, known.reason) == (citizen, payer, reason):
        return
    wish = ForwardingWish(order_number=shipment.order_number, citizen=citizen, payer=payer, reason=reason, asked_at=now)
    session.add(wish)
    session.flush()


def _nothing_to_forward(order: PostalOrder) -> Problem:
    return Problem(
        "nothing-to-forward",
        "No result of this order can be forwarded",
        f"Nothing of order {order.id} is on its way to the citizen, or waits at the counter.",
        "Follow the order; order another delivery once the result is at the counter.",
        next_step_vi="Theo dõi đơn; khi kết quả đã về bộ phận một cửa thì đăng ký gửi lại.",
        next_step_api="Follow it with GET /v1/orders/{id}; order another delivery once the result is at the counter.",
        status=409,
    )
