"""What a step comes to when the shipment is no longer what it was: events that overtake, cancellations, empty pools."""

from __future__ import annotations

import pytest

from carriers.call_log import CallRecord
from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from dispatch import waybills
from dispatch.booking import drain
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, refresh_state
from tests.dispatch.bookings import (
    HEIR,
    SEND,
    all_shipments,
    ask_cancel,
    cancel_calls,
    held,
    let_pass,
    once,
    owed,
    trouble,
)
from tests.support.accounts import change_account
from tests.support.desk import ACCOUNT, CUSTOMER, TestDesk
from tracking import apply, polling


def _feed_is_read(desk: TestDesk, during: str) -> None:
    """Let the feed be read and applied while the answer to ``during`` is on its way to its worker."""

    def read(record: CallRecord) -> None:
        if record.operation == during:
            desk.clock.forward(minutes=20)
            polling.drain(desk.context)
            apply.drain(desk.context, desk.office)

    change_account(desk, meanwhile=read)


@pytest.mark.parametrize("faults", [[], [once(Fault.MALFORMED)]])
def test_an_event_that_overtakes_our_own_commit_adopts_the_order_once(desk: TestDesk, faults: list[FaultRule]) -> None:
    trouble(desk, *faults)
    desk.order("send")
    _feed_is_read(desk, during="book")
    drain(desk.context)
    shipment = desk.shipment(SEND)
    assert (shipment.booking, shipment.next_at, shipment.trouble) == (BookingState.BOOKED, None, None)
    assert (held(desk)["live"], held(desk)["create_calls"]) == (1, 1)
    assert len(owed(desk, "postal.order_booked")) == 1


def test_an_event_that_overtakes_the_cancellation_to_be_sure_does_not_revive_the_order(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking", times=6))
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 25)
    _feed_is_read(desk, during="cancel")
    let_pass(desk, 20)
    _one_live_order_and_one_live_shipment(desk)


def test_a_cancellation_to_be_sure_whose_answer_was_lost_is_cleared_up_before_anything_else(desk: TestDesk) -> None:
    empty = FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking", times=6)
    trouble(desk, once(Fault.TIMEOUT_AFTER), once(Fault.TIMEOUT_AFTER, "cancel"), empty)
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 60)
    assert cancel_calls(desk)[0] == "110"
    _one_live_order_and_one_live_shipment(desk)


def _one_live_order_and_one_live_shipment(desk: TestDesk) -> None:
    alive = [s.order_number for s in all_shipments(desk) if s.live and s.booking is BookingState.BOOKED]
    assert alive == [order["order_number"] for order in desk.operator.orders() if order["live"]]
    assert len(alive) == 1


# --- cancelling ----------------------------------------------------------------------------------------------------


def _cancels(desk: TestDesk, during: str) -> None:
    """Let the citizen cancel while the answer to ``during`` is on its way."""

    def cancel(record: CallRecord) -> None:
        if record.operation == during:
            ask_cancel(desk)

    change_account(desk, meanwhile=cancel)


def _is_dead_on_both_sides(desk: TestDesk) -> bool:
    (shipment,) = all_shipments(desk)
    return (shipment.state, shipment.live, shipment.cancel_wanted) == ("cancelled", False, False) and not held(desk)[
        "live"
    ]


def test_an_order_that_waits_for_its_turn_is_cancelled_without_a_call(desk: TestDesk) -> None:
    desk.order("send")
    ask_cancel(desk)
    let_pass(desk, 10)
    assert _is_dead_on_both_sides(desk)
    assert desk.operator.orders() == []


def test_a_booked_order_is_cancelled_at_the_operator(desk: TestDesk) -> None:
    desk.order("send")
    drain(desk.context)
    ask_cancel(desk)
    assert desk.shipment(SEND).state == "booked"
    drain(desk.context)
    assert _is_dead_on_both_sides(desk)
    assert cancel_calls(desk) == ["110"]


def test_asking_often_to_cancel_is_one_cancellation(desk: TestDesk) -> None:
    desk.order("send")
    drain(desk.context)
    ask_cancel(desk)
    ask_cancel(desk)
    drain(desk.context)
    ask_cancel(desk)
    drain(desk.context)
    assert cancel_calls(desk) == ["110"]


@pytest.mark.parametrize("fault", [None, Fault.MALFORMED, Fault.ERROR_BEFORE, Fault.THROTTLED])
def test_an_order_cancelled_while_its_booking_is_out_ends_cancelled(desk: TestDesk, fault: Fault | None) -> None:
    trouble(desk, *([once(fault)] if fault else []))
    desk.order("send")
    _cancels(desk, during="book")
    let_pass(desk, 45)
    assert _is_dead_on_both_sides(desk)
    assert held(desk)["created"] <= 1


def test_an_order_cancelled_while_the_operator_refuses_it_ends_cancelled_and_not_parked(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1")
    _spend(pool_desk, "HC1")
    pool_desk.order("send")
    _cancels(pool_desk, during="book")
    drain(pool_desk.context)
    assert _is_dead_on_both_sides(pool_desk)


def test_an_order_of_unknown_outcome_that_is_found_is_cancelled_then(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER))
    desk.order("send")
    drain(desk.context)
    ask_cancel(desk)
    let_pass(desk, 10)
    assert _is_dead_on_both_sides(desk)


def test_an_order_of_unknown_outcome_that_was_never_there_is_cancelled_and_not_booked_again(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_BEFORE))
    desk.order("send")
    drain(desk.context)
    ask_cancel(desk)
    let_pass(desk, 45)
    assert _is_dead_on_both_sides(desk)
    assert held(desk)["create_calls"] == 1


def test_an_order_cancelled_to_be_sure_gets_no_heir_when_the_citizen_cancelled_too(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking"))
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 20)
    ask_cancel(desk)
    let_pass(desk, 20)
    assert _is_dead_on_both_sides(desk)


def test_a_refused_order_is_cancelled_without_asking_the_operator(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1")
    _spend(pool_desk, "HC1")
    pool_desk.order("send")
    drain(pool_desk.context)
    ask_cancel(pool_desk)
    assert _is_dead_on_both_sides(pool_desk)
    assert cancel_calls(pool_desk) == []
    assert pool_desk.order("send") == [HEIR]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.ERROR_BEFORE, Fault.MALFORMED, Fault.THROTTLED])
def test_a_cancellation_whose_answer_was_lost_is_asked_for_again(desk: TestDesk, fault: Fault) -> None:
    desk.order("send")
    drain(desk.context)
    trouble(desk, once(fault, "cancel"))
    ask_cancel(desk)
    let_pass(desk, 10)
    assert _is_dead_on_both_sides(desk)


def test_a_refused_cancellation_leaves_the_order_standing_and_says_why(desk: TestDesk) -> None:
    change_account(desk, options={"cancel_outcomes": {"204": "refused"}})
    trouble(desk, once(Fault.ERROR_BEFORE))
    desk.order("send")
    drain(desk.context)
    desk.report(SEND, 1)
    desk.poll()
    ask_cancel(desk)
    let_pass(desk, 30)
    shipment = desk.shipment(SEND)
    assert (shipment.state, shipment.cancel_wanted) == ("booked", False)
    assert shipment.trouble == "The operator did not cancel: Không tìm thấy đơn hàng"
    assert cancel_calls(desk) == ["204"]


def test_papers_in_the_postmans_bag_cannot_be_cancelled(desk: TestDesk) -> None:
    desk.order("send")
    drain(desk.context)
    desk.report(SEND, 2)
    desk.poll()
    with pytest.raises(Problem) as refusal:
        ask_cancel(desk)
    assert refusal.value.kind == "too-late-to-cancel"
    assert SEND in refusal.value.detail


# --- waybills from a pool ------------------------------------------------------------------------------------------


def _fill(desk: TestDesk, *numbers: str) -> None:
    with desk.context.database.write() as session:
        waybills.fill(session, ACCOUNT, numbers)


def _free(desk: TestDesk) -> int:
    with desk.read() as session:
        return waybills.free_count(session, ACCOUNT)


def _spend(desk: TestDesk, waybill: str) -> None:
    """Let another order at the operator carry the waybill already."""
    sides = {f"{side}{part}": "x" for side in ("Sender", "Receiver") for part in ("Province", "Address", "Name", "Tel")}
    body = {**sides, "CustomerCode": CUSTOMER.customer_code, "OrderNumber": "of-somebody", "ItemCode": waybill}
    assert desk.operator.create(CUSTOMER, body)[0] == 100


def test_an_order_takes_a_waybill_from_the_pool_and_keeps_it(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1", "HC2")
    pool_desk.order("send")
    drain(pool_desk.context)
    assert pool_desk.shipment(SEND).waybill == "HC1"
    assert held(pool_desk)["item_codes"] == ["HC1"]
    assert _free(pool_desk) == 1


def test_a_refused_order_is_parked_and_gives_its_waybill_back(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1")
    _spend(pool_desk, "HC1")
    pool_desk.order("send")
    drain(pool_desk.context)
    shipment = pool_desk.shipment(SEND)
    assert (shipment.state, shipment.waybill) == ("parked", None)
    assert "Mã bưu gửi đã được sử dụng" in (shipment.trouble or "")
    assert _free(pool_desk) == 1


def test_an_order_waits_while_the_pool_is_empty_and_is_booked_after_a_refill(pool_desk: TestDesk) -> None:
    pool_desk.order("send")
    drain(pool_desk.context)
    assert pool_desk.operator.orders() == []
    assert pool_desk.shipment(SEND).trouble == f"The waybill pool of account '{ACCOUNT}' is empty."
    _fill(pool_desk, "HC1")
    let_pass(pool_desk, 30)
    assert held(pool_desk)["item_codes"] == ["HC1"]
    assert pool_desk.shipment(SEND).trouble is None


def test_an_order_that_is_sent_again_carries_the_same_waybill(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1", "HC2")
    trouble(pool_desk, once(Fault.TIMEOUT_BEFORE))
    pool_desk.order("send")
    drain(pool_desk.context)
    change_account(pool_desk, options={"cancel_outcomes": {"204": "not_found"}})
    let_pass(pool_desk, 35)
    assert held(pool_desk)["item_codes"] == ["HC1"]
    assert _free(pool_desk) == 1


def test_the_next_generation_takes_a_fresh_waybill(pool_desk: TestDesk) -> None:
    _fill(pool_desk, "HC1", "HC2")
    trouble(pool_desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking"))
    pool_desk.order("send")
    drain(pool_desk.context)
    let_pass(pool_desk, 35)
    assert held(pool_desk, HEIR)["item_codes"] == ["HC2"]


def test_an_order_cancelled_here_while_its_call_is_out_is_cancelled_at_the_operator_too(desk: TestDesk) -> None:
    """Two deciders at one moment, as PostgreSQL allows them: the second must not leave a live order behind."""
    trouble(desk, once(Fault.TIMEOUT_AFTER))
    desk.order("send")

    def cancel_meanwhile(record: CallRecord) -> None:
        if record.operation == "book":
            with desk.context.database.write() as session:
                shipment = get_shipment(session, SEND)
                shipment.booking, shipment.next_at = BookingState.CANCELLED, None
                refresh_state(shipment, desk.clock.now())

    change_account(desk, meanwhile=cancel_meanwhile)
    drain(desk.context)
    let_pass(desk, 10)
    assert held(desk)["live"] == 0
    assert desk.shipment(SEND).state == "cancelled"
