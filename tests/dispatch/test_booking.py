"""Every order reaches its operator exactly once, whatever becomes of the answers."""

from __future__ import annotations

import threading

import pytest

from carriers.call_log import CallRecord
from carriers.vnpost_ngsp.simulator import Fault, FaultRule
from dispatch import booking
from dispatch.booking import drain
from dispatch.shipments import BookingState
from tests.dispatch.bookings import (
    HEIR,
    SEND,
    all_shipments,
    ask_cancel,
    cancel_calls,
    held,
    leases_run_out,
    let_pass,
    once,
    owed,
    trouble,
)
from tests.support.accounts import change_account
from tests.support.desk import CODE, CUSTOMER, TestDesk

_BOOKED_ONCE = {"live": 1, "created": 1, "create_calls": 1}


def _books(desk: TestDesk, number: str = SEND) -> dict[str, int]:
    return {name: held(desk, number)[name] for name in _BOOKED_ONCE}


def test_an_order_is_booked_once_and_the_one_stop_is_owed_the_news(desk: TestDesk) -> None:
    desk.order("send")
    assert drain(desk.context) == 1
    assert drain(desk.context) == 0
    assert desk.shipment(SEND).booking is BookingState.BOOKED
    assert _books(desk) == _BOOKED_ONCE
    assert owed(desk, "postal.order_booked") == [f"{CODE}:postal.order_booked:{SEND}"]


def test_the_return_leg_is_not_booked_while_there_is_no_result(desk: TestDesk) -> None:
    desk.order("both")
    let_pass(desk, 60)
    assert [order["order_number"] for order in desk.operator.orders()] == [SEND]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.ERROR_AFTER, Fault.MALFORMED])
def test_an_order_whose_answer_was_lost_is_found_in_the_feed_and_adopted(desk: TestDesk, fault: Fault) -> None:
    trouble(desk, once(fault))
    desk.order("send")
    drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.OUTCOME_UNKNOWN
    let_pass(desk, 5)
    assert desk.shipment(SEND).booking is BookingState.BOOKED
    assert desk.shipment(SEND).trouble is None
    assert _books(desk) == _BOOKED_ONCE
    assert len(owed(desk, "postal.order_booked")) == 1


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_BEFORE, Fault.ERROR_BEFORE])
def test_an_order_that_never_arrived_is_booked_under_the_same_number_after_making_sure(
    desk: TestDesk, fault: Fault
) -> None:
    trouble(desk, once(fault))
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 25)
    assert _books(desk) == {"live": 0, "created": 0, "create_calls": 1}
    assert cancel_calls(desk) == []
    let_pass(desk, 10)
    assert cancel_calls(desk) == ["204"]
    assert _books(desk) == {"live": 1, "created": 1, "create_calls": 2}
    assert [s.order_number for s in all_shipments(desk)] == [SEND]


def test_an_order_that_appears_only_after_the_grace_is_dead_and_its_next_generation_alive(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking"))
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 30)
    first, second = all_shipments(desk)
    assert (first.state, first.live) == ("cancelled", False)
    assert (second.order_number, second.state) == (HEIR, "booked")
    assert (held(desk)["live"], held(desk, HEIR)["live"]) == (0, 1)


def test_the_late_event_of_a_dead_order_does_not_bring_it_back(desk: TestDesk) -> None:
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking"))
    desk.order("send")
    drain(desk.context)
    let_pass(desk, 30)
    trouble(desk)
    desk.poll()
    assert [s.state for s in all_shipments(desk)] == ["cancelled", "booked"]
    assert owed(desk, "postal.order_booked") == [f"{CODE}:postal.order_booked:{HEIR}"]


def test_the_next_generation_keeps_address_contents_and_day_of_collection(desk: TestDesk) -> None:
    desk.order("receive")
    desk.tell("accepted", "e1")
    desk.clock.forward(hours=3)
    trouble(desk, once(Fault.TIMEOUT_AFTER), FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking"))
    desk.tell("result_ready", "e2", result_papers=[{"name": "Kết quả", "originals": 1}])
    drain(desk.context)
    let_pass(desk, 30)
    first, second = all_shipments(desk)
    assert second.booking is BookingState.BOOKED
    assert second.pickup_on is not None
    kept = ("leg", "citizen", "contents", "zone", "cod_vnd", "order_id", "pickup_on", "carrier", "account")
    assert [getattr(second, name) for name in kept] == [getattr(first, name) for name in kept]


def test_a_duplicate_refused_by_the_operator_counts_as_booked(desk: TestDesk) -> None:
    desk.order("send")
    desk.operator.create(CUSTOMER, _as_sent_by_another_hand())
    drain(desk.context)
    assert [call["answer"] for call in held(desk)["calls"]] == ["100", "101"]
    assert desk.shipment(SEND).booking is BookingState.BOOKED
    assert held(desk)["live"] == 1


def _as_sent_by_another_hand() -> dict[str, str]:
    sides = {f"{side}{part}": "x" for side in ("Sender", "Receiver") for part in ("Province", "Address", "Name", "Tel")}
    return {**sides, "CustomerCode": CUSTOMER.customer_code, "OrderNumber": SEND}


def test_nothing_is_sent_before_the_pause_that_the_operator_asked_for_is_over(desk: TestDesk) -> None:
    change_account(desk)
    trouble(desk, once(Fault.THROTTLED, seconds=600))
    desk.order("send")
    drain(desk.context)
    desk.clock.forward(seconds=599)
    drain(desk.context)
    assert held(desk)["create_calls"] == 1
    assert desk.shipment(SEND).booking is BookingState.REQUESTED
    desk.clock.forward(seconds=1)
    drain(desk.context)
    assert _books(desk) == {"live": 1, "created": 1, "create_calls": 2}


def test_a_pause_is_for_the_whole_account(desk: TestDesk) -> None:
    change_account(desk)
    desk.register("H14.10-260302-0002")
    trouble(desk, once(Fault.THROTTLED, seconds=600))
    desk.order("send")
    drain(desk.context)
    desk.order("send", dossier="H14.10-260302-0002")
    drain(desk.context)
    assert sum(order["create_calls"] for order in desk.operator.orders()) == 1


def test_an_operator_that_asks_for_a_pause_of_nothing_is_not_hammered(desk: TestDesk) -> None:
    trouble(desk, FaultRule(fault=Fault.THROTTLED, operation="order", seconds=0))
    desk.order("send")
    drain(desk.context)
    assert held(desk)["create_calls"] == 1


def test_an_expired_token_is_renewed_and_the_order_sent_once_more(desk: TestDesk) -> None:
    trouble(desk, once(Fault.EXPIRED_TOKEN))
    desk.order("send")
    drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.BOOKED
    assert held(desk)["live"] == 1


def test_credentials_that_are_refused_leave_the_order_waiting_with_the_reason(desk: TestDesk) -> None:
    trouble(desk, FaultRule(fault=Fault.EXPIRED_TOKEN, operation="order"))
    desk.order("send")
    drain(desk.context)
    shipment = desk.shipment(SEND)
    assert shipment.booking is BookingState.REQUESTED
    assert "credentials" in (shipment.trouble or "")
    assert shipment.next_at is not None
    assert shipment.next_at > desk.clock.now()


def test_an_operator_that_cannot_be_reached_is_tried_less_and_less_often(desk: TestDesk) -> None:
    trouble(desk, FaultRule(fault=Fault.EXPIRED_TOKEN, operation="order"))
    desk.order("send")
    waits = []
    for _ in range(8):
        drain(desk.context)
        due = desk.shipment(SEND).next_at
        assert due is not None
        waits.append(due - desk.clock.now())
        desk.clock.at(due)
    assert waits == sorted(waits)
    assert waits[0].total_seconds() == 60
    assert waits[-1].total_seconds() == 1800


def test_an_order_that_the_operator_refuses_is_parked_with_its_words(desk: TestDesk) -> None:
    _address_left_out(desk)
    desk.order("send")
    drain(desk.context)
    shipment = desk.shipment(SEND)
    assert (shipment.state, shipment.next_at) == ("parked", None)
    assert "Thiếu thông tin: ReceiverAddress" in (shipment.trouble or "")
    let_pass(desk, 60)
    assert held(desk)["create_calls"] == 1


def _address_left_out(desk: TestDesk) -> None:
    account = desk.context.accounts.carrier_accounts[0]
    change_account(desk, desk=account.desk.model_copy(update={"address": ""}))


def test_an_account_that_is_gone_holds_up_its_own_shipments_and_no_others(desk: TestDesk) -> None:
    desk.order("send")
    change_account(desk, id="vnpost-new")
    desk.register("H14.10-260302-0002")
    desk.order("send", dossier="H14.10-260302-0002")
    drain(desk.context)
    assert held(desk, "H14.10-260302-0002-S1")["live"] == 1
    assert "put it back" in (desk.shipment(SEND).trouble or "")


# --- workers that die, and news that comes while a call is out -----------------------------------------------------


def _killed(desk: TestDesk, operation: str) -> None:
    """Drain with a worker that is killed when the answer to ``operation`` has come in and nothing is noted yet."""

    def kill(record: CallRecord) -> None:
        if record.operation == operation:
            raise SystemExit

    change_account(desk, meanwhile=kill)
    with pytest.raises(SystemExit):
        drain(desk.context)
    change_account(desk)


def test_an_order_whose_worker_died_inside_the_call_is_looked_up_and_not_booked_again(desk: TestDesk) -> None:
    desk.order("send")
    _killed(desk, "book")
    assert desk.shipment(SEND).booking is BookingState.BOOKING
    assert drain(desk.context) == 0
    leases_run_out(desk)
    drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.BOOKED
    assert _books(desk) == _BOOKED_ONCE


def test_an_order_whose_worker_died_before_the_call_is_booked_after_making_sure(desk: TestDesk) -> None:
    desk.order("send")
    _killed(desk, "token")
    leases_run_out(desk)
    drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.OUTCOME_UNKNOWN
    assert held(desk)["create_calls"] == 0
    let_pass(desk, 35)
    assert _books(desk) == _BOOKED_ONCE


def test_a_cancellation_whose_worker_died_is_sent_again(desk: TestDesk) -> None:
    desk.order("send")
    drain(desk.context)
    ask_cancel(desk)
    _killed(desk, "cancel")
    leases_run_out(desk)
    drain(desk.context)
    assert cancel_calls(desk) == ["110", "110"]
    assert desk.shipment(SEND).state == "cancelled"


# --- several workers -----------------------------------------------------------------------------------------------


def test_two_workers_never_order_the_same_shipment(desk: TestDesk) -> None:
    _booked_by_many_hands(desk)


def test_two_workers_on_postgresql_never_order_the_same_shipment(postgres_desk: TestDesk) -> None:
    _booked_by_many_hands(postgres_desk)


def _booked_by_many_hands(desk: TestDesk) -> None:
    codes = [f"H14.10-260302-1{number:03}" for number in range(12)]
    for code in codes:
        desk.register(code)
        desk.order("send", dossier=code)
    at_once = threading.Barrier(4)
    done: list[int] = []

    def work() -> None:
        at_once.wait()
        done.append(drain(desk.context))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == len(codes)
    assert [order["create_calls"] for order in desk.operator.orders()] == [1] * len(codes)


def test_work_that_is_due_or_in_hand_is_counted(desk: TestDesk) -> None:
    def due() -> int:
        with desk.read() as session:
            return booking.due_count(session, desk.clock.now())

    desk.order("both")
    assert due() == 1
    counted: list[int] = []
    change_account(desk, meanwhile=lambda record: counted.append(due()))
    drain(desk.context)
    assert set(counted) == {1}
    assert due() == 0
