"""What a line of a record warns of before the papers go to the postman."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from dispatch.dossiers import PaperKind, add_papers
from dispatch.forms import Direction
from dispatch.handover_doubts import Doubt, doubts
from dispatch.handover_lines import Handover
from dispatch.papers import Paper
from dispatch.riders import board
from dispatch.shipments import BookingState, Shipment
from tests.dispatch.people import NOW, place, register
from tests.support.desk import AGENCY, CARRIER, CODE

_OTHER = "H14.10-260302-0002"


def _record(direction: Direction = Direction.TO_POST, **more: object) -> Handover:
    return Handover(number="BBGN-1", agency_code=AGENCY, carrier=CARRIER, direction=direction, drawn_up_at=NOW, **more)


def _result(session: Session, booking: BookingState, *, ready: bool = True, code: str = CODE) -> Shipment:
    register(session, code)
    if ready:
        add_papers(session, code, PaperKind.RESULT, (Paper("Quyết định", 1, 0),))
    shipment = place(session, "receive", ready=ready, dossier=code)[1][0]
    shipment.booking = booking
    return shipment


@pytest.mark.parametrize(
    ("booking", "warned"),
    [
        (BookingState.REQUESTED, [Doubt.NOT_BOOKED]),
        (BookingState.PARKED, [Doubt.NOT_BOOKED]),
        (BookingState.CANCELLED, [Doubt.NOT_BOOKED]),
        (BookingState.BOOKING, [Doubt.MAYBE_NOT_BOOKED]),
        (BookingState.OUTCOME_UNKNOWN, [Doubt.MAYBE_NOT_BOOKED]),
        (BookingState.BOOKED, []),
    ],
)
def test_what_the_post_does_not_know_of_is_said(session: Session, booking: BookingState, warned: list[Doubt]) -> None:
    assert doubts(session, _record(), _result(session, booking)) == warned


def test_what_its_operator_has_told_of_is_known_to_it_whatever_came_of_our_call(session: Session) -> None:
    shipment = _result(session, BookingState.OUTCOME_UNKNOWN)
    shipment.journey = ShipmentState.COLLECTING
    assert doubts(session, _record(), shipment) == []


def test_what_is_cancelled_is_expected_by_nobody_although_the_post_once_told_of_it(session: Session) -> None:
    shipment = _result(session, BookingState.CANCELLED)
    shipment.journey = ShipmentState.BOOKED
    assert doubts(session, _record(), shipment) == [Doubt.NOT_BOOKED]


def test_a_result_that_does_not_exist_is_said_though_the_post_comes_for_it(session: Session) -> None:
    assert doubts(session, _record(), _result(session, BookingState.BOOKED, ready=False)) == [Doubt.NOT_READY]


def test_what_lies_in_anothers_parcel_is_known_by_that_ones_order(session: Session) -> None:
    carrier, rider = _result(session, BookingState.REQUESTED), _result(session, BookingState.REQUESTED, code=_OTHER)
    board(session, rider, carrier, NOW)
    assert doubts(session, _record(), rider) == [Doubt.NOT_BOOKED]
    carrier.booking = BookingState.BOOKED
    assert doubts(session, _record(), rider) == []


def test_what_the_post_brings_and_what_is_signed_carries_no_warning(session: Session) -> None:
    shipment = _result(session, BookingState.REQUESTED, ready=False)
    assert doubts(session, _record(Direction.TO_AGENCY), shipment) == []
    assert doubts(session, _record(signed_at=NOW - timedelta(minutes=1)), shipment) == []
