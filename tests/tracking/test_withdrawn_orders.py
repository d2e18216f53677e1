"""What the feed says while an order is being cancelled to be sure, and due dates that are not ours to watch."""

from __future__ import annotations

from sqlalchemy import select

from carriers.states import ShipmentState
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState
from tests.tracking.case import Case, happen_unforeseen
from tracking.dossier_clocks import DossierClock


def test_an_order_that_the_feed_reports_as_withdrawn_gets_an_heir_and_is_never_called_booked(case: Case) -> None:
    case.order("send")
    with case.desk.context.database.write() as session:
        shipment = get_shipment(session, case.s1)
        shipment.booking = BookingState.OUTCOME_UNKNOWN
        shipment.unknown_since = shipment.withdrawn_at = case.desk.clock.now()
        happen_unforeseen(session, case, ShipmentState.CANCELLED, "2026-03-02 09:00")
    assert (case.shipment(case.s1).state, case.shipment(case.s1).live) == ("cancelled", False)
    assert case.shipment(case.s2).booking is BookingState.REQUESTED
    assert case.told_onestop("postal.order_booked") == []


def test_a_due_date_that_a_ministry_sets_is_not_watched_here(case: Case) -> None:
    case.register(due_date_owner="source")
    case.happens("accepted", "2026-03-02 10:00")
    case.now("2026-03-10 08:00")
    with case.desk.read() as session:
        assert session.scalars(select(DossierClock).where(DossierClock.dossier_code == case.code)).all() == []
    assert case.attention_kinds() == []
