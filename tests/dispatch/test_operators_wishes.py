"""What else an operator may be asked: another address for a result on its way, a window for the pickup, a label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from carriers.simulation import Fault, FaultRule, SimulatedOperator
from carriers.states import ShipmentState
from dispatch import booking
from dispatch.citizens import Citizen
from tests.dispatch.bookings import let_pass
from tests.support.desk import CODE, MONDAY, TestDesk, order_body
from tests.support.operators import joined
from tests.support.web import new_key, problem, visit

R1, S1 = f"{CODE}-R1", f"{CODE}-S1"
ELSEWHERE = {"address": {"text": "Số 9, Phường Thục Phán, tỉnh Cao Bằng", "era": "new2"}}


@pytest.fixture
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


@pytest.fixture
def myvnpost(desk: TestDesk) -> Iterator[SimulatedOperator]:
    """An operator that can be asked for all of it."""
    with joined(desk, "myvnpost") as operator:
        yield operator


def ordered(web: httpx.Client, desk: TestDesk, service: str = "receive", **more: Any) -> str:
    answer = web.post("/v1/orders", json=order_body(service, **more), headers=new_key())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def on_its_way(desk: TestDesk) -> None:
    """The result is ready, booked and collected."""
    desk.tell("accepted", "e-1", MONDAY)
    desk.tell("result_ready", "e-2", MONDAY, result_papers=[{"name": "Kết quả", "originals": 1}])
    booking.drain(desk.context)
    assert desk.shipment(R1).booking == "booked"


def lives_at(desk: TestDesk, number: str = R1) -> str:
    return Citizen.from_text(desk.shipment(number).citizen).address


def test_a_result_on_its_way_is_sent_elsewhere(desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client) -> None:
    order = ordered(web, desk)
    on_its_way(desk)
    assert web.post(f"/v1/orders/{order}/address", json=ELSEWHERE).status_code == 200
    booking.drain(desk.context)
    assert "Thục Phán" in lives_at(desk)
    assert desk.shipment(R1).new_citizen is None


def test_an_operator_that_cannot_be_reached_is_told_later(
    desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client
) -> None:
    order = ordered(web, desk)
    on_its_way(desk)
    web.post(f"/v1/orders/{order}/address", json=ELSEWHERE)
    myvnpost.faults.replace([FaultRule(fault=Fault.THROTTLED, seconds=0)])
    booking.drain(desk.context)
    assert "Thục Phán" not in lives_at(desk)
    myvnpost.faults.replace([])
    let_pass(desk, 30)
    assert "Thục Phán" in lives_at(desk)


def test_a_result_that_has_been_delivered_goes_nowhere_else(
    desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client
) -> None:
    order = ordered(web, desk)
    on_its_way(desk)
    myvnpost.report(R1, ShipmentState.DELIVERED, desk.clock.now())
    desk.clock.forward(hours=1)
    desk.work()
    problem(web.post(f"/v1/orders/{order}/address", json=ELSEWHERE), 409, "too-late-to-change")


def test_an_operator_that_takes_no_other_address_leaves_it_to_people(desk: TestDesk, web: httpx.Client) -> None:
    order = ordered(web, desk)
    on_its_way(desk)
    problem(web.post(f"/v1/orders/{order}/address", json=ELSEWHERE), 409, "too-late-to-change")


def test_the_quote_shows_the_windows_and_the_order_takes_one(
    desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client
) -> None:
    form = {"agency": "H14.10", "service": "send", "address": order_body()["address"], "carrier": "myvnpost"}
    (leg,) = web.post("/v1/quotes", json=form).json()["legs"]
    window = leg["pickup_windows"][0]
    opens, closes = window.split("-")
    pickup = {"on": "2026-03-03", "opens": opens, "closes": closes}
    ordered(web, desk, "send", carrier="myvnpost", pickup=pickup)
    booking.drain(desk.context)
    shipment = desk.shipment(S1)
    assert (str(shipment.pickup_on), shipment.pickup_window, shipment.booking) == ("2026-03-03", window, "booked")


@pytest.mark.parametrize(
    "pickup",
    [
        {"on": "2026-03-01", "opens": "08:00", "closes": "11:30"},
        {"on": "2026-03-03", "opens": "02:00", "closes": "03:00"},
        {"on": "2026-03-03", "opens": "11:30", "closes": "08:00"},
    ],
)
def test_a_window_that_is_over_or_is_none_is_refused_with_those_there_are(
    desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client, pickup: dict[str, str]
) -> None:
    body = order_body("send", carrier="myvnpost", pickup=pickup)
    refusal = problem(web.post("/v1/orders", json=body, headers=new_key()), 422, "pickup-window")
    assert "-" in refusal["detail"]


def test_where_nobody_offers_windows_the_postman_reads_the_wish_in_the_note(desk: TestDesk, web: httpx.Client) -> None:
    ordered(web, desk, "send", pickup={"on": "2026-03-03", "opens": "09:00", "closes": "10:00"})
    booking.drain(desk.context)
    assert desk.shipment(S1).booking == "booked"
    order = desk.operator.books.order("C14000123", S1)
    assert order is not None
    assert "Thu gom ngày 03/03/2026, 09:00-10:00" in order.body["Description"]


def test_the_label_comes_from_the_operator(desk: TestDesk, myvnpost: SimulatedOperator, web: httpx.Client) -> None:
    order = ordered(web, desk)
    on_its_way(desk)
    answer = web.get(f"/v1/orders/{order}/labels/{R1}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_a_label_that_stands_elsewhere_is_pointed_to(desk: TestDesk) -> None:
    with joined(desk, "viettelpost"), visit(desk) as web:
        order = ordered(web, desk)
        on_its_way(desk)
        answer = web.get(f"/v1/orders/{order}/labels/{R1}", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http")


def test_where_there_is_no_label_the_clerk_is_told_what_to_do(desk: TestDesk, web: httpx.Client) -> None:
    order = ordered(web, desk)
    problem(web.get(f"/v1/orders/{order}/labels/{R1}"), 409, "no-label")
    on_its_way(desk)
    problem(web.get(f"/v1/orders/{order}/labels/{R1}"), 409, "no-label")
    problem(web.get(f"/v1/orders/{order}/labels/{S1}"), 404, "unknown-order")
