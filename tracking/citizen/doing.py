"""What a citizen does about a dossier: order the post, send it elsewhere, name a receiver, cancel, choose messages.

Each function works in the caller's transaction, under the dossier's lock; to ring for what follows is the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.change_forms import ForwardForm, NewAddressForm
from dispatch.channels import optout
from dispatch.citizens import Citizen
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.forms import AddressForm, OrderForm, RecipientForm
from dispatch.gazetteer import Era
from dispatch.idempotency import recall, remember
from dispatch.order_changes import change_address
from dispatch.orders import get_order
from dispatch.problems import Problem, unknown_order
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Leg, Shipment
from tracking import citizen_orders, inbox
from tracking.citizen.changes import CANCELS, Change, note_change
from tracking.citizen.choices import is_unbooked
from tracking.citizen.progress import newest_by_leg
from tracking.citizen_orders import takes_addresses
from tracking.forwarding import forward
from tracking.office import Office


def place(session: Session, context: Context, office: Office, code: str, form: OrderForm, key: str) -> bool:
    """Take the citizen's own choice of a service; tells whether it is new. ``key`` is the form's.

    Raises:
        Problem: as :func:`tracking.citizen_orders.place`.
    """
    _, new = citizen_orders.place(session, context, office, form, _client(code), key)
    if new:
        inbox.keep(
            session,
            source="citizen",
            key=f"order:{inbox.digest(f'{code}:{key}'.encode())}",
            kind="order.placed",
            body=form.model_dump_json(),
            now=context.clock.now(),
            subject=code,
            state=inbox.InboxState.APPLIED,
        )
    return new


def go_elsewhere(session: Session, context: Context, office: Office, code: str, address: AddressForm, key: str) -> bool:
    """Put a new address on what has not been booked, or send a result on its way there; tells whether it is new.

    Who sends and who receives stays as it was.

    Raises:
        Problem: nothing can go elsewhere any more, or the address cannot be used.
    """
    get_dossier(session, code, lock=True)
    if recall(session, _client(code), key, address) is not None:
        return False
    shipments = shipments_of(session, code, lock=True)
    home, now = newest_by_leg(shipments).get(Leg.RETURN), context.clock.now()
    unbooked = [one for one in shipments if is_unbooked(one) and one.leg is not Leg.TRANSFER]
    for one in unbooked:
        change_address(session, get_order(session, one.order_id), [one], _for(one, address), now)
    if not unbooked:
        if home is None:
            raise _too_late()
        order, form = get_order(session, home.order_id), _for(home, address)
        forward(session, context, office, order, [home], form, lambda one: takes_addresses(context, one))
    remember(session, _client(code), key, address, {"dossier": code}, now)
    note_change(session, code, Change.ADDRESS, now)
    return True


def name_receiver(session: Session, context: Context, code: str, receiver: RecipientForm, key: str) -> bool:
    """Let somebody else receive the result at the same address; tells whether that is new.

    Raises:
        Problem: the operator has the order already, or name or telephone cannot be used.
    """
    get_dossier(session, code, lock=True)
    if recall(session, _client(code), key, receiver) is not None:
        return False
    home = newest_by_leg(shipments_of(session, code, lock=True)).get(Leg.RETURN)
    if home is None or not is_unbooked(home):
        raise _booked_already()
    there = Citizen.from_text(home.citizen)
    era: Era = "legacy3" if there.era == "legacy3" else "new2"
    form = NewAddressForm(address=AddressForm(text=there.address, era=era), contact=receiver)
    now = context.clock.now()
    change_address(session, get_order(session, home.order_id), [home], form, now)
    remember(session, _client(code), key, receiver, {"dossier": code}, now)
    note_change(session, code, Change.RECEIVER, now)
    return True


def cancel(session: Session, context: Context, code: str, orders: Collection[str]) -> None:
    """Cancel what nobody has collected of these orders of the dossier; again it changes nothing.

    Raises:
        Problem: an order is unknown, or the post has all of it.
    """
    get_dossier(session, code, lock=True)
    open_ones = [one for one in shipments_of(session, code, lock=True) if one.live and not one.cancel_wanted]
    for order_id in orders:
        if get_order(session, order_id).dossier_code != code:
            raise unknown_order(order_id)
        citizen_orders.cancel(session, context, order_id)
    for one in open_ones:
        if one.leg in CANCELS and (one.cancel_wanted or not one.live):
            note_change(session, code, CANCELS[one.leg], context.clock.now())


def want_messages(session: Session, code: str, wishes: Mapping[str, bool], by: str, now: datetime) -> bool:
    """Put in force at which addresses of the dossier's citizen messages are wanted; tells whether that is new.

    Raises:
        Problem: an address is neither a telephone number nor an e-mail address.
    """
    changed = [
        optout.remove(session, address) if wanted else optout.add(session, address, by, now)
        for address, wanted in wishes.items()
    ]
    if any(changed):
        note_change(session, code, Change.MESSAGES, now)
    return any(changed)


def _for(shipment: Shipment, address: AddressForm) -> ForwardForm:
    """Return the wish for another address of the person whom a shipment is from or for."""
    person = Citizen.from_text(shipment.new_citizen or shipment.citizen)
    return ForwardForm(address=address, contact=RecipientForm(name=person.name, phone=person.phone))


def _client(code: str) -> str:
    """Return under which name the keys of a dossier's forms are kept."""
    return f"citizen:{code}"


def _too_late() -> Problem:
    return Problem(
        "too-late-to-change",
        "The address cannot be changed here any more",
        "No papers of this dossier are waiting for the post or on their way to you.",
        "Call the one-stop desk.",
        next_step_vi="Không còn giấy tờ nào chờ gửi hoặc đang trên đường về Ông/Bà; xin gọi bộ phận một cửa.",
        status=409,
    )


def _booked_already() -> Problem:
    return Problem(
        "too-late-to-change",
        "The receiver cannot be named here any more",
        "The post has the name of the receiver already; only the agency, which sends the result, may change it "
        "(Postal Law 49/2010/QH12 Art. 16(1)).",
        "Give the person who shall receive it a written authorisation to show, with an identity paper "
        "(Circular 17/2017/TT-BTTTT Art. 5(2)(d)).",
        next_step_vi="Bưu điện đã có tên người nhận. Ông/Bà viết giấy uỷ quyền để người nhận thay xuất trình "
        "cùng giấy tờ tùy thân (Thông tư 17/2017/TT-BTTTT, Điều 5(2)(d)).",
        status=409,
    )
