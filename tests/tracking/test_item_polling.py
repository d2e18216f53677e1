"""Items are asked for one by one: when they are due, within the operator's limits, and never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from dispatch.settlements import mark_booked
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState
from tests.support.desk import TestDesk
from tests.support.operators import joined
from tracking import apply, item_polling, watch
from tracking.poll_accounts import PollAccount

S1 = "H14.10-260302-0001-S1"
OTHERS = [f"H14.10-260302-000{number}" for number in range(2, 7)]


@pytest.fixture
def ems(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """An operator that has been asked about its one item: it has told that it is booked."""
    with joined(desk, "ems") as operator:
        desk.order("send", carrier="ems")
        desk.work()
        desk.poll()
        yield operator


def asked(desk: TestDesk) -> int:
    """Ask about what is due; returns how many documents were new."""
    new = item_polling.drain(desk.context)
    apply.drain(desk.context, desk.office)
    return new


def trouble(operator: SimulatedOperator, fault: Fault, seconds: float = 0.0) -> None:
    operator.faults.replace([FaultRule(fault=fault, operation="tracking", seconds=seconds)])


def test_a_booked_item_is_asked_about_within_every_half_hour(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    assert asked(desk) == 0
    desk.clock.forward(minutes=23)
    assert asked(desk) == 0
    desk.clock.forward(minutes=7)
    assert asked(desk) == 1
    assert desk.shipment(S1).state == "in_transit"


def test_what_is_known_already_is_not_kept_again(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    for new in (1, 0, 0):
        desk.clock.forward(minutes=30)
        assert asked(desk) == new


def test_an_item_that_has_arrived_is_left_alone(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.report(S1, ShipmentState.DELIVERED, desk.clock.now())
    desk.clock.forward(minutes=30)
    assert asked(desk) == 1
    ems.push_event(S1, ems.unlisted_code, desk.clock.now())
    desk.clock.forward(hours=5)
    assert asked(desk) == 0


def test_a_lost_item_is_still_asked_about(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.report(S1, ShipmentState.LOST, desk.clock.now())
    desk.clock.forward(minutes=30)
    asked(desk)
    assert desk.shipment(S1).state == "lost"
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    desk.clock.forward(minutes=30)
    asked(desk)
    assert desk.shipment(S1).state == "in_transit"


def test_a_lost_item_that_turned_up_is_followed_to_its_end(desk: TestDesk, ems: SimulatedOperator) -> None:
    for state in (ShipmentState.LOST, ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED):
        ems.report(S1, state, desk.clock.now())
        desk.clock.forward(hours=24)
        asked(desk)
        assert desk.shipment(S1).state == state.value


def test_an_operator_that_fails_is_asked_again_later_and_nothing_is_lost(
    desk: TestDesk, ems: SimulatedOperator
) -> None:
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    desk.clock.forward(minutes=30)
    trouble(ems, Fault.ERROR_BEFORE)
    assert asked(desk) == 0
    ems.faults.replace([])
    desk.clock.forward(minutes=30)
    assert asked(desk) == 1


def test_the_pause_that_an_operator_asks_for_is_kept(desk: TestDesk, ems: SimulatedOperator) -> None:
    desk.clock.forward(minutes=30)
    trouble(ems, Fault.THROTTLED, seconds=3600)
    asked(desk)
    due = desk.shipment(S1).poll_at
    assert due is not None
    assert due - desk.clock.now() > timedelta(minutes=55)


def test_what_is_due_counts_as_work(desk: TestDesk, ems: SimulatedOperator) -> None:
    desk.clock.forward(minutes=30)
    with desk.read() as session:
        assert item_polling.due_count(session, desk.context) == 1
    asked(desk)
    with desk.read() as session:
        assert item_polling.due_count(session, desk.context) == 0


@pytest.fixture
def viettel(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """An operator that cannot be asked, and tells a journey again on request."""
    with joined(desk, "viettelpost") as operator:
        desk.order("send", carrier="viettelpost")
        desk.work()
        yield operator


def journeys_asked_for(operator: SimulatedOperator) -> int:
    return sum(call["operation"] == "resend" for order in operator.orders() for call in order["calls"])


def test_an_operator_that_only_calls_us_is_asked_for_a_journey_that_has_been_silent_for_a_day(
    desk: TestDesk, viettel: SimulatedOperator
) -> None:
    desk.clock.forward(hours=23)
    asked(desk)
    assert journeys_asked_for(viettel) == 0
    desk.clock.forward(hours=2)
    asked(desk)
    asked(desk)
    assert journeys_asked_for(viettel) == 1
    desk.clock.forward(hours=24)
    asked(desk)
    assert journeys_asked_for(viettel) == 2


def test_an_answer_that_breaks_something_here_does_not_stop_the_lane(
    desk: TestDesk, ems: SimulatedOperator, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = desk.context.carriers.get("ems")

    def absurd(_orders: object) -> None:
        raise RecursionError("an answer nobody foresaw")

    monkeypatch.setattr(carrier, "track", absurd)
    desk.clock.forward(hours=1)
    assert item_polling.drain(desk.context) == 0
    monkeypatch.undo()
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    desk.clock.forward(hours=1)
    assert item_polling.drain(desk.context) > 0


def book_others(desk: TestDesk) -> list[str]:
    """Give the operator five more items, all booked in one minute; returns the numbers of all six."""
    for code in OTHERS:
        desk.register(code)
        desk.order("send", carrier="ems", dossier=code)
    desk.work()
    return [S1, *(f"{code}-S1" for code in OTHERS)]


def asked_about(desk: TestDesk, numbers: list[str]) -> set[str]:
    return {number for number in numbers if desk.shipment(number).asked_at is not None}


def test_one_item_that_breaks_every_question_does_not_hold_up_the_others(
    desk: TestDesk, ems: SimulatedOperator
) -> None:
    numbers = book_others(desk)
    desk.clock.forward(minutes=30)
    ems.faults.replace([FaultRule(fault=Fault.ERROR_BEFORE, operation="tracking", order=S1)])
    for number in numbers:
        ems.report(number, ShipmentState.IN_TRANSIT, desk.clock.now())
    for _ in range(4):
        asked(desk)
        desk.clock.forward(minutes=1)
    assert [desk.shipment(number).state for number in numbers] == ["booked", *["in_transit"] * 5]
    assert desk.shipment(S1).poll_failures == 1
    ems.faults.replace([])
    desk.clock.forward(minutes=30)
    asked(desk)
    assert (desk.shipment(S1).state, desk.shipment(S1).poll_failures) == ("in_transit", 0)


def test_an_operator_that_answers_nothing_is_tried_with_one_question_at_a_time_and_shown_to_staff(
    desk: TestDesk,
) -> None:
    with joined(desk, "ems", transport={"breaker": {"dry_run": True}}) as operator:  # the breaker goes by real time
        book_others(desk)
        desk.clock.forward(minutes=30)
        trouble(operator, Fault.ERROR_BEFORE)
        for _ in range(12):
            assert asked(desk) == 0
            desk.clock.forward(seconds=30)
        assert failures(desk) == 3
        assert shown(desk) == ["Tracking of account ems cannot be read"]
        operator.faults.replace([])
        desk.clock.forward(hours=1)
        assert asked(desk) > 0
        assert (failures(desk), shown(desk)) == (0, [])


def failures(desk: TestDesk) -> int:
    with desk.read() as session:
        return session.get_one(PollAccount, "ems").failures


def shown(desk: TestDesk) -> list[str]:
    with desk.read() as session:
        found = watch.attention(session, desk.context, desk.office)
    return [one.what_en.split(":")[0] for one in found if one.kind == "feed-failing"]


def test_questions_take_half_of_the_agreed_rate_and_the_rest_stays_due(desk: TestDesk) -> None:
    """Of sixty calls a minute thirty may be questions: five in the ten seconds of two sweeps."""
    with joined(desk, "ems", transport={"rate": "60/minute"}):
        desk.order("send", carrier="ems")
        numbers = book_others(desk)
        desk.clock.forward(minutes=31)
        for _ in range(3):
            item_polling.drain(desk.context)
        (left,) = set(numbers) - asked_about(desk, numbers)
        due = desk.shipment(left).poll_at
        assert due is not None
        assert due <= desk.clock.now()
        with desk.read() as session:
            assert item_polling.due_count(session, desk.context) == 0, "nobody need wait for what may not be asked"
        desk.clock.forward(seconds=5)
        item_polling.drain(desk.context)
        assert asked_about(desk, numbers) == set(numbers)


def test_an_item_whose_booking_was_heard_of_by_its_events_alone_is_asked_about(
    desk: TestDesk, ems: SimulatedOperator
) -> None:
    with desk.context.database.write() as session:
        shipment = get_shipment(session, S1)
        shipment.booking, shipment.poll_at = BookingState.OUTCOME_UNKNOWN, None
        mark_booked(shipment, None)
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    desk.clock.forward(hours=1)
    assert asked(desk) == 1
    assert desk.shipment(S1).state == "in_transit"
