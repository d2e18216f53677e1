"""What a citizen may still do about a dossier: order, go elsewhere, name a receiver, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.citizens import Citizen
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.forms import CitizensService, Service
from dispatch.order_changes import may_be_sent_elsewhere
from dispatch.orders import LEGS
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment
from tracking.citizen.progress import newest_by_leg, withdraws
from tracking.citizen_orders import takes_addresses
from tracking.counter_facts import open_wait
from tracking.deadlines.clock import ClockState
from tracking.deadlines.ledger import Ledger

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
        receiver=home.order_id if home and is_unbooked(home) else None,
        cancel=tuple(dict.fromkeys(one.order_id for one in uncollected)),
        cancels=tuple(one.leg for one in uncollected),
        carried=tuple(one.leg for one in live if one not in uncollected),
        address=citizen.address if citizen else "",
        receiver_name=citizen.name if citizen else "",
    )


def is_with_sender(session: Session, shipment: Shipment) -> bool:
    """Whether nobody has collected a shipment yet, by the operator's word or a signed record."""
    return shipment.journey in BEFORE_COLLECTION and not custody.is_with_post(session, shipment)


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
    if is_unbooked(shipment):
        return True
    return may_be_sent_elsewhere(shipment) and (
        takes_addresses(context, shipment) or not is_with_sender(session, shipment)
    )


def is_unbooked(shipment: Shipment) -> bool:
    """Whether no operator has been told of a shipment yet."""
    waits = shipment.booking is BookingState.REQUESTED and shipment.unknown_since is None
    return shipment.live and waits and not shipment.carries
