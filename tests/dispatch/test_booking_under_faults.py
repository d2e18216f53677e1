"""Whatever goes wrong at the operator and whenever a citizen cancels: one live order per leg, and no loose end."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from dispatch.booking import drain
from dispatch.problems import Problem
from dispatch.shipments import BookingState, Shipment
from tests.dispatch.bookings import all_shipments, ask_cancel, trouble
from tests.support.accounts import change_account
from tests.support.desk import TestDesk, opened_desk
from tracking import apply, polling

_SETTLED = (BookingState.BOOKED, BookingState.CANCELLED, BookingState.PARKED)
_QUIET_FROM = 15
_GULLIBLE = FaultRule(fault=Fault.ACCEPT_DUPLICATES, operation="order")
"""An operator that would take the same order twice: nothing but our own care is in the way."""
_PATIENT = {"transport": {"breaker": {"min_failures": 1000}}, "cancel_outcomes": {"204": "not_found"}}

_on_a_call = st.builds(
    FaultRule,
    fault=st.sampled_from(
        [
            Fault.TIMEOUT_BEFORE,
            Fault.TIMEOUT_AFTER,
            Fault.ERROR_BEFORE,
            Fault.ERROR_AFTER,
            Fault.MALFORMED,
            Fault.EXPIRED_TOKEN,
        ]
    ),
    operation=st.sampled_from(["order", "cancel"]),
    times=st.integers(1, 3),
    seconds=st.just(0),
)
_in_the_feed = st.builds(
    FaultRule, fault=st.just(Fault.EMPTY_PAGE), operation=st.just("tracking"), times=st.integers(1, 25)
)
_troubles = st.lists(_on_a_call | _in_the_feed, max_size=5)
_cancelled_after = st.lists(st.none() | st.integers(0, 14), min_size=2, max_size=2)


def test_an_operator_never_holds_two_live_orders_for_a_leg_and_no_order_is_left_hanging(tmp_path: Path) -> None:
    with opened_desk(tmp_path) as desk:
        change_account(desk, options=_PATIENT)
        numbers = count(1)

        @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
        @given(faults=_troubles, cancelled_after=_cancelled_after)
        def story(faults: list[FaultRule], cancelled_after: list[int | None]) -> None:
            plan = {f"H14.10-260302-{next(numbers):04}": when for when in cancelled_after}
            for code in plan:
                desk.register(code)
                desk.order("send", dossier=code)
            trouble(desk, *faults, _GULLIBLE)
            _live_through(desk, plan)
            for code in plan:
                _check(desk, code)

        story()


def _live_through(desk: TestDesk, plan: dict[str, int | None]) -> None:
    for step in range(40):
        if step == _QUIET_FROM:
            trouble(desk, _GULLIBLE)
        if step > _QUIET_FROM and all(_is_settled(s) for code in plan for s in all_shipments(desk, code)):
            break
        for code, cancelled_after in plan.items():
            if cancelled_after == step:
                _cancel(desk, code)
        drain(desk.context)
        if step % 2:
            polling.drain(desk.context)
            apply.drain(desk.context, desk.office)
        desk.clock.forward(minutes=5)


def _is_settled(shipment: Shipment) -> bool:
    return shipment.booking in _SETTLED and not shipment.cancel_wanted


def _cancel(desk: TestDesk, code: str) -> None:
    live = [s.order_number for s in all_shipments(desk, code) if s.live]
    for number in live:
        try:
            ask_cancel(desk, number)
        except Problem as refusal:
            assert refusal.kind == "too-late-to-cancel"


def _check(desk: TestDesk, code: str) -> None:
    shipments = all_shipments(desk, code)
    at_operator = [
        o["order_number"] for o in desk.operator.orders() if o["order_number"].startswith(code) and o["live"]
    ]
    assert all(order["live"] <= 1 for order in desk.operator.orders())
    assert all(_is_settled(shipment) for shipment in shipments)
    assert all(s.trouble for s in shipments if s.booking is BookingState.PARKED)
    assert at_operator == [s.order_number for s in shipments if s.booking is BookingState.BOOKED]
    assert len(at_operator) <= 1
