"""Results that come back, over HTTP: the counter, a second sending, forwarding, the stage in the dossier's view."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.desk import AGENCY, CARRIER, MONDAY, TestDesk, order_body
from tests.support.web import new_key, problem

SENDING = {"payer": "agency", "reason": "ghi sai địa chỉ", "officer": "Hà Thị Mai"}
RECEIVER = {"name": "Bế Đức Hiếu", "id_kind": "cccd", "id_last": "9013"}


@pytest.fixture
def back(web: httpx.Client, desk: TestDesk, registered: str) -> str:
    """The code of a dossier whose result was tried twice in vain and waits at the counter."""
    desk.clock.at(max(desk.clock.now(), MONDAY))
    assert web.post("/v1/orders", json=order_body("receive", dossier=registered), headers=new_key()).status_code == 201
    desk.tell("accepted", "e-1", code=registered)
    desk.tell("result_ready", "e-2", code=registered, result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.work()
    number = f"{registered}-R1"
    for code in (2, 5, 5, 6, 7):
        desk.clock.forward(days=3)
        desk.report(number, code, desk.clock.now() - timedelta(hours=1))
        desk.poll()
    record = {"agency": AGENCY, "carrier": CARRIER, "direction": "to_agency", "orders": [number]}
    id = web.post("/v1/handovers", json=record).json()["id"]
    signature = {
        "signed_at": desk.clock.now().isoformat(),
        "officer": "Hà Thị Mai",
        "postman": "Lý Văn Hải",
        "lines": [{"order": number, "accepted": True}],
    }
    assert web.post(f"/v1/handovers/{id}/sign", json=signature).status_code == 200
    return registered


def pickup(desk: TestDesk, **more: Any) -> dict[str, Any]:
    return {"at": desk.clock.now().isoformat(), "officer": "Hà Thị Mai", "receiver": {**RECEIVER, **more}}


def test_the_view_of_a_dossier_tells_the_stage(web: httpx.Client, back: str) -> None:
    result = web.get(f"/v1/dossiers/{back}").json()["result"]
    assert (result["stage"], result["order_number"], result["reason"]) == ("waiting_at_counter", f"{back}-R1", None)
    assert (len(result["invitations"]), result["turned_back_early"]) == (2, False)


def test_a_dossier_whose_result_never_failed_tells_none(web: httpx.Client, registered: str) -> None:
    assert web.get(f"/v1/dossiers/{registered}").json()["result"] is None


def test_a_result_taken_at_the_counter_is_the_citizens(web: httpx.Client, desk: TestDesk, back: str) -> None:
    body = pickup(desk)
    first, again = (web.post(f"/v1/dossiers/{back}/counter-pickup", json=body) for _ in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert (first.json()["id_kind"], first.json()["id_last"]) == ("cccd", "9013")
    view = web.get(f"/v1/dossiers/{back}").json()
    assert {paper["holder"] for paper in view["papers"] if paper["kind"] == "result"} == {"citizen"}
    assert view["result"]["stage"] == "collected"
    problem(web.post(f"/v1/dossiers/{back}/counter-pickup", json=pickup(desk, id_last="1111")), 409, "taken-already")


@pytest.mark.parametrize("receiver", [{"id_last": "004412799013"}, {"id_kind": "thẻ thư viện"}, {"id_last": "1"}])
def test_only_last_digits_of_a_known_kind_of_paper_are_taken(
    web: httpx.Client, desk: TestDesk, back: str, receiver: dict[str, str]
) -> None:
    answer = web.post(f"/v1/dossiers/{back}/counter-pickup", json=pickup(desk, **receiver))
    assert answer.status_code == 422


def test_a_proxy_without_a_paper_gets_nothing(web: httpx.Client, desk: TestDesk, back: str) -> None:
    body = pickup(desk, name="Nông Thị Xuân")
    refusal = problem(web.post(f"/v1/dossiers/{back}/counter-pickup", json=body), 422, "proxy-without-paper")
    assert refusal["legal_source"] == "Thông tư 17/2017/TT-BTTTT, Điều 5(2)(d)"


def test_a_second_sending_asked_for_twice_is_one_and_says_who_pays(web: httpx.Client, back: str) -> None:
    key = new_key()
    first, again = (web.post(f"/v1/dossiers/{back}/second-sending", json=SENDING, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    heir = first.json()["shipments"][-1]
    assert (heir["order_number"], heir["payer"], heir["generation"]) == (f"{back}-R2", "agency", 2)
    problem(web.post(f"/v1/dossiers/{back}/second-sending", json=SENDING, headers=new_key()), 409, "leg-alive")


def test_nobody_is_at_fault_is_no_payer(web: httpx.Client, back: str) -> None:
    body = {**SENDING, "payer": "nobody"}
    assert web.post(f"/v1/dossiers/{back}/second-sending", json=body, headers=new_key()).status_code == 422


def test_an_amount_that_a_person_names_is_taken_once(web: httpx.Client, back: str) -> None:
    web.post(f"/v1/dossiers/{back}/second-sending", json=SENDING, headers=new_key())
    path = f"/v1/postage/{back}-R2:postage:due"
    body = {"amount_vnd": 31_000, "officer": "Hà Thị Mai"}
    assert [web.post(path, json=body).status_code for _ in range(2)] == [200, 200]
    problem(web.post(path, json={**body, "amount_vnd": 32_000}), 409, "postage-named")
    problem(web.post("/v1/postage/nothing:postage", json=body), 404, "unknown-postage")
    problem(web.post(path, json={**body, "amount_vnd": 0}), 404, "unknown-postage")


def test_a_result_at_the_counter_can_be_forwarded_and_the_citizen_pays(
    web: httpx.Client, desk: TestDesk, back: str
) -> None:
    order = desk.shipment(f"{back}-R1").order_id
    body = {"address": {"text": "Số 9, Phường Thục Phán, tỉnh Cao Bằng", "era": "new2"}, "reason": "chuyển nhà"}
    answer = web.post(f"/v1/orders/{order}/forward", json=body)
    assert answer.status_code == 202
    heir = answer.json()["shipments"][-1]
    assert (heir["order_number"], heir["payer"]) == (f"{back}-R2", "citizen")
    problem(web.post("/v1/orders/no-such-order/forward", json=body), 404, "unknown-order")
