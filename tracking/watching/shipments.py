"""Shipments that are stuck, late, or not understood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, or_, select

from carriers.contract import Certainty
from carriers.states import ShipmentState
from config.clock import local
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment
from tracking.events import EventReading, TrackingEventRow, journey_events
from tracking.watching.items import Attention, View, of_shipment

_TOO_MANY_TRIES = 3
_CARRIED = (
    ShipmentState.IN_TRANSIT,
    ShipmentState.OUT_FOR_DELIVERY,
    ShipmentState.DELIVERY_FAILED,
    ShipmentState.RETURNING,
)
"""States in which the operator has the papers; where they have arrived or come back, other tasks follow."""

_NEWS = timedelta(days=30)
"""How long something odd is shown that nobody can settle: it stays in the dossier's story for good."""


def bookings(view: View) -> Iterator[Attention]:
    """Orders that are refused, unclear for too long, tried in vain, or not cancelled although they should be."""
    overdue = view.now - timedelta(minutes=view.context.settings.unknown_grace_minutes)
    troubled = Shipment.trouble.is_not(None)
    query = select(Shipment).where(
        or_(
            Shipment.booking == BookingState.PARKED,
            (Shipment.booking == BookingState.OUTCOME_UNKNOWN) & (Shipment.unknown_since <= overdue),
            (Shipment.booking == BookingState.REQUESTED) & (Shipment.attempts >= _TOO_MANY_TRIES) & troubled,
            (Shipment.booking == BookingState.BOOKED) & Shipment.live & troubled,
        )
    )
    for shipment in view.session.scalars(query):
        kind = f"booking-{shipment.booking.replace('_', '-')}"
        yield of_shipment(shipment, kind, shipment.state_since, trouble=shipment.trouble)


def unknown_codes(view: View) -> Iterator[Attention]:
    """Events with a status code that no table explains."""
    explained = select(EventReading.event_id).where(EventReading.certainty != Certainty.UNKNOWN)
    query = (
        select(TrackingEventRow, Shipment)
        .join(Shipment, Shipment.order_number == TrackingEventRow.order_number)
        .where(
            TrackingEventRow.certainty == Certainty.UNKNOWN,
            TrackingEventRow.id.not_in(explained),
            TrackingEventRow.received_at >= view.now - _NEWS,
        )
    )
    for event, shipment in view.session.execute(query):
        yield of_shipment(shipment, "unknown-code", event.received_at, f":{event.key}", code=event.code)


def anomalies(view: View) -> Iterator[Attention]:
    """Events that do not fit the journey."""
    for shipment in view.session.scalars(select(Shipment).where(cast(Shipment.anomalies, Text) != "[]")):
        for anomaly in shipment.anomalies:
            at = datetime.fromisoformat(anomaly["at"])
            if at < view.now - _NEWS:
                continue
            yield of_shipment(shipment, "journey-anomaly", at, f":{anomaly['at']}", what=anomaly["what"])


def made_twice(view: View) -> Iterator[Attention]:
    """Orders of which the operator reports two items, so that it may have made them twice."""
    for shipment in view.session.scalars(select(Shipment).where(Shipment.other_waybill.is_not(None), Shipment.live)):
        both = {"waybill": shipment.waybill, "other": shipment.other_waybill}
        yield of_shipment(shipment, "made-twice", shipment.state_since, key="", **both)


def unproven_waybills(view: View) -> Iterator[Attention]:
    """Items of which we know the number only by a report that nobody vouches for, so that they are not followed."""
    unproven = (Shipment.waybill.is_(None), Shipment.hinted_waybill.is_not(None), Shipment.live)
    for shipment in view.session.scalars(select(Shipment).where(*unproven)):
        yield of_shipment(shipment, "waybill-unproven", shipment.state_since, waybill=shipment.hinted_waybill)


def lost(view: View) -> Iterator[Attention]:
    """Papers that the operator has lost (Decision 45/2016/QĐ-TTg Art. 14)."""
    for shipment in view.session.scalars(select(Shipment).where(Shipment.state == ShipmentState.LOST.value)):
        yield of_shipment(shipment, "papers-lost", shipment.state_since)


def cancelled_and_moving(view: View) -> Iterator[Attention]:
    """Orders that are cancelled, by us or by the operator, and whose papers it carries all the same.

    Another order may have taken the leg over meanwhile, so nothing else here waits for these papers any more.
    """
    moves = Shipment.state.in_([state.value for state in _CARRIED])
    for shipment in view.session.scalars(select(Shipment).where(moves, ~Shipment.live)):
        if shipment.booking is BookingState.CANCELLED or _was_cancelled_there(view, shipment):
            yield of_shipment(shipment, "moves-though-cancelled", shipment.state_since)


def _was_cancelled_there(view: View, shipment: Shipment) -> bool:
    events = journey_events(view.session, shipment.order_number)
    return any(event.state is ShipmentState.CANCELLED for event in events)


def late_collections(view: View) -> Iterator[Attention]:
    """Booked, and nobody came by the working day after the one that was agreed, or after the booking."""
    early = [state.value for state in BEFORE_COLLECTION if state is not None]
    query = select(Shipment).where(Shipment.booking == BookingState.BOOKED, Shipment.live, Shipment.state.in_(early))
    for shipment in view.session.scalars(query):
        asked_for = shipment.pickup_on or local(shipment.book_at or shipment.created_at).date()
        expected = view.office.working_time.next_working_day(asked_for)
        if view.today > expected:
            yield of_shipment(shipment, "not-collected", shipment.state_since, expected=f"{expected:%d/%m/%Y}")


def late_in_transit(view: View) -> Iterator[Attention]:
    """Beyond J+n and not there (Circular 17/2017/TT-BTTTT Art. 7)."""
    query = select(Shipment).where(
        Shipment.live, Shipment.transit_due < view.today, Shipment.transit_kept.is_(None), Shipment.journey.is_not(None)
    )
    for shipment in view.session.scalars(query):
        since = shipment.collected_at or shipment.state_since
        yield of_shipment(shipment, "transit-late", since, due=f"{shipment.transit_due:%d/%m/%Y}")


def unsigned_handovers(view: View) -> Iterator[Attention]:
    """Papers the operator calls delivered, and nobody has signed for by the end of the next working day."""
    at_desk = or_(
        (Shipment.leg != Leg.RETURN) & (Shipment.state == ShipmentState.DELIVERED.value),
        (Shipment.leg != Leg.SEND) & (Shipment.state == ShipmentState.RETURNED.value),
    )
    ended = Shipment.state.in_((ShipmentState.DELIVERED.value, ShipmentState.RETURNED.value))
    for shipment in view.session.scalars(select(Shipment).where(ended, Shipment.counted_at.is_(None), at_desk)):
        if view.today > view.office.working_time.next_working_day(local(shipment.state_since).date()):
            yield of_shipment(shipment, "handover-unsigned", shipment.state_since)
