"""The citizen's choice and what is changed about it: the same over HTTP and from a one-stop's own words.

Each function works in the caller's transaction; ringing for what is to be done next is the caller's.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from carriers.capabilities import CanChangeAddress
from dispatch import custody
from dispatch.change_forms import NewAddressForm
from dispatch.connections import OperatorsNow
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.forms import OrderForm
from dispatch.generations import succeed
from dispatch.idempotency import recall, remember
from dispatch.order_changes import ask_to_cancel, change_address
from dispatch.orders import get_order, place_order
from dispatch.recalls import ask_to_recall
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import get_shipment, shipments_where
from dispatch.shipments import Shipment
from tracking.clock_facts import ledger_of
from tracking.deadlines.transitions import ClockState
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.result_pickup import plan_pickup


def place(
    session: Session, context: Context, office: Office, form: OrderForm, client: str, key: str
) -> tuple[str, bool]:
    """Take the citizen's choice; returns the order's id and whether it is new.

    The same ``key`` of a ``client`` with the same form is the same order.

    Raises:
        Problem: the order is refused, or the key was used for another one.
    """
    now = context.clock.now()
    # The lock comes first: the same request twice at once must not find its key unused twice.
    dossier = get_dossier(session, form.dossier, lock=True)
    before = recall(session, client, key, form)
    if before is not None:
        return str(before["order"]), False
    ledger = ledger_of(session, office, dossier)
    ready = ledger.state is ClockState.STOPPED
    operators = OperatorsNow(session, context)
    order, _ = place_order(session, context.accounts, form, result_is_ready=ready, now=now, operators=operators)
    plan_pickup(session, office, dossier.code, ledger.current_due)
    remember(session, client, key, form, {"order": order.id}, now)
    return order.id, True


def cancel(session: Session, context: Context, order_id: str) -> None:
    """Cancel every leg whose papers have not been collected; the operator is told in the background.

    Raises:
        Problem: the order is unknown, or nothing of it is left to cancel.
    """
    get_order(session, order_id)
    now = context.clock.now()
    shipments = shipments_in(session, order_id, lock=True)
    signed_out = {one.order_number for one in shipments if custody.is_with_post(session, one)}
    ask_to_cancel(shipments, now, signed_out=signed_out)
    for shipment in shipments:
        announce_cancelled(session, context, shipment, now)
        succeed(session, shipment, now)


def call_back(session: Session, context: Context, order_number: str) -> bool:
    """Want back what an operator carries under an order, and tell the citizen; tells whether that was new.

    Raises:
        Problem: the order is unknown.
    """
    dossier = get_dossier(session, get_shipment(session, order_number).dossier_code, lock=True)
    shipments = shipments_where(session, Shipment.order_number == order_number, lock=True)
    asked, now = False, context.clock.now()
    for shipment in ask_to_recall(shipments, now):
        tell_citizen(session, dossier, "papers_recalled", shipment.order_number, now)
        asked = True
    return asked


def readdress(session: Session, context: Context, order_id: str, form: NewAddressForm) -> None:
    """Put a new address on every leg that is not booked yet, and on a result that its operator can send elsewhere.

    Raises:
        Problem: the order is unknown, every leg is out of reach, or the address cannot be used.
    """
    order = get_order(session, order_id)
    shipments = shipments_in(session, order_id, lock=True)
    now = context.clock.now()
    change_address(session, order, shipments, form, now, takes_addresses=lambda one: takes_addresses(context, one))


def takes_addresses(context: Context, shipment: Shipment) -> bool:
    """Whether a shipment's operator takes another address for what it holds."""
    return isinstance(context.carriers.get(shipment.account), CanChangeAddress)


def shipments_in(session: Session, order_id: str, *, lock: bool = False) -> list[Shipment]:
    """Return an order's shipments; ``lock`` keeps the booking lane off them while they are judged."""
    return shipments_where(session, Shipment.order_id == order_id, lock=lock)
