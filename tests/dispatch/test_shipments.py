from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.generations import next_generation
from dispatch.shipment_queries import current_shipment, shipments_of
from dispatch.shipments import (
    BEFORE_COLLECTION,
    ENDED,
    BookingState,
    Leg,
    Shipment,
    order_number,
    refresh_state,
    worked_out_state,
)
from tests.dispatch.people import NOW, has_moved, place, register
from tests.support.desk import CODE

_journeys = st.none() | st.sampled_from(ShipmentState)


@given(st.sampled_from(BookingState), _journeys)
def test_the_operators_word_goes_before_ours_except_for_a_cancellation_before_collection(
    booking: BookingState, journey: ShipmentState | None
) -> None:
    state = worked_out_state(booking, journey)
    if journey is None:
        assert state == booking
    elif booking is BookingState.CANCELLED and journey in BEFORE_COLLECTION:
        assert state == "cancelled"
    else:
        assert state == journey


@given(st.sampled_from(Leg), st.integers(1, 99))
def test_an_order_number_is_never_random(leg: Leg, generation: int) -> None:
    assert order_number(CODE, leg, generation) == f"{CODE}-{leg.name[0]}{generation}"


@given(st.lists(st.tuples(st.sampled_from(BookingState), _journeys), max_size=8))
def test_a_leg_that_has_ended_stays_ended(history: list[tuple[BookingState, ShipmentState | None]]) -> None:
    shipment = Shipment(state="requested", booking=BookingState.REQUESTED, live=True)
    ended = False
    for booking, journey in history:
        shipment.booking, shipment.journey = booking, journey
        refresh_state(shipment, NOW)
        ended = ended or shipment.state in ENDED
        assert shipment.live is not ended


def test_the_database_itself_refuses_a_second_live_shipment_of_a_leg(session: Session) -> None:
    register(session)
    _, (shipment,) = place(session, "send")
    with pytest.raises(IntegrityError), session.begin_nested():
        next_generation(session, shipment, NOW)


def test_the_newest_generation_is_the_current_one(session: Session) -> None:
    register(session)
    _, (first,) = place(session, "send")
    has_moved(first, ShipmentState.LOST)
    place(session, "both")
    assert [s.order_number for s in shipments_of(session, CODE)] == [f"{CODE}-S1", f"{CODE}-S2", f"{CODE}-R1"]
    current = current_shipment(session, CODE, Leg.SEND)
    assert current is not None
    assert current.generation == 2
    assert current_shipment(session, "another", Leg.SEND) is None
