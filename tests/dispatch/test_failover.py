"""An operator that cannot be reached for long: another one gets the order, as long as nobody can hold it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carriers.simulation import SimulatedOperator
from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from dispatch import booking
from dispatch.routing import decision_about
from dispatch.shipments import BookingState, Shipment
from tests.dispatch.bookings import HEIR, SEND, all_shipments, ask_cancel, held, once, owed, trouble
from tests.support.connections import seen_open
from tests.support.desk import CARRIER, TestDesk
from tests.support.operators import joined

THROTTLED = FaultRule(fault=Fault.THROTTLED, operation="order", seconds=0)


@pytest.fixture
def other(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """A second operator, which the province prefers less."""
    with joined(desk, "viettelpost") as operator:
        first, *rest = desk.context.accounts.carrier_accounts
        object.__setattr__(desk.context.accounts, "carrier_accounts", (*rest, first))
        yield operator


def hours(desk: TestDesk, count: int) -> None:
    """Let hours pass in which the booking lane tries what is due."""
    for _ in range(count * 12):
        desk.clock.forward(minutes=5)
        booking.drain(desk.context)


def heir(desk: TestDesk) -> Shipment | None:
    return next((one for one in all_shipments(desk) if one.order_number == HEIR), None)


def test_after_two_hours_of_no_the_order_goes_to_another_operator(desk: TestDesk, other: SimulatedOperator) -> None:
    trouble(desk, THROTTLED)
    desk.order("send")
    hours(desk, 1)
    assert heir(desk) is None
    hours(desk, 2)
    second = heir(desk)
    assert second is not None
    assert (second.carrier, second.booking) == ("viettelpost", BookingState.BOOKED)
    first = desk.shipment(SEND)
    assert (first.live, first.booking) == (False, BookingState.CANCELLED)
    assert "Given to viettelpost" in str(first.trouble)
    assert (held(desk)["created"], [row["live"] for row in other.orders()]) == (0, [1])
    assert len(owed(desk, "postal.order_booked")) == 1


def test_the_choice_is_kept_with_its_reasons(desk: TestDesk, other: SimulatedOperator) -> None:
    trouble(desk, THROTTLED)
    desk.order("send")
    hours(desk, 3)
    with desk.read() as session:
        decision = decision_about(session, HEIR)
    assert decision is not None
    assert [one["account"] for one in decision.considered] == ["viettelpost"]


def test_an_order_that_may_have_been_taken_is_never_given_to_another(desk: TestDesk, other: SimulatedOperator) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.ERROR_BEFORE, operation="tracking"))
    desk.order("send")
    hours(desk, 4)
    assert heir(desk) is None
    assert (held(desk)["live"], other.orders()) == (1, [])


def test_an_operator_that_was_asked_for_is_waited_for(desk: TestDesk, other: SimulatedOperator) -> None:
    trouble(desk, THROTTLED)
    desk.order("send", carrier=CARRIER)
    hours(desk, 4)
    assert heir(desk) is None
    assert desk.shipment(SEND).booking is BookingState.REQUESTED


def test_without_another_operator_the_own_one_is_tried_on(desk: TestDesk) -> None:
    trouble(desk, THROTTLED)
    desk.order("send")
    hours(desk, 4)
    assert len(all_shipments(desk)) == 1
    trouble(desk)
    hours(desk, 1)
    assert desk.shipment(SEND).booking is BookingState.BOOKED


def test_an_operator_that_another_process_leaves_alone_gets_nothing(desk: TestDesk, other: SimulatedOperator) -> None:
    seen_open(desk.context, "viettelpost", process="other:1")
    trouble(desk, THROTTLED)
    desk.order("send")
    hours(desk, 4)
    assert (heir(desk), other.orders()) == (None, [])


def test_an_operator_that_cannot_book_there_gets_nothing(desk: TestDesk) -> None:
    with joined(desk, "ems", provinces={"01": "10"}) as ems:
        first, *rest = desk.context.accounts.carrier_accounts
        object.__setattr__(desk.context.accounts, "carrier_accounts", (*rest, first))
        trouble(desk, THROTTLED)
        desk.order("send")
        hours(desk, 4)
        assert (heir(desk), ems.orders()) == (None, [])


def test_a_cancelled_order_is_not_given_to_anybody(desk: TestDesk, other: SimulatedOperator) -> None:
    trouble(desk, THROTTLED)
    desk.order("send")
    hours(desk, 1)
    ask_cancel(desk)
    hours(desk, 3)
    assert heir(desk) is None
    assert other.orders() == []
