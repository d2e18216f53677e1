"""Which shipments there are: by number, by dossier and leg, and by what they wait for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from config.batch import RowsOf, among
from dispatch.dossiers import Dossier
from dispatch.problems import unknown_order
from dispatch.shipments import BookingState, Leg, Shipment, Successor


def get_shipment(session: Session, number: str) -> Shipment:
    """Return the shipment with this order number.

    Raises:
        Problem: there is none.
    """
    shipment = session.get(Shipment, number)
    if shipment is None:
        raise unknown_order(number)
    return shipment


def shipments_of(session: Session, dossier_code: str, *, lock: bool = False) -> list[Shipment]:
    """Return every shipment of a dossier, oldest generation first; ``lock`` keeps the booking lane off meanwhile."""
    return shipments_where(session, Shipment.dossier_code == dossier_code, lock=lock)


def shipments_where(session: Session, which: ColumnElement[bool], *, lock: bool = False) -> list[Shipment]:
    """Return shipments, oldest generation first; with ``lock``, locked and as they are now.

    What lies in a parcel is decided about after the parcel's order: that is locked before everything else of it, by
    everybody, so that nobody holds a rider and waits for its order.
    """
    query = select(Shipment).where(which).order_by(Shipment.leg.desc(), Shipment.generation)
    if not lock:
        return list(session.scalars(query))
    held = set[str]()
    while orders := _parcels_of(session, which) - held:
        parcels = select(Shipment).where(Shipment.order_number.in_(orders)).order_by(Shipment.order_number)
        session.scalars(_locked(parcels)).all()
        held |= orders  # one may have ended while we waited: then what took its place comes next
    return list(session.scalars(_locked(query)))


def _parcels_of(session: Session, which: ColumnElement[bool]) -> set[str]:
    query = select(Shipment.rides_with).where(which, Shipment.live, Shipment.rides_with.is_not(None))
    return {number for number in session.scalars(query) if number is not None}


def _locked(query: Select[Shipment]) -> Select[Shipment]:
    return query.with_for_update().execution_options(populate_existing=True)


def awaiting_result(session: Session, dossier_code: str) -> Shipment | None:
    """Return the return leg that waits for a result, or will; None where there is none or the result is there."""
    return next((shipment for shipment in MAY_AWAIT_RESULT.of(session, dossier_code) if shipment.plans_pickup), None)


def _read_waiting(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, Shipment]]:
    waits = and_(Shipment.live, Shipment.booking == BookingState.REQUESTED, Shipment.book_at.is_(None))
    query = select(Shipment).where(among(session, Shipment.dossier_code, dossier_codes), Shipment.leg == Leg.RETURN)
    query = query.where(or_(waits, Shipment.successor == Successor.WAITING))
    return ((shipment.dossier_code, shipment) for shipment in session.scalars(query))


MAY_AWAIT_RESULT = RowsOf(Dossier, _read_waiting)
"""A dossier's return leg that plans a pickup; in a batch also what is ordered in it."""


def _read_transfers(session: Session, dossier_codes: Collection[str]) -> Iterable[tuple[str, Shipment]]:
    query = select(Shipment).where(among(session, Shipment.dossier_code, dossier_codes), Shipment.leg == Leg.TRANSFER)
    return ((shipment.dossier_code, shipment) for shipment in session.scalars(query.order_by(Shipment.generation)))


TRANSFERS = RowsOf(Dossier, _read_transfers)
"""What carries a dossier's papers from one agency to another, the newest generation last; most have none."""


def current_shipment(session: Session, dossier_code: str, leg: Leg) -> Shipment | None:
    """Return the newest generation of a leg, or None when it was never ordered."""
    return max(
        (s for s in shipments_of(session, dossier_code) if s.leg == leg), key=lambda s: s.generation, default=None
    )
