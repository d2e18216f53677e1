"""Generations of a leg: a shipment that is dead has an heir, under the next number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from config.accounts import CarrierAccount
from dispatch.riders import hand_on, leave, move_aboard
from dispatch.routing import record_wish
from dispatch.shipment_queries import MAY_AWAIT_RESULT, TRANSFERS
from dispatch.shipments import BookingState, Leg, Shipment, Successor, order_number

_INHERITED = (
    *("order_id", "dossier_code", "leg", "carrier", "account"),
    *("citizen", "contents", "cod_vnd", "zone", "pickup_on", "pickup_window", "payer", "priority"),
)


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
        **fresh(now),
    )
    heir.book_at = heir.next_at = now
    session.add(heir)
    session.flush()
    move_aboard(session, dead, heir)
    (TRANSFERS if heir.leg is Leg.TRANSFER else MAY_AWAIT_RESULT).add(session, heir.dossier_code, heir)
    return heir


def succeed(session: Session, dead: Shipment, now: datetime) -> None:
    """Order a leg again whose shipment is dead, if that was wanted; what lay in its parcel is ordered in any case.

    One that lay in another's parcel gets off, and is waited for no more.
    """
    if dead.live:
        return
    if dead.booking is BookingState.CANCELLED and dead.rides_with is not None:
        leave(session, dead, now)
    if dead.successor is None:
        hand_on(session, dead, now)
        return
    wanted, wish = dead.successor, dead.heir
    dead.disinherit()
    session.flush()  # the leg must be free before its next generation claims it
    heir = next_generation(session, dead, now)
    if wish is not None:
        heir.carrier, heir.account = wish["carrier"], wish["account"]
        record_wish(session, heir.order_number, heir.account, wish["reason"], now)
    if wanted is Successor.WAITING:
        heir.book_at = heir.next_at = None


def fresh(now: datetime) -> dict[str, object]:
    """Return the columns of a shipment of which no operator has heard."""
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
