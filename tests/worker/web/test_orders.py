from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from carriers.simulation import Fault, FaultRule
from dispatch import booking
from dispatch.routing import decision_about
from dispatch.shipments import BookingState
from tests.support.connections import seen_open
from tests.support.desk import CARRIER, TestDesk, dossier_body, order_body
from tests.support.operators import joined
from tests.support.web import new_key, problem, visit


def place(
    web: httpx.Client, code: str, service: str = "both", key: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    return web.post("/v1/orders", json=order_body(service, dossier=code, **more), headers=key or new_key())


def test_an_order_for_both_ways_is_two_shipments_under_numbers_made_from_the_dossier(
    web: httpx.Client, registered: str
) -> None:
    answer = place(web, registered)
    assert answer.status_code == 201
    numbers = {shipment["leg"]: shipment["order_number"] for shipment in answer.json()["shipments"]}
    assert numbers == {"send": f"{registered}-S1", "return": f"{registered}-R1"}
    assert web.get(f"/v1/orders/{answer.json()['id']}").json() == answer.json()


def test_an_operator_that_the_workers_leave_alone_is_passed_over(desk: TestDesk, registered: str) -> None:
    """The web process makes no calls, so its own breakers never open."""
    with joined(desk, "viettelpost"), visit(desk) as web:
        seen_open(desk.context, "viettelpost", process="worker:1")
        (shipment,) = place(web, registered, "send").json()["shipments"]
        assert shipment["carrier"] == CARRIER


def test_an_operator_that_cannot_book_there_is_passed_over_and_the_decision_says_why(
    desk: TestDesk, registered: str
) -> None:
    with joined(desk, "ems", provinces={"01": "10"}), visit(desk) as web:
        (shipment,) = place(web, registered, "send").json()["shipments"]
        assert shipment["carrier"] == CARRIER
    with desk.read() as session:
        decision = decision_about(session, shipment["order_number"])
    assert decision is not None
    assert decision.considered[-1]["excluded"]


def test_the_same_key_with_the_same_body_is_the_same_order(web: httpx.Client, registered: str) -> None:
    key = new_key()
    first, again = place(web, registered, key=key), place(web, registered, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_the_same_key_with_another_body_is_refused(web: httpx.Client, registered: str) -> None:
    key = new_key()
    place(web, registered, "send", key=key)
    refusal = problem(place(web, registered, "receive", key=key), 409, "idempotency-key")
    assert "new key" in refusal["next_step"]
    assert [s["leg"] for s in web.get(f"/v1/dossiers/{registered}").json()["shipments"]] == ["send"]


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "k" * 201}])
def test_an_order_without_a_proper_key_is_refused(web: httpx.Client, registered: str, key: dict[str, str]) -> None:
    answer = web.post("/v1/orders", json=order_body(dossier=registered), headers=key)
    assert "Idempotency-Key" in problem(answer, 422, "invalid-request")["detail"]
    assert web.get(f"/v1/dossiers/{registered}").json()["shipments"] == []


def test_the_longest_key_is_taken(web: httpx.Client, registered: str) -> None:
    key = {"Idempotency-Key": "k" * 200}
    assert [place(web, registered, key=key).status_code for _ in range(2)] == [201, 200]


def test_a_second_order_for_a_live_leg_points_to_the_first(web: httpx.Client, registered: str) -> None:
    first = place(web, registered, "send").json()
    refusal = problem(place(web, registered, "both"), 409, "leg-alive")
    assert (refusal["order"], refusal["order_number"]) == (first["id"], f"{registered}-S1")
    assert len(web.get(f"/v1/dossiers/{registered}").json()["shipments"]) == 1


def test_an_order_for_an_unknown_dossier_says_register_it_first(web: httpx.Client, code: str) -> None:
    assert "PUT /v1/dossiers" in problem(place(web, code), 404, "unknown-dossier")["next_step"]


@pytest.mark.parametrize(("service", "allowed"), [("send", False), ("receive", True), ("both", False)])
def test_a_procedure_whose_papers_must_come_in_person_may_only_be_answered_by_post(
    web: httpx.Client, code: str, service: str, allowed: bool
) -> None:
    procedure = {**dossier_body()["procedure"], "postal_submission": False}
    web.put(f"/v1/dossiers/{code}", json=dossier_body(procedure=procedure))
    answer = place(web, code, service)
    if allowed:
        assert answer.status_code == 201
    else:
        assert "45/2016" in problem(answer, 422, "service-not-allowed")["detail"]


def test_an_operator_nobody_has_an_account_at_is_refused(web: httpx.Client, registered: str) -> None:
    answer = place(web, registered, carrier="pigeon_post")
    assert answer.status_code in (404, 409, 422)
    assert answer.json()["next_step"]


def test_an_order_not_booked_yet_can_be_cancelled_and_placed_again(web: httpx.Client, registered: str) -> None:
    order = place(web, registered).json()
    answer = web.post(f"/v1/orders/{order['id']}/cancel")
    assert answer.status_code == 202
    assert {s["state"] for s in answer.json()["shipments"]} == {"cancelled"}
    again = place(web, registered, "send").json()
    assert again["shipments"][0]["order_number"] == f"{registered}-S2"


def test_whoever_cancels_again_because_the_answer_was_lost_is_told_the_same(web: httpx.Client, registered: str) -> None:
    order = place(web, registered).json()
    first = web.post(f"/v1/orders/{order['id']}/cancel")
    again = web.post(f"/v1/orders/{order['id']}/cancel")
    assert (again.status_code, again.json()) == (202, first.json())


def test_a_new_address_reaches_the_operator_while_the_order_waits(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    order = place(web, registered, "receive").json()
    body = {"address": {"text": "Tổ 9, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}}
    assert web.post(f"/v1/orders/{order['id']}/address", json=body).status_code == 200
    assert "Tổ 9" in desk.shipment(f"{registered}-R1").citizen


def test_a_new_address_comes_too_late_for_a_booked_order(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    order = place(web, registered, "send").json()
    desk.work()
    assert desk.shipment(f"{registered}-S1").booking is BookingState.BOOKED
    body = {"address": {"text": "Tổ 9, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}}
    problem(web.post(f"/v1/orders/{order['id']}/address", json=body), 409, "too-late-to-change")


@pytest.mark.parametrize("action", ["", "/cancel", "/address"])
def test_nobody_knows_an_order_that_was_never_placed(web: httpx.Client, action: str) -> None:
    path = f"/v1/orders/0123456789abcdef{action}"
    body = {"address": {"text": "Xã Xuân Trường, tỉnh Cao Bằng"}}
    answer = web.post(path, json=body) if action else web.get(path)
    problem(answer, 404, "unknown-order")


def test_the_price_is_told_before_the_citizen_decides(web: httpx.Client) -> None:
    address = {"text": "Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}
    answer = web.post("/v1/quotes", json={"agency": "H14.10", "service": "both", "address": address}).json()
    prices = [leg["postage_vnd"] for leg in answer["legs"]]
    assert [leg["leg"] for leg in answer["legs"]] == ["send", "return"]
    assert answer["total_vnd"] == sum(prices)


def test_an_order_rings_the_booking_lane_and_a_repetition_does_not(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    order = place(web, registered, "send").json()
    desk.work()
    shown = web.get(f"/v1/orders/{order['id']}").json()["shipments"][0]
    assert (shown["state"], shown["trouble"]) == ("booked", None)
    (at_operator,) = [o for o in desk.operator.orders() if o["order_number"] == f"{registered}-S1"]
    assert (at_operator["live"], at_operator["create_calls"]) == (1, 1)


@pytest.fixture
def doubtful(desk: TestDesk, code: str) -> Iterator[str]:
    """An order whose booking was not answered, at an operator that can only be asked on the telephone."""
    desk.register(code)
    with joined(desk, "viettelpost") as operator:
        operator.faults.replace([FaultRule(fault=Fault.TIMEOUT_AFTER, operation="order", times=1, seconds=0)])
        desk.order("send", dossier=code, carrier="viettelpost")
        booking.drain(desk.context)
        yield f"{code}-S1"


def test_what_a_person_was_told_on_the_telephone_settles_an_order_in_doubt(web: httpx.Client, doubtful: str) -> None:
    answer = web.post(f"/v1/shipments/{doubtful}/finding", json={"held": True, "waybill": " 17000000001 "})
    assert answer.json() == {"order_number": doubtful, "state": "booked"}
    again = web.post(f"/v1/shipments/{doubtful}/finding", json={"held": False})
    assert "nothing was changed" in problem(again, 409, "nothing-in-doubt")["next_step"]


@pytest.mark.parametrize("finding", [{"held": False, "waybill": "1"}, {"held": True, "although_confirmed": True}])
def test_a_finding_that_contradicts_itself_is_refused(
    web: httpx.Client, doubtful: str, finding: dict[str, Any]
) -> None:
    problem(web.post(f"/v1/shipments/{doubtful}/finding", json=finding), 422, "invalid-request")
