"""Items are asked for one by one: when they are due, within the operator's limits, and never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from tests.support.desk import TestDesk
from tests.support.operators import joined
from tracking import apply, item_polling

S1 = "H14.10-260302-0001-S1"


@pytest.fixture
def ems(desk: TestDesk) -> Iterator[SimulatedOperator]:
    with joined(desk, "ems") as operator:
        desk.order("send", carrier="ems")
        desk.work()
        yield operator


def asked(desk: TestDesk) -> int:
    """Ask about what is due; returns how many documents were new."""
    new = item_polling.drain(desk.context)
    apply.drain(desk.context, desk.office)
    return new


def trouble(operator: SimulatedOperator, fault: Fault, seconds: float = 0.0) -> None:
    operator.faults.replace([FaultRule(fault=fault, operation="tracking", seconds=seconds)])


def test_a_booked_item_is_asked_about_every_half_hour(desk: TestDesk, ems: SimulatedOperator) -> None:
    ems.report(S1, ShipmentState.IN_TRANSIT, desk.clock.now())
    assert asked(desk) == 0
    desk.clock.forward(minutes=29)
    assert asked(desk) == 0
    desk.clock.forward(minutes=1)
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
