"""Lists of papers, slips, form 02, the party at fault, transfers and parcels, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from config.accounts import AgencyDesk, Desk
from tests.support.accounts import change_account
from tests.support.desk import CARRIER, MONDAY, TestDesk, dossier_body, opened_desk, order_body
from tests.support.web import new_key, problem, visit

TAX_DESK = Desk(phone="02063870123", address="Chi cục Thuế, phường Thục Phán", province_code="04")
LIST = {
    "source": "portal",
    "version": "p1",
    "valid_from": "2026-01-01",
    "items": [{"name": "Tờ khai", "originals": 1}, {"name": "Giấy tờ tùy thân", "copies": 1}],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """A desk that knows where the tax office is."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        desks = (AgencyDesk(agency="H14.30", desk=TAX_DESK),)
        desk.context = replace(desk.context, accounts=desk.context.accounts.model_copy(update={"agency_desks": desks}))
        change_account(desk, bulk_sealed=True)
        yield desk


@pytest.fixture(scope="module")
def web(desk: TestDesk) -> Iterator[httpx.Client]:
    with visit(desk) as caller:
        yield caller


@pytest.fixture
def sent(desk: TestDesk, registered: str) -> str:
    """The number of an order that the operator holds."""
    (number,) = desk.order("send", dossier=registered)
    desk.work()
    return number


def slip_body(desk: TestDesk, **more: Any) -> dict[str, Any]:
    moment = desk.clock.now().isoformat()
    return {
        "counted": [{"name": "Tờ khai", "originals": 1}, {"name": "Giấy tờ tùy thân", "copies": 1}],
        "postman": "Lý Văn Hải",
        "postman_signed_at": moment,
        "citizen": "Bế Đức Hiếu",
        "citizen_signed_at": moment,
        **more,
    }


def rejected(web: httpx.Client, desk: TestDesk, number: str, **verdict: Any) -> dict[str, Any]:
    body = {"agency": "H14.10", "carrier": CARRIER, "direction": "to_agency", "orders": [number]}
    drawn = web.post("/v1/handovers", json=body).json()
    signature = {
        "signed_at": desk.clock.now().isoformat(),
        "officer": "Hà Thị Mai",
        "postman": "Lý Văn Hải",
        "lines": [{"order": number, "accepted": False, **verdict}],
    }
    answer = web.post(f"/v1/handovers/{drawn['id']}/sign", json=signature)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_list_is_published_once_and_the_portals_is_shown(web: httpx.Client) -> None:
    national = {**LIST, "source": "national", "version": "n1"}
    codes = [web.put("/v1/procedures/3.000001/checklist", json=body).status_code for body in (LIST, national, LIST)]
    assert codes == [201, 201, 200]
    shown = web.get("/v1/procedures/3.000001/checklist").json()
    assert (shown["version"], shown["items"][0]["required"]) == ("p1", True)
    other = {**LIST, "valid_from": "2026-02-01"}
    problem(web.put("/v1/procedures/3.000001/checklist", json=other), 409, "checklist-version")
    problem(web.get("/v1/procedures/3.999999/checklist"), 404, "unknown-checklist")


def test_a_slip_is_taken_once_and_what_was_missing_is_shown_at_the_desk(
    web: httpx.Client, desk: TestDesk, sent: str
) -> None:
    missing = {"missing": ["Giấy tờ tùy thân"], "decision": "send_anyway"}
    body = slip_body(desk, counted=[{"name": "Tờ khai", "originals": 1}], **missing)
    first, again = (web.post(f"/v1/shipments/{sent}/pickup-record", json=body) for _ in range(2))
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    assert (first.json()["taken"], first.json()["missing"]) == (True, ["Giấy tờ tùy thân"])
    asked = {"agency": "H14.10", "direction": "to_agency"}
    orders = web.get("/v1/handovers/expected", params=asked).json()["orders"]
    (line,) = [one for one in orders if one["order_number"] == sent]
    assert line["missing_from_the_start"] == ["Giấy tờ tùy thân"]


def test_an_invented_paper_is_refused_with_the_rule(web: httpx.Client, desk: TestDesk, sent: str) -> None:
    body = slip_body(desk, missing=["Sổ hộ khẩu"], decision="wait")
    refused = problem(web.post(f"/v1/shipments/{sent}/pickup-record", json=body), 422, "invented-paper")
    assert "16(5)(b)" in refused["detail"]
    problem(web.post("/v1/shipments/unknown-S1/pickup-record", json=slip_body(desk)), 404, "unknown-order")


def test_a_rejected_line_has_its_form_and_its_payer(web: httpx.Client, desk: TestDesk, sent: str) -> None:
    web.post(f"/v1/shipments/{sent}/pickup-record", json=slip_body(desk))
    record = rejected(web, desk, sent, missing_papers=["Tờ khai"], seal_intact=True)
    (line,) = record["lines"]
    assert (line["fault"], line["fault_reason"]) == (None, "unclear")
    said = {"order": sent, "party": "agency", "reason": "Tờ khai nằm trong bì", "officer": "Hà Thị Mai"}
    named = web.post(f"/v1/handovers/{record['id']}/fault", json=said).json()
    assert named == {"order": sent, "fault": "agency", "fault_reason": "unclear"}
    (form,) = web.get(f"/v1/dossiers/{sent.removesuffix('-S1')}/supplement-forms").json()["forms"]
    assert form["items"] == ["Tờ khai"]
    assert "mẫu số 02" in form["text_vi"]


def test_a_transfer_is_ordered_once_and_booked(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    desk.tell("accepted", "accepted-1", code=registered)
    body = {
        "dossier": registered,
        "from_agency": {"code": "H14.10", "name": "Sở Tư pháp"},
        "to_agency": {"code": "H14.30", "name": "Chi cục Thuế"},
        "reason": "Liên thông thuế",
    }
    key = new_key()
    first, again = (web.post("/v1/orders/transfer", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["id"] == again.json()["id"]
    (shipment,) = first.json()["shipments"]
    assert (shipment["leg"], shipment["order_number"]) == ("transfer", f"{registered}-T1")
    problem(web.post("/v1/orders/transfer", json=body, headers=new_key()), 409, "leg-alive")
    other = {**body, "reason": "Khác"}
    problem(web.post("/v1/orders/transfer", json=other, headers=key), 409, "idempotency-key")
    desk.work()
    assert desk.shipment(f"{registered}-T1").state == "booked"
    answer = web.post(f"/v1/orders/{first.json()['id']}/cancel")
    assert answer.status_code == 202
    desk.work()
    assert desk.shipment(f"{registered}-T1").state == "cancelled"


def test_no_citizen_orders_a_transfer(web: httpx.Client, registered: str) -> None:
    body = order_body("transfer", dossier=registered)
    assert web.post("/v1/orders", json=body, headers=new_key()).status_code == 422


def test_two_dossiers_of_one_citizen_go_in_one_parcel(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    other = f"{registered}9"
    desk.register(other)
    for code in (registered, other):
        desk.order("receive", dossier=code)
    body = {"dossiers": [registered, other]}
    first, again = (web.post("/v1/parcels", json=body) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert [one["rides_with"] for one in first.json()["shipments"]] == [None, f"{registered}-R1"]
    assert first.json()["shipments"][1]["next_step"] == f"goes in the parcel of {registered}-R1"
    assert web.post("/v1/parcels", json={"dossiers": [registered]}).status_code == 422


def test_sealed_results_are_counted_as_parcels(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    desk.tell("accepted", "accepted-2", code=registered)
    (number,) = desk.order("receive", dossier=registered)
    desk.tell("result_ready", "ready-1", code=registered, result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.work()
    body = {"agency": "H14.10", "carrier": CARRIER, "direction": "to_post", "orders": [number], "sealed": True}
    answer = web.post("/v1/handovers", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["lines"][0]["papers"] == ["01 bưu gửi do cơ quan niêm phong"]


def test_same_day_shipments_say_that_they_go_first(web: httpx.Client, desk: TestDesk, code: str) -> None:
    limit = {"amount": 1, "unit": "same_day"}
    desk.register(code, procedure={**dossier_body()["procedure"], "time_limit": limit})
    answer = web.post("/v1/orders", json=order_body("send", dossier=code), headers=new_key()).json()
    assert answer["shipments"][0]["priority"] is True


def test_a_slip_from_before_the_order_or_from_the_future_is_refused(
    web: httpx.Client, desk: TestDesk, sent: str
) -> None:
    for moment in (MONDAY - timedelta(days=1), desk.clock.now() + timedelta(hours=1)):
        body = slip_body(desk, postman_signed_at=moment.isoformat())
        problem(web.post(f"/v1/shipments/{sent}/pickup-record", json=body), 422, "pickup-signature")
