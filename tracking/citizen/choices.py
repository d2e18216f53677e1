"""What a citizen may still do about a dossier: order, go elsewhere, name a receiver, cancel.

Each function works in the caller's transaction, under the dossier's lock; to ring for what follows is the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.change_forms import ForwardForm, NewAddressForm
from dispatch.citizens import Citizen
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import AddressForm, CitizensService, OrderForm, RecipientForm, Service
from dispatch.gazetteer import Era
from dispatch.idempotency import recall, remember
from dispatch.order_changes import change_address, may_be_sent_elsewhere
from dispatch.orders import LEGS, get_order
from dispatch.problems import Problem, unknown_order
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment, shipments_of
from tracking import citizen_orders, inbox
from tracking.citizen.progress import newest_by_leg, withdraws
from tracking.citizen_orders import takes_addresses
from tracking.counter_facts import open_wait
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger
from tracking.forwarding import forward
from tracking.office import Office

SERVICES: tuple[CitizensService, ...] = (Service.SEND, Service.RECEIVE, Service.BOTH)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is possible now.

    Attributes:
        services: those of the three that may be ordered.
        readdress: the order whose papers can go to, or be fetched from, another address.
        receiver: the order whose result can get another receiver.
        cancel: the orders of which something can be cancelled; ``cancels`` are the legs that would be, ``carried``
            those that go on.
        address, receiver_name: what the newest order says now.
    """

    services: tuple[CitizensService, ...]
    readdress: str | None = None
    receiver: str | None = None
    cancel: tuple[str, ...] = ()
    cancels: tuple[Leg, ...] = ()
    carried: tuple[Leg, ...] = ()
    address: str = ""
    receiver_name: str = ""


def choices_of(
    session: Session, context: Context, dossier: Dossier, ledger: Ledger, shipments: Sequence[Shipment]
) -> Choices:
    """Return what is possible now; each is checked again when it is done."""
    newest = newest_by_leg([one for one in shipments if one.leg is not Leg.TRANSFER])
    live = [one for one in newest.values() if one.live]
    uncollected = [one for one in live if is_with_sender(session, one) and not one.cancel_wanted]
    home = newest.get(Leg.RETURN)
    known = home or newest.get(Leg.SEND)
    citizen = Citizen.from_text(known.new_citizen or known.citizen) if known else None
    return Choices(
        services=tuple(one for one in SERVICES if _may_order(session, dossier, ledger, newest, one)),
        readdress=next((one.order_id for one in live if _can_go_elsewhere(session, context, one)), None)
        or (home.order_id if home and not home.live and open_wait(session, dossier.code) else None),
        receiver=home.order_id if home and _is_unbooked(home) else None,
        cancel=tuple(dict.fromkeys(one.order_id for one in uncollected)),
        cancels=tuple(one.leg for one in uncollected),
        carried=tuple(one.leg for one in live if one not in uncollected),
        address=citizen.address if citizen else "",
        receiver_name=citizen.name if citizen else "",
    )


def is_with_sender(session: Session, shipment: Shipment) -> bool:
    """Whether nobody has collected a shipment yet, by the operator's word or a signed record."""
    return shipment.journey in BEFORE_COLLECTION and not custody.is_with_post(session, shipment)


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
    unbooked = [one for one in shipments if _is_unbooked(one) and one.leg is not Leg.TRANSFER]
    for one in unbooked:
        change_address(session, get_order(session, one.order_id), [one], _for(one, address), now)
    if not unbooked:
        if home is None:
            raise _too_late()
        order, form = get_order(session, home.order_id), _for(home, address)
        forward(session, context, office, order, [home], form, lambda one: takes_addresses(context, one))
    remember(session, _client(code), key, address, {"dossier": code}, now)
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
    if home is None or not _is_unbooked(home):
        raise _booked_already()
    there = Citizen.from_text(home.citizen)
    era: Era = "legacy3" if there.era == "legacy3" else "new2"
    form = NewAddressForm(address=AddressForm(text=there.address, era=era), contact=receiver)
    now = context.clock.now()
    change_address(session, get_order(session, home.order_id), [home], form, now)
    remember(session, _client(code), key, receiver, {"dossier": code}, now)
    return True


def cancel(session: Session, context: Context, code: str, orders: Collection[str]) -> None:
    """Cancel what nobody has collected of these orders of the dossier; again it changes nothing.

    Raises:
        Problem: an order is unknown, or the post has all of it.
    """
    get_dossier(session, code, lock=True)
    for order_id in orders:
        if get_order(session, order_id).dossier_code != code:
            raise unknown_order(order_id)
        citizen_orders.cancel(session, context, order_id)


def _may_order(
    session: Session, dossier: Dossier, ledger: Ledger, newest: dict[Leg, Shipment], service: Service
) -> bool:
    legs = LEGS[service]
    if any(leg in newest and newest[leg].live for leg in legs):
        return False
    send, home = Leg.SEND in legs, Leg.RETURN in legs
    if (send and not dossier.postal_submission) or (home and not dossier.postal_return):
        return False
    if send and (ledger.started_at is not None or ledger.state is ClockState.STOPPED):
        return False
    done = newest.get(Leg.RETURN)
    if home and (open_wait(session, dossier.code) is not None or (done and done.delivered_at is not None)):
        return False  # a result that came back goes out again another way, and a delivered one not at all
    return not any(withdraws(line) for line in ledger.lines)


def _can_go_elsewhere(session: Session, context: Context, shipment: Shipment) -> bool:
    if shipment.cancel_wanted or shipment.recall_asked_at is not None:
        return False
    if _is_unbooked(shipment):
        return True
    return may_be_sent_elsewhere(shipment) and (
        takes_addresses(context, shipment) or not is_with_sender(session, shipment)
    )


def _is_unbooked(shipment: Shipment) -> bool:
    waits = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
    return shipment.live and waits and not shipment.carries


def _for(shipment: Shipment, address: AddressForm) -> ForwardForm:
    """Return the wish for another address of the person whom a shipment is from or for."""
    person = Citizen.from_text(shipment.new_citizen or shipment.citizen)
    return ForwardForm(address=address, contact=RecipientForm(name=person.name, phone=person.phone))


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


def _client(code: str) -> str:
    """Return under which name the keys of a dossier's forms are kept."""
    return f"citizen:{code}"
