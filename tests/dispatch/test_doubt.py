"""Orders of which nobody can be sure: none is ever made twice, none is called dead that may live, none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from carriers.myvnpost.orders import Wire
from carriers.myvnpost.simulator import MyVnPostOperator
from carriers.myvnpost.simulator.changes import Changes
from carriers.outcomes import Throttled
from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from dispatch import booking, findings
from dispatch.problems import Problem
from dispatch.settlements import try_later
from dispatch.settling import settle
from dispatch.shipments import BookingState, Successor
from dispatch.steps import take
from tests.dispatch.bookings import HEIR, SEND, all_shipments, ask_cancel, leases_run_out, let_pass
from tests.support.desk import TestDesk
from tests.support.operators import joined
from tests.support.web import visit
from tracking import apply, item_polling, watch

LOST = FaultRule(fault=Fault.TIMEOUT_AFTER, operation="order", times=1, seconds=0)
THROTTLED = FaultRule(fault=Fault.THROTTLED, operation="order", seconds=0)


@pytest.fixture
def jt(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """J&T, which refuses a second order of a number: what was lost is sent again."""
    with joined(desk, "jt") as operator:
        yield operator


@pytest.fixture
def viettel(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """Viettel Post, which can only be waited for."""
    with joined(desk, "viettelpost") as operator:
        yield operator


def live(operator: SimulatedOperator) -> list[str]:
    return [row["order_number"] for row in operator.orders() if row["live"]]


def work(desk: TestDesk) -> None:
    """Everything that is due at the desk, in every lane."""
    desk.work()
    item_polling.drain(desk.context)
    apply.drain(desk.context, desk.office)


# --- sent again, and the operator then says something else ---


@pytest.fixture
def throttled(desk: TestDesk, jt: SimulatedOperator) -> SimulatedOperator:
    """J&T has made the order, its answer was lost, and since then it takes no order calls."""
    jt.faults.replace([LOST])
    desk.order("send")
    booking.drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.OUTCOME_UNKNOWN
    jt.faults.replace([THROTTLED])
    let_pass(desk, 6)
    return jt


def test_an_order_that_may_be_there_is_not_given_to_another_operator(
    desk: TestDesk, throttled: SimulatedOperator
) -> None:
    let_pass(desk, 300)
    assert [one.order_number for one in all_shipments(desk)] == [SEND]
    throttled.faults.replace([])
    let_pass(desk, 60)
    assert (desk.shipment(SEND).booking, live(throttled)) == (BookingState.BOOKED, [SEND])


def test_an_order_that_may_be_there_is_cancelled_there_before_it_counts_as_dead(
    desk: TestDesk, throttled: SimulatedOperator
) -> None:
    ask_cancel(desk)
    let_pass(desk, 60)
    assert desk.shipment(SEND).state != "cancelled"
    throttled.faults.replace([])
    let_pass(desk, 120)
    assert (desk.shipment(SEND).state, live(throttled)) == ("cancelled", [])


# --- cancellations ---


def test_a_booked_order_that_its_operator_does_not_know_is_not_called_dead(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_call = Wire.cancel
    with joined(desk, "myvnpost") as operator:
        desk.order("send", carrier="myvnpost")
        booking.drain(desk.context)
        monkeypatch.setattr(Wire, "cancel", lambda self, _id: true_call(self, "00000000-0000-0000-0000-000000000000"))
        ask_cancel(desk)
        booking.drain(desk.context)
        kept = desk.shipment(SEND)
        assert (kept.state, kept.live, live(operator)) == ("booked", True, [SEND])
        assert "does not know the order" in str(kept.trouble)


def test_a_cancellation_that_waits_for_approval_is_over_when_the_operator_reports_it(desk: TestDesk) -> None:
    with joined(desk, "myvnpost") as operator:
        desk.order("send", carrier="myvnpost")
        booking.drain(desk.context)
        assert isinstance(operator, MyVnPostOperator)
        operator.changes = Changes(operator, approval=True)
        ask_cancel(desk)
        let_pass(desk, 60)
        assert (desk.shipment(SEND).state, cancellations(operator)) == ("booked", ["02", "02"])
        operator.report(SEND, ShipmentState.CANCELLED, desk.clock.now())
        desk.clock.forward(minutes=30)
        work(desk)
        asked = cancellations(operator)
        let_pass(desk, 120)
        assert (desk.shipment(SEND).state, cancellations(operator)) == ("cancelled", asked)


def cancellations(operator: SimulatedOperator) -> list[str]:
    """Return the operator's answers to cancellations."""
    (order,) = operator.orders()
    return [call["answer"] for call in order["calls"] if call["operation"] == "cancel"]


def lose_the_cancellation(desk: TestDesk, viettel: SimulatedOperator) -> None:
    """Viettel Post has cancelled, its answer was lost, and a second cancellation is refused."""
    viettel.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, operation="cancel", times=1, seconds=0)])
    with desk.context.database.write() as session:
        shipment = session.merge(desk.shipment(SEND))
        shipment.cancel_wanted, shipment.successor, shipment.next_at = True, Successor.AT_ONCE, desk.clock.now()
    let_pass(desk, 60)


def test_a_cancellation_whose_answer_was_lost_is_believed_when_the_operator_reports_it(
    desk: TestDesk, viettel: SimulatedOperator
) -> None:
    with visit(desk) as web:
        viettel.send_webhooks_to(f"{web.base_url}/webhooks/viettelpost/viettelpost")
        desk.order("send", carrier="viettelpost")
        booking.drain(desk.context)
        lose_the_cancellation(desk, viettel)
        doubtful = desk.shipment(SEND)
        assert "was lost" in str(doubtful.trouble)
        assert viettel.webhooks is not None
        viettel.webhooks.settle()
        work(desk)
    assert desk.shipment(SEND).state == "cancelled"
    assert desk.shipment(HEIR).booking is BookingState.BOOKED
    assert live(viettel) == [HEIR]


def test_an_order_that_is_collected_after_all_was_not_cancelled(desk: TestDesk, viettel: SimulatedOperator) -> None:
    desk.order("send", carrier="viettelpost")
    booking.drain(desk.context)
    with desk.context.database.write() as session:
        shipment = session.merge(desk.shipment(SEND))
        shipment.withdrawn_at, shipment.successor, shipment.trouble = desk.clock.now(), Successor.AT_ONCE, "in doubt"
    with visit(desk) as web:
        viettel.send_webhooks_to(f"{web.base_url}/webhooks/viettelpost/viettelpost")
        viettel.report(SEND, ShipmentState.IN_TRANSIT, desk.clock.now())
        assert viettel.webhooks is not None
        viettel.webhooks.settle()
        work(desk)
    alive = desk.shipment(SEND)
    assert (alive.state, alive.withdrawn_at, alive.successor, alive.trouble) == ("in_transit", None, None, None)


# --- workers that come late ---


def test_a_worker_whose_lease_ran_out_changes_nothing_of_anothers_step(desk: TestDesk, jt: SimulatedOperator) -> None:
    desk.order("send")
    (slow,) = booking._claim(desk.context, 1)
    leases_run_out(desk)
    assert booking._claim(desk.context, 1) != []  # another looks it up, and its lease runs out as well
    leases_run_out(desk)
    (looked_up,) = booking._claim(desk.context, 1)
    assert settle(desk.context, SEND, take(desk.context, looked_up), looked_up.lease)
    (claim,) = booking._claim(desk.context, 1)
    jt.faults.replace([LOST])
    assert not settle(desk.context, SEND, try_later(Throttled("late", code="late", retry_after=1)), slow.lease)
    assert settle(desk.context, SEND, take(desk.context, claim), claim.lease)
    assert desk.shipment(SEND).booking is BookingState.OUTCOME_UNKNOWN
    assert desk.shipment(SEND).unknown_since is not None


# --- operators that answer nonsense ---


def test_what_breaks_on_one_order_does_not_hold_up_the_others(
    desk: TestDesk, viettel: SimulatedOperator, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.order("send", carrier="viettelpost")
    connector = desk.context.carriers.get("viettelpost")

    def absurd(_request: object) -> None:
        raise RecursionError("an answer nobody foresaw")

    monkeypatch.setattr(connector, "book", absurd)
    assert booking.drain(desk.context) == 1
    doubtful = desk.shipment(SEND)
    assert doubtful.booking is BookingState.OUTCOME_UNKNOWN
    assert "RecursionError" in str(doubtful.trouble)


# --- failover ---


def test_an_order_goes_to_each_operator_once_and_not_in_circles(desk: TestDesk, viettel: SimulatedOperator) -> None:
    viettel.faults.replace([THROTTLED])
    desk.operator.faults.replace([THROTTLED])
    desk.order("send")
    let_pass(desk, 24 * 60)
    assert [one.carrier for one in all_shipments(desk)] == ["viettelpost", "vnpost_ngsp"]


# --- an operator that proves nothing ---


def test_an_unsigned_report_tells_a_person_where_a_lost_order_is(desk: TestDesk) -> None:
    """EMS has no look-up, and its answers about an item do not name our order: the report alone proves nothing."""
    with joined(desk, "ems") as ems, visit(desk) as web:
        ems.send_webhooks_to(f"{web.base_url}/webhooks/ems/ems/path-secret-of-the-simulator")
        ems.faults.replace([LOST])
        desk.order("send", carrier="ems")
        booking.drain(desk.context)
        assert desk.shipment(SEND).booking is BookingState.OUTCOME_UNKNOWN
        ems.report(SEND, ShipmentState.IN_TRANSIT, desk.clock.now())
        assert ems.webhooks is not None
        ems.webhooks.settle()
        work(desk)
        doubtful = desk.shipment(SEND)
        assert (doubtful.booking, doubtful.waybill) == (BookingState.OUTCOME_UNKNOWN, None)
        with desk.read() as session:
            (told,) = [one for one in watch.attention(session, desk.context, desk.office) if "waybill" in one.kind]
        assert f"whether {doubtful.hinted_waybill} is this order" in told.next_step_en
        findings.order_is_there(desk.context, SEND, doubtful.hinted_waybill)
        desk.clock.forward(hours=2)
        work(desk)
        assert (desk.shipment(SEND).booking, desk.shipment(SEND).state) == (BookingState.BOOKED, "in_transit")


# --- what a person found out ---


@pytest.fixture
def parked(desk: TestDesk, viettel: SimulatedOperator) -> SimulatedOperator:
    """Viettel Post has the order, and nothing was heard of it for so long that a person has to ask."""
    viettel.faults.replace([LOST])
    desk.order("send", carrier="viettelpost")
    let_pass(desk, 48 * 60)
    assert desk.shipment(SEND).booking is BookingState.PARKED
    assert "postal settle" in str(desk.shipment(SEND).trouble)
    return viettel


def test_an_order_that_a_person_found_is_followed(desk: TestDesk, parked: SimulatedOperator) -> None:
    findings.order_is_there(desk.context, SEND, "17000000001")
    found = desk.shipment(SEND)
    assert (found.booking, found.waybill, found.trouble) == (BookingState.BOOKED, "17000000001", None)
    assert live(parked) == [SEND]


def test_an_order_that_is_not_there_is_booked_again(desk: TestDesk, parked: SimulatedOperator) -> None:
    findings.order_is_not_there(desk.context, SEND)
    booking.drain(desk.context)
    assert desk.shipment(SEND).booking is BookingState.BOOKED


def test_an_order_that_is_not_there_and_not_wanted_is_dead(desk: TestDesk, parked: SimulatedOperator) -> None:
    ask_cancel(desk)
    findings.order_is_not_there(desk.context, SEND)
    assert desk.shipment(SEND).state == "cancelled"


def test_a_leg_whose_order_was_being_cancelled_to_be_sure_is_carried_all_the_same(
    desk: TestDesk, parked: SimulatedOperator
) -> None:
    with desk.context.database.write() as session:
        session.merge(desk.shipment(SEND)).withdrawn_at = desk.clock.now()
    findings.order_is_not_there(desk.context, SEND)
    booking.drain(desk.context)
    assert desk.shipment(SEND).state == "cancelled"
    assert desk.shipment(HEIR).booking is BookingState.BOOKED


@pytest.mark.parametrize("said", [findings.order_is_not_there, lambda c, n: findings.order_is_there(c, n, None)])
def test_nothing_is_settled_that_is_not_in_doubt(
    desk: TestDesk, viettel: SimulatedOperator, said: Callable[[object, str], None]
) -> None:
    desk.order("send", carrier="viettelpost")
    booking.drain(desk.context)
    with pytest.raises(Problem, match="Nothing about this order is in doubt"):
        said(desk.context, SEND)
    assert desk.shipment(SEND).booking is BookingState.BOOKED


# --- a word of the operator against what it had said before ---


def test_an_order_that_the_operator_denies_after_all_is_booked_anew(desk: TestDesk, viettel: SimulatedOperator) -> None:
    desk.order("send", carrier="viettelpost")
    booking.drain(desk.context)
    before = desk.shipment(SEND).waybill
    viettel.books._all("DELETE FROM orders WHERE number = ?", SEND)
    findings.order_is_not_there(desk.context, SEND, although_confirmed=True)
    assert desk.shipment(SEND).waybill is None
    booking.drain(desk.context)
    assert live(viettel) == [SEND]
    assert (desk.shipment(SEND).booking, before is not None) == (BookingState.BOOKED, True)


def test_papers_that_an_operator_has_carried_are_never_booked_anew(desk: TestDesk) -> None:
    desk.order("send")
    desk.work()
    desk.report(SEND, 2)
    desk.poll()
    with pytest.raises(Problem, match="Nothing about this order is in doubt"):
        findings.order_is_not_there(desk.context, SEND, although_confirmed=True)


def test_an_order_that_is_dead_here_and_held_there_is_cancelled_there_again(desk: TestDesk) -> None:
    desk.order("send")
    booking.drain(desk.context)
    ask_cancel(desk)
    booking.drain(desk.context)
    desk.operator.books._all("UPDATE orders SET state = 'live'")
    desk.clock.forward(minutes=1)
    findings.order_is_there(desk.context, SEND, None)
    assert desk.shipment(SEND).state == "cancelled"
    booking.drain(desk.context)
    assert live(desk.operator) == []
    assert all_shipments(desk)[0].state == "cancelled"


def test_of_two_waybills_the_one_counts_that_the_operator_names(desk: TestDesk) -> None:
    desk.order("send")
    booking.drain(desk.context)
    findings.order_is_there(desk.context, SEND, "HC1VN")
    with desk.context.database.write() as session:
        session.merge(desk.shipment(SEND)).other_waybill = "HC2VN"
    findings.order_is_there(desk.context, SEND, "HC2VN")
    assert (desk.shipment(SEND).waybill, desk.shipment(SEND).other_waybill) == ("HC2VN", None)
