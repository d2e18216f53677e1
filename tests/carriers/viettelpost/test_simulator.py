"""The simulated Viettel Post: its calls, and webhooks that are really sent until they are answered rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from carriers.contract import ChangeOutcome, OrderRef
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState as State
from carriers.webhooks import Verdict
from tests.carriers.viettelpost.office import CLIENT, Connection, connection
from tests.support import ngsp
from tests.support.receiver import Receiver, told


def _told(office: Connection, *, busy: int = 0) -> AbstractContextManager[Receiver]:
    return told(office.carrier, office.operator, busy=busy)


def _states(receiver: Receiver) -> list[State | None]:
    return [event.state for event in receiver.events()]


def _data(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body)["DATA"] for body in receiver.bodies]


def _settle(office: Connection) -> None:
    assert office.operator.webhooks is not None
    assert office.operator.webhooks.settle()


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection() as open_account:
        yield open_account


def _journey(office: Connection, number: str = "H14-1-S1") -> OrderRef:
    order = OrderRef(number, office.carrier.book(ngsp.order(number)).waybill)
    states = (State.COLLECTING, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED)
    for hour, state in enumerate(states, start=1):
        office.operator.report(number, state, ngsp.NOW + timedelta(hours=hour))
    return order


_WHOLE = [State.BOOKED, State.COLLECTING, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED]


def test_a_whole_journey_is_told_with_both_proofs_and_both_spellings(office: Connection) -> None:
    with _told(office) as receiver:
        order = _journey(office)
        _settle(office)
        assert _states(receiver) == _WHOLE
        assert {body["ORDER_NUMBER"] for body in _data(receiver)} == {order.waybill}
        assert {body["ORDER_REFERENCE"] for body in _data(receiver)} == {"H14-1-S1"}
        for spellings in ({"LOCALION_CURRENTLY", "LOCATION_CURRENTLY"}, {"MONEY_TOTALFEE", "MONEY_TOTAL_FEE"}):
            assert {name for body in _data(receiver) for name in spellings & body.keys()} == spellings


def test_a_delivery_that_was_not_kept_comes_again(office: Connection) -> None:
    with _told(office, busy=2) as receiver:
        office.carrier.book(ngsp.order("H14-1-S1"))
        _settle(office)
        assert receiver.verdicts == [Verdict.BUSY, Verdict.BUSY, Verdict.TAKEN]


def test_what_comes_twice_is_kept_once(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.DUPLICATE_EVENTS, operation="webhook")])
    with _told(office) as receiver:
        _journey(office)
        _settle(office)
        assert len(receiver.verdicts) == 10
        assert _states(receiver) == _WHOLE


def test_a_forger_is_turned_away_and_the_truth_gets_through(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.FORGED_WEBHOOK, operation="webhook", times=1)])
    with _told(office) as receiver:
        office.carrier.book(ngsp.order("H14-1-S1"))
        _settle(office)
        assert receiver.verdicts == [Verdict.FORGED, Verdict.TAKEN]
        assert office.operator.webhooks is not None
        assert [status for _, status, _ in office.operator.webhooks.answers] == [401, 200]


def test_a_lost_report_is_told_when_the_journey_is_asked_for_again(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.LOST_WEBHOOK, operation="webhook", order="H14-1")])
    with _told(office) as receiver:
        lost, other = _journey(office), _journey(office, "H14-2-S1")
        _settle(office)
        assert {body["ORDER_REFERENCE"] for body in _data(receiver)} == {other.order_number}
        office.operator.faults.replace([])
        receiver.kept.clear()
        office.carrier.resend_journey(lost)
        _settle(office)
        assert _states(receiver) == _WHOLE
        assert {raw["DATA"]["ORDER_NUMBER"] for raw in receiver.kept.values()} == {lost.waybill}


def test_a_cancellation_is_reported(office: Connection) -> None:
    with _told(office) as receiver:
        office.carrier.cancel(OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill))
        _settle(office)
        assert [body["ORDER_STATUS"] for body in _data(receiver)] == [100, 107]


def test_of_two_orders_of_one_number_one_is_cancelled(office: Connection) -> None:
    first, _ = (office.carrier.book(ngsp.order("H14-1-S1")).waybill for _ in range(2))
    office.carrier.cancel(OrderRef("H14-1-S1", first))
    assert office.operator.orders()[0]["live"] == 1


@pytest.mark.parametrize("code", ["105", "101", "200", "501"])
def test_nothing_is_cancelled_once_it_is_collected_or_over(office: Connection, code: str) -> None:
    order = OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill)
    office.operator.push_event("H14-1-S1", code, ngsp.NOW + timedelta(hours=1))
    office.carrier.cancel(order)
    assert office.operator.orders()[0]["live"] == 1


@pytest.mark.parametrize("code", ["104", "-109", "102"])
def test_a_cancellation_is_taken_before_that(office: Connection, code: str) -> None:
    order = OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill)
    office.operator.push_event("H14-1-S1", code, ngsp.NOW + timedelta(hours=1))
    office.carrier.cancel(order)
    assert office.operator.orders()[0]["live"] == 0


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    books = tmp_path / "operator.db"
    with connection(database=books) as office:
        first = office.carrier.book(ngsp.order("H14-1-S1")).waybill
    with connection(database=books) as office:
        assert office.carrier.book(ngsp.order("H14-2-S1")).waybill != first
        assert [order["live"] for order in office.operator.orders()] == [1, 1]


def test_every_state_that_a_journey_needs_has_a_code_but_two(office: Connection) -> None:
    ours = ("requested", "booking", "outcome_unknown", "parked")
    without = {state for state in State if state not in ours and not office.operator.knows(state)}
    assert without == {State.COLLECTION_FAILED, State.LOST}
    plain = (State.BOOKED, State.COLLECTING, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED)
    assert [office.operator.code_of(state) for state in plain] == ["100", "104", "105", "500", "501"]


class Caller:
    """Somebody who calls the simulator without our connector."""

    def __init__(self, office: Connection) -> None:
        self._base = office.base_url
        login = {"USERNAME": CLIENT.username, "PASSWORD": CLIENT.password}
        self.short = self.post("/v2/user/Login", login)["data"]["token"]
        self.long = self.post("/v2/user/ownerconnect", login, self.short)["data"]["token"]

    def post(self, path: str, body: Any, token: str = "") -> Any:
        answer = httpx.post(f"{self._base}{path}", json=body, headers={"Token": token} if token else {})
        assert answer.status_code == 200
        return answer.json()


def test_every_refusal_comes_with_http_200(office: Connection) -> None:
    caller = Caller(office)
    create, update = "/v2/order/createOrderNlp", "/v2/order/UpdateOrder"
    refusals = [
        caller.post("/v2/user/Login", {"USERNAME": CLIENT.username, "PASSWORD": "guessed"}),
        caller.post("/v2/user/ownerconnect", {"USERNAME": CLIENT.username, "PASSWORD": CLIENT.password}, "guessed"),
        caller.post(create, {}),
        caller.post(create, {}, caller.short),
        caller.post(create, {}, caller.long),
        caller.post(update, {"TYPE": 4, "ORDER_NUMBER": "9"}, caller.long),
        caller.post("/v2/order/printing-code", {"ORDER_ARRAY": []}, caller.long),
    ]
    assert all(refusal["error"] is True and refusal["data"] is None for refusal in refusals)
    assert [refusal["message"] for refusal in refusals[2:4]] == ["Header Token is required", "Token invalid"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"ORDER_SERVICE": "XXX"}, "Incorrect data: ORDER_SERVICE"),
        ({"ORDER_PAYMENT": 3}, "Incorrect data: ORDER_PAYMENT"),
        ({"MONEY_COLLECTION": 5000}, "Incorrect data: ORDER_PAYMENT"),
        ({"RECEIVER_PHONE": ""}, "Invalid [RECEIVER_PHONE]"),
        ({"ORDER_NOTE": "ộ" * 51}, "Invalid [ORDER_NOTE]"),
    ],
)
def test_an_order_that_does_not_add_up_is_refused(office: Connection, change: dict[str, Any], refusal: str) -> None:
    caller = Caller(office)
    names = ("FULLNAME", "ADDRESS", "PHONE")
    body: dict[str, Any] = {f"{who}_{name}": "x" for who in ("SENDER", "RECEIVER") for name in names}
    body |= {"ORDER_NUMBER": "H14-1", "ORDER_SERVICE": "VCN", "ORDER_PAYMENT": 1, "MONEY_COLLECTION": 0}
    assert caller.post("/v2/order/createOrderNlp", {**body, **change}, caller.long)["message"] == refusal
    assert caller.post("/v2/order/createOrderNlp", body, caller.long)["error"] is False


def test_only_the_cancellation_is_simulated_of_all_changes(office: Connection) -> None:
    caller = Caller(office)
    waybill = office.carrier.book(ngsp.order("H14-1-S1")).waybill
    answer = caller.post("/v2/order/UpdateOrder", {"TYPE": 11, "ORDER_NUMBER": waybill}, caller.long)
    assert answer["message"] == "Incorrect data: TYPE"


def test_a_token_ends() -> None:
    with connection(token_seconds=0.0) as office:
        answer = httpx.post(
            f"{office.base_url}/v2/user/Login", json={"USERNAME": CLIENT.username, "PASSWORD": CLIENT.password}
        )
        short = answer.json()["data"]["token"]
        connect = httpx.post(
            f"{office.base_url}/v2/user/ownerconnect",
            json={"USERNAME": CLIENT.username, "PASSWORD": CLIENT.password},
            headers={"Token": short},
        )
        assert connect.json()["error"] is True


def test_a_label_that_was_not_asked_for_is_not_shown(office: Connection) -> None:
    assert httpx.get(f"{office.base_url}/DigitalizePrint/report.do?bill=guessed").status_code == 404


def test_a_code_that_is_no_number_can_be_reported(office: Connection) -> None:
    with _told(office) as receiver:
        office.operator.push_event("H14-1-S1", "LOST", ngsp.NOW)
        _settle(office)
        assert _data(receiver)[0]["ORDER_STATUS"] == "LOST"
        assert _states(receiver) == [None]


def test_what_was_collected_is_brought_back_when_the_sender_asks(office: Connection) -> None:
    with _told(office) as receiver:
        order = OrderRef("H14-1-R1", office.carrier.book(ngsp.order("H14-1-R1")).waybill)
        assert office.carrier.recall(order).outcome is ChangeOutcome.REFUSED
        office.operator.report(order.order_number, State.IN_TRANSIT, ngsp.NOW)
        assert [office.carrier.recall(order).outcome for _ in range(2)] == [ChangeOutcome.ACCEPTED] * 2
        _settle(office)
        assert _states(receiver) == [State.BOOKED, State.IN_TRANSIT, State.RETURNING]


def test_what_was_delivered_is_not_brought_back(office: Connection) -> None:
    change = office.carrier.recall(_journey(office))
    assert (change.outcome, "chuyển hoàn" in change.operator_words) == (ChangeOutcome.REFUSED, True)
