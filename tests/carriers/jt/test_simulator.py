"""The simulated J&T: what it refuses, and webhooks that are really sent until they are answered rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from carriers.conformance.webhooks import every_field_may_be_wrong
from carriers.contract import ChangeOutcome, Normalised, OrderRef
from carriers.jt.client import JtCarrier
from carriers.jt.simulator.customers import BASE
from carriers.simulation import Fault, FaultRule
from carriers.states import ShipmentState as State
from carriers.webhooks import Verdict, WebhookRequest
from tests.carriers.jt.office import CUSTOMER, Connection, connection, later, signed
from tests.support import ngsp
from tests.support.operators import harness
from tests.support.operators import office as served
from tests.support.receiver import Receiver, told

_WHOLE = [State.BOOKED, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.DELIVERED]


def _told(office: Connection, *, busy: int = 0) -> AbstractContextManager[Receiver]:
    return told(office.carrier, office.operator, busy=busy)


def _settle(office: Connection) -> None:
    assert office.operator.webhooks is not None
    assert office.operator.webhooks.settle()


@pytest.fixture
def office() -> Iterator[Connection]:
    with connection() as open_account:
        yield open_account


def _journey(office: Connection) -> OrderRef:
    order = OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill)
    for hour, state in enumerate(_WHOLE[1:], start=1):
        office.operator.report("H14-1-S1", state, later(hour))
    return order


def test_a_whole_journey_is_told_as_it_would_be_asked_for(office: Connection) -> None:
    with _told(office) as receiver:
        order = _journey(office)
        _settle(office)
        assert [event.state for event in receiver.events()] == _WHOLE
        asked = office.carrier.normalise([item.raw for item in office.carrier.track([order])])
        assert [event.key for event in receiver.events()] == [getattr(event, "key", None) for event in asked]


def test_after_a_lost_answer_the_first_report_tells_the_waybill(office: Connection) -> None:
    with _told(office) as receiver:
        office.operator.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, operation="order", times=1, seconds=0)])
        with pytest.raises(Exception, match="may have taken the request or not"):
            office.carrier.book(ngsp.order("H14-1-S1"))
        assert office.carrier.book(ngsp.order("H14-1-S1")).waybill is None
        _settle(office)
        assert [event.waybill for event in receiver.events()] == office.operator.orders()[0]["item_codes"]


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
        assert len(receiver.verdicts) == 8
        assert [event.state for event in receiver.events()] == _WHOLE


def test_a_forger_is_turned_away_and_the_truth_gets_through(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.FORGED_WEBHOOK, operation="webhook", times=1)])
    with _told(office) as receiver:
        office.carrier.book(ngsp.order("H14-1-S1"))
        _settle(office)
        assert receiver.verdicts == [Verdict.FORGED, Verdict.TAKEN]


def test_a_cancellation_is_reported(office: Connection) -> None:
    with _told(office) as receiver:
        office.carrier.cancel(OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill))
        _settle(office)
        assert {event.code for event in receiver.events()} == {"103", "105"}


@pytest.mark.parametrize(("code", "live"), [("104", 0), ("106", 1), ("105", 1), ("94", 1), ("113", 1)])
def test_nothing_is_cancelled_once_it_is_collected_or_over(office: Connection, code: str, live: int) -> None:
    order = OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill)
    office.operator.push_event("H14-1-S1", code, later(1))
    office.carrier.cancel(order)
    assert office.operator.orders()[0]["live"] == live


def test_a_fault_makes_a_second_order_of_one_number(office: Connection) -> None:
    office.operator.faults.replace([FaultRule(fault=Fault.ACCEPT_DUPLICATES, operation="order")])
    orders = [OrderRef("H14-1-S1", office.carrier.book(ngsp.order("H14-1-S1")).waybill) for _ in range(2)]
    assert len({order.waybill for order in orders}) == 2
    assert [len(office.carrier.track([order])) for order in orders] == [1, 1]
    outcomes = [office.carrier.cancel(order).outcome for order in (*orders, orders[0])]
    assert outcomes == [ChangeOutcome.ACCEPTED, ChangeOutcome.ACCEPTED, ChangeOutcome.REFUSED]


def test_the_books_survive_a_restart(tmp_path: Path) -> None:
    books = tmp_path / "operator.db"
    with connection(database=books) as office:
        first = office.carrier.book(ngsp.order("H14-1-S1")).waybill
    with connection(database=books) as office:
        assert office.carrier.book(ngsp.order("H14-1-S1")).already_existed
        assert office.carrier.book(ngsp.order("H14-2-S1")).waybill != first


def test_every_state_that_a_journey_needs_has_a_code_but_two(office: Connection) -> None:
    ours = ("requested", "booking", "outcome_unknown", "parked")
    without = {state for state in State if state not in ours and not office.operator.knows(state)}
    assert without == {State.COLLECTING, State.LOST}
    assert [office.operator.code_of(state) for state in _WHOLE] == ["103", "106", "112", "113"]


class Caller:
    """Somebody who calls the simulator without our connector."""

    def __init__(self, office: Connection) -> None:
        self._base = f"{office.base_url}{BASE}"

    def say(
        self,
        path: str,
        body: dict[str, Any],
        *,
        login: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the code of the answer to ``body``; ``headers`` over the right ones."""
        shown = {"customerCode": CUSTOMER.code, "password": CUSTOMER.password} if login is None else login
        content = json.dumps({**shown, **body}, ensure_ascii=False)
        right = {"apiAccount": CUSTOMER.api_account, "timestamp": "1772415000000", "digest": signed(content.encode())}
        answer = httpx.post(f"{self._base}{path}", data={"bizContent": content}, headers={**right, **(headers or {})})
        assert answer.status_code == 200
        assert set(answer.json()) == {"code", "msg", "data"}
        return answer.json()["code"]


@pytest.mark.parametrize(
    "wrong", [{"digest": ""}, {"digest": signed(b"")}, {"timestamp": ""}, {"timestamp": "now"}, {"apiAccount": "x"}]
)
def test_who_does_not_sign_is_refused_whatever_is_wanted(office: Connection, wrong: dict[str, str]) -> None:
    for path in ("order/addOrder", "order/cancelOrder", "order/printOrder", "spmComCost/getComCost", "logistics/trace"):
        assert Caller(office).say(f"/api/{path}", {}, headers=wrong) == "145003030"


@pytest.mark.parametrize("login", [{}, {"customerCode": CUSTOMER.code, "password": CUSTOMER.password.lower()}])
def test_the_customers_password_is_part_of_what_is_signed(office: Connection, login: dict[str, str]) -> None:
    assert Caller(office).say("/api/logistics/trace", {"billCodes": "8"}, login=login) == "145003052"


_PERSON = {"name": "x", "mobile": "0912000111", "prov": "04", "address": "x"}
_ORDER = {"txlogisticId": "H14-1", "serviceType": "1", "weight": "0.20", "sender": _PERSON, "receiver": _PERSON}


@pytest.mark.parametrize(
    "change",
    [
        *({"txlogisticId": ""}, {"serviceType": "2"}, {"sender": None}, {"receiver": {**_PERSON, "prov": ""}}),
        *({"weight": value} for value in (0.2, "0", "0.00", "x", "1,5", "0.0001", None, "")),
    ],
)
def test_an_order_that_does_not_add_up_is_refused(office: Connection, change: dict[str, Any]) -> None:
    caller = Caller(office)
    assert caller.say("/api/order/addOrder", {**_ORDER, **change}) == "145003050"
    assert caller.say("/api/order/addOrder", _ORDER) == "1"
    assert caller.say("/api/order/addOrder", _ORDER) == "145003204"


def test_each_refusal_has_the_code_that_is_published(office: Connection) -> None:
    caller = Caller(office)
    assert caller.say("/api/order/addOrder", _ORDER) == "1"
    assert caller.say("/api/order/cancelOrder", {"txlogisticId": "H14-1"}) == "145003050"
    assert caller.say("/api/order/cancelOrder", {"txlogisticId": "H14-2", "reason": "x"}) == "999002000"
    assert caller.say("/api/order/cancelOrder", {"txlogisticId": "H14-1", "reason": "x"}) == "1"
    assert caller.say("/api/order/cancelOrder", {"txlogisticId": "H14-1", "reason": "x"}) == "999010010"
    assert caller.say("/api/logistics/trace", {"billCodes": ",".join("8" * 31)}) == "145003502"
    assert caller.say("/api/logistics/trace", {"billCodes": "8"}) == "999002000"
    assert caller.say("/api/order/printOrder", {"billCode": "8"}) == "999002000"
    assert caller.say("/api/spmComCost/getComCost", {"weight": "0.20"}) == "145003050"


def test_every_booking_call_is_in_the_books(office: Connection) -> None:
    caller = Caller(office)
    for body in (_ORDER, _ORDER, {**_ORDER, "weight": ""}):
        caller.say("/api/order/addOrder", body)
    (books,) = office.operator.orders()
    assert [call["answer"] for call in books["calls"]] == ["1", "145003204", "145003050"]


def test_a_code_that_is_no_number_can_be_reported(office: Connection) -> None:
    with _told(office) as receiver:
        office.operator.push_event("H14-1-S1", "LOST", ngsp.NOW)
        _settle(office)
        assert [(event.code, event.state) for event in receiver.events()] == [("LOST", None)]


def test_a_connector_that_stumbles_over_a_proven_field_does_not_conform(monkeypatch: pytest.MonkeyPatch) -> None:
    normalise = JtCarrier.normalise

    def stumble(self: JtCarrier, raw: Any, version: str | None = None) -> list[Normalised]:
        raw["details"][0]["scanTime"].strip()
        return normalise(self, raw, version)

    monkeypatch.setattr(JtCarrier, "normalise", stumble)
    with served("jt") as post_office, harness(post_office) as one, pytest.raises((AttributeError, KeyError, TypeError)):
        every_field_may_be_wrong(one)


def test_a_delivery_with_anything_in_it_can_be_proven(office: Connection) -> None:
    for said in ({"billCode": None}, ["x"], 10**30, "\u202e\x00"):
        sent = office.operator.proven(said, "https://desk.example/")
        headers = {name.lower(): value for name, value in sent.headers.items()}
        reading = office.carrier.read_webhook(WebhookRequest(headers, sent.body, "", "192.0.2.7", ngsp.NOW))
        assert reading.verdict is Verdict.TAKEN
