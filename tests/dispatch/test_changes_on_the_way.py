"""Changes while papers are on their way, at every operator: each one's own answer ends in words for the clerk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from carriers.capabilities import CanCancel, CanChangeAddress, CanRecall
from carriers.myvnpost.simulator import MyVnPostOperator
from carriers.myvnpost.simulator.changes import Changes
from carriers.simulation import SimulatedOperator
from carriers.states import ShipmentState as State
from carriers.vnpost_ngsp.simulator import Fault
from dispatch import booking
from dispatch.routing import decision_about
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, refresh_state
from tests.dispatch.bookings import HEIR, SEND, all_shipments, held, let_pass, once, trouble
from tests.dispatch.test_operators_wishes import ELSEWHERE, R1, on_its_way, ordered
from tests.support.desk import CARRIER, CODE, TestDesk
from tests.support.operators import joined
from tests.support.web import problem, visit

OPERATORS = ("vnpost_ngsp", "myvnpost", "ems", "viettelpost", "jt")
WITH_THE_SENDER = (None, State.BOOKED, State.COLLECTING, State.COLLECTION_FAILED)
UNDER_WAY = (State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERY_FAILED, State.RETURNING)
ENDED = (State.DELIVERED, State.RETURNED)


@pytest.fixture
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


@contextmanager
def served_by(desk: TestDesk, carrier: str) -> Iterator[SimulatedOperator]:
    """Let the desk's orders go to an operator."""
    if carrier == CARRIER:
        yield desk.operator
        return
    with joined(desk, carrier) as operator:
        yield operator


def has_said(desk: TestDesk, state: State, number: str = SEND) -> None:
    """The journey is at ``state``, however the operator told us."""
    with desk.context.database.write() as session:
        shipment = get_shipment(session, number)
        shipment.journey = state
        refresh_state(shipment, desk.clock.now())


# --- cancellation at every state ---


@pytest.mark.parametrize("carrier", OPERATORS)
def test_what_nobody_has_collected_is_cancelled_or_the_clerk_is_told_whom_to_call(desk: TestDesk, carrier: str) -> None:
    with served_by(desk, carrier), visit(desk) as web:
        for count, state in enumerate(WITH_THE_SENDER, start=1):
            number = f"{CODE}-S{count}"
            order = ordered(web, desk, "send", carrier=carrier)
            booking.drain(desk.context)
            if state is not None:
                has_said(desk, state, number)
            assert web.post(f"/v1/orders/{order}/cancel").status_code == 202
            booking.drain(desk.context)
            shipment = desk.shipment(number)
            if not isinstance(desk.context.carriers.get(shipment.account), CanCancel):
                assert (shipment.live, shipment.cancel_wanted) == (True, False)
                assert "call it" in str(shipment.trouble)
                break  # it stands, so no other can be ordered
            assert (shipment.state, shipment.live) == ("cancelled", False)


@pytest.mark.parametrize("carrier", OPERATORS)
def test_what_an_operator_has_is_not_cancelled_and_the_refusal_tells_what_to_do(desk: TestDesk, carrier: str) -> None:
    with served_by(desk, carrier), visit(desk) as web:
        order = ordered(web, desk, "send", carrier=carrier)
        booking.drain(desk.context)
        for state in (*UNDER_WAY, *ENDED):
            has_said(desk, state)
            refusal = problem(web.post(f"/v1/orders/{order}/cancel"), 409, "too-late-to-cancel")
            assert refusal["next_step_vi"]
            assert desk.shipment(SEND).cancel_wanted is False


@pytest.mark.parametrize("carrier", OPERATORS)
def test_an_order_that_no_operator_has_heard_of_is_cancelled_at_once(desk: TestDesk, carrier: str) -> None:
    with served_by(desk, carrier), visit(desk) as web:
        order = ordered(web, desk, "send", carrier=carrier)
        (shipment,) = web.post(f"/v1/orders/{order}/cancel").json()["shipments"]
        assert shipment["state"] == "cancelled"


@pytest.mark.parametrize("carrier", ["myvnpost", "viettelpost", "jt"])  # of VNPost it is not known; EMS takes none
def test_an_operator_that_knows_of_the_collection_first_says_no_in_its_own_words(desk: TestDesk, carrier: str) -> None:
    with served_by(desk, carrier) as operator, visit(desk) as web:
        order = ordered(web, desk, "send", carrier=carrier)
        booking.drain(desk.context)
        operator.report(SEND, State.IN_TRANSIT, desk.clock.now())
        web.post(f"/v1/orders/{order}/cancel")
        booking.drain(desk.context)
        shipment = desk.shipment(SEND)
        assert (shipment.live, shipment.cancel_wanted) == (True, False)
        assert "did not cancel" in str(shipment.trouble)


# --- another address ---


@pytest.mark.parametrize("carrier", OPERATORS)
def test_another_address_is_taken_or_refused_with_what_to_do(desk: TestDesk, carrier: str) -> None:
    with served_by(desk, carrier), visit(desk) as web:
        order = ordered(web, desk, carrier=carrier)
        on_its_way(desk)
        answer = web.post(f"/v1/orders/{order}/address", json=ELSEWHERE)
        if isinstance(desk.context.carriers.get(desk.shipment(R1).account), CanChangeAddress):
            assert answer.status_code == 200
        else:
            assert problem(answer, 409, "too-late-to-change")["next_step_vi"]


def test_an_address_that_waits_for_approval_is_asked_for_until_it_is_given(desk: TestDesk) -> None:
    with joined(desk, "myvnpost") as operator, visit(desk) as web:
        assert isinstance(operator, MyVnPostOperator)
        operator.changes = Changes(operator, approval=True)
        order = ordered(web, desk)
        on_its_way(desk)
        web.post(f"/v1/orders/{order}/address", json=ELSEWHERE)
        booking.drain(desk.context)
        shipment = desk.shipment(R1)
        assert shipment.address_waits_since == desk.clock.now()
        assert "yet to approve" in str(shipment.trouble)
        operator.changes.approve(R1)
        let_pass(desk, 35)
        shipment = desk.shipment(R1)
        assert (shipment.address_waits_since, shipment.trouble, shipment.new_citizen) == (None, None, None)
        assert "Thục Phán" in shipment.citizen


def test_an_address_that_comes_too_late_for_the_operator_ends_in_its_words(desk: TestDesk) -> None:
    with joined(desk, "myvnpost") as operator, visit(desk) as web:
        order = ordered(web, desk)
        on_its_way(desk)
        operator.report(R1, State.IN_TRANSIT, desk.clock.now())
        web.post(f"/v1/orders/{order}/address", json=ELSEWHERE)
        booking.drain(desk.context)
        assert "đã được thu gom" in str(desk.shipment(R1).trouble)


@pytest.mark.parametrize("who", ["applicant", "agency"])
def test_applicant_and_agency_may_change_the_address(desk: TestDesk, web: httpx.Client, who: str) -> None:
    order = ordered(web, desk)
    assert web.post(f"/v1/orders/{order}/address", json={**ELSEWHERE, "asked_by": {"who": who}}).status_code == 200


def test_somebody_else_may_not_and_is_told_the_rule(desk: TestDesk, web: httpx.Client) -> None:
    order = ordered(web, desk)
    body = {**ELSEWHERE, "asked_by": {"who": "other", "name": "Hàng xóm"}}
    refusal = problem(web.post(f"/v1/orders/{order}/address", json=body), 403, "not-yours-to-change")
    assert refusal["legal_source"] == "Luật Bưu chính 49/2010/QH12, Điều 16"
    assert "Thục Phán" not in desk.shipment(R1).citizen


def test_only_an_officer_of_the_agency_names_another_recipient_of_a_result(desk: TestDesk) -> None:
    contact = {"name": "Nông Thị Xuân", "phone": "0912345678"}
    with joined(desk, "myvnpost"), visit(desk) as web:
        order = ordered(web, desk)
        on_its_way(desk)
        body: dict[str, Any] = {**ELSEWHERE, "contact": contact}
        refusal = problem(web.post(f"/v1/orders/{order}/address", json=body), 403, "recipient-name")
        assert "Art. 16(1)" in refusal["detail"]
        body |= {"asked_by": {"who": "agency"}}
        problem(web.post(f"/v1/orders/{order}/address", json=body), 403, "recipient-name")
        body |= {"officer": "Hà Thị Mai", "reason": "người nhận được chỉ định lại"}
        assert web.post(f"/v1/orders/{order}/address", json=body).status_code == 200
        booking.drain(desk.context)
        assert "Nông Thị Xuân" in desk.shipment(R1).citizen


# --- recall ---


def test_an_operator_that_takes_a_recall_brings_the_papers_back(desk: TestDesk) -> None:
    with joined(desk, "viettelpost") as operator, visit(desk) as web:
        order = ordered(web, desk)
        on_its_way(desk)
        assert isinstance(desk.context.carriers.get("viettelpost"), CanRecall)
        operator.report(R1, State.IN_TRANSIT, desk.clock.now())
        has_said(desk, State.IN_TRANSIT, R1)
        assert web.post(f"/v1/orders/{order}/forward", json=ELSEWHERE).status_code == 202
        booking.drain(desk.context)
        shipment = desk.shipment(R1)
        assert (shipment.recall_wanted, shipment.trouble) == (False, None)
        calls = next(one["calls"] for one in operator.orders() if one["order_number"] == R1)
        assert [call["answer"] for call in calls if call["operation"] == "recall"] == ["Duyệt hoàn thành công"]


def test_an_operator_that_does_not_take_the_recall_is_to_be_called(desk: TestDesk) -> None:
    with joined(desk, "viettelpost") as operator, visit(desk) as web:
        order = ordered(web, desk)
        on_its_way(desk)
        operator.report(R1, State.DELIVERED, desk.clock.now())
        has_said(desk, State.OUT_FOR_DELIVERY, R1)
        web.post(f"/v1/orders/{order}/forward", json=ELSEWHERE)
        booking.drain(desk.context)
        assert "not told to bring the papers back" in str(desk.shipment(R1).trouble)


# --- another operator ---


def give(web: httpx.Client, order: str, carrier: str = "viettelpost") -> httpx.Response:
    return web.post(f"/v1/orders/{order}/operator", json={"carrier": carrier, "reason": "bưu tá không đến"})


def test_another_operator_gets_the_leg_once_the_old_order_is_dead(desk: TestDesk) -> None:
    with joined(desk, "viettelpost") as other, visit(desk) as web:
        order = ordered(web, desk, "send", carrier=CARRIER)
        booking.drain(desk.context)
        assert give(web, order).status_code == 202
        assert [s.order_number for s in all_shipments(desk)] == [SEND]
        for _ in range(2):
            booking.drain(desk.context)
            desk.clock.forward(minutes=1)
        old, heir = desk.shipment(SEND), desk.shipment(HEIR)
        assert (old.live, held(desk)["live"]) == (False, 0)
        assert (heir.carrier, heir.booking) == ("viettelpost", BookingState.BOOKED)
        assert [row["live"] for row in other.orders()] == [1]
        with desk.read() as session:
            decision = decision_about(session, HEIR)
        assert decision is not None
        assert (decision.asked_for, "bưu tá không đến" in str(decision.considered)) == (True, True)
        assert give(web, order).status_code == 202
        assert len(all_shipments(desk)) == 2


def test_an_order_that_was_never_sent_goes_there_without_a_call(desk: TestDesk) -> None:
    with joined(desk, "viettelpost"), visit(desk) as web:
        order = ordered(web, desk, carrier=CARRIER)
        give(web, order)
        heir = desk.shipment(f"{CODE}-R2")
        assert (heir.carrier, heir.book_at, heir.live, desk.shipment(R1).live) == ("viettelpost", None, True, False)
        assert held(desk, R1)["create_calls"] == 0


def test_papers_that_an_operator_has_stay_with_it(desk: TestDesk) -> None:
    with joined(desk, "viettelpost"), visit(desk) as web:
        order = ordered(web, desk, "send", carrier=CARRIER)
        booking.drain(desk.context)
        for state in UNDER_WAY:
            has_said(desk, state)
            problem(give(web, order), 409, "papers-with-operator")


def test_an_operator_that_is_not_there_gets_nothing(desk: TestDesk, web: httpx.Client) -> None:
    order = ordered(web, desk, "send")
    problem(give(web, order, "nobody"), 422, "no-carrier-account")


def test_a_leg_is_never_ordered_again_while_the_old_order_may_be_alive(desk: TestDesk) -> None:
    with joined(desk, "viettelpost") as other, visit(desk) as web:
        order = ordered(web, desk, "send", carrier=CARRIER)
        booking.drain(desk.context)
        trouble(desk, once(Fault.TIMEOUT_BEFORE, "cancel"))
        give(web, order)
        booking.drain(desk.context)
        assert ([s.order_number for s in all_shipments(desk)], other.orders()) == ([SEND], [])
        let_pass(desk, 30)
        assert (held(desk)["live"], desk.shipment(HEIR).live, desk.shipment(SEND).live) == (0, True, False)


def test_when_the_old_operator_does_not_let_go_the_leg_stays_with_it(desk: TestDesk) -> None:
    with joined(desk, "viettelpost") as old, visit(desk) as web:
        order = ordered(web, desk, "send", carrier="viettelpost")
        booking.drain(desk.context)
        old.report(SEND, State.IN_TRANSIT, desk.clock.now())
        give(web, order, CARRIER)
        booking.drain(desk.context)
        shipment = desk.shipment(SEND)
        assert (shipment.live, shipment.successor, shipment.heir) == (True, None, None)
        assert "did not cancel" in str(shipment.trouble)
        assert held(desk, HEIR)["live"] == 0
