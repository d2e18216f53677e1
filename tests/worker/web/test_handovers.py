from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.desk import CARRIER, MONDAY, TestDesk, dossier_body
from tests.support.web import problem


@pytest.fixture
def parcel(desk: TestDesk, registered: str) -> str:
    """The number of an order whose papers the postman says he has brought to the desk."""
    (number,) = desk.order("send", dossier=registered)
    desk.work()
    desk.report(number, 2, MONDAY)
    desk.report(number, 4, MONDAY + timedelta(minutes=1))
    desk.poll()
    return number


def record(*numbers: str, **more: Any) -> dict[str, Any]:
    return {"agency": "H14.10", "carrier": CARRIER, "direction": "to_agency", "orders": list(numbers), **more}


def signature(desk: TestDesk, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    signed_at = desk.clock.now().isoformat()
    return {"signed_at": signed_at, "officer": "Hà Thị Mai", "postman": "Lý Văn Hải", "lines": list(lines), **more}


def drawn(web: httpx.Client, *numbers: str) -> int:
    answer = web.post("/v1/handovers", json=record(*numbers))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_papers_brought_to_the_desk_are_expected_until_signed(web: httpx.Client, desk: TestDesk, parcel: str) -> None:
    asked = {"agency": "H14.10", "direction": "to_agency"}
    before = web.get("/v1/handovers/expected", params=asked).json()["orders"]
    (line,) = [one for one in before if one["order_number"] == parcel]
    assert line["papers"] == ["Tờ khai (01 bản chính)", "Giấy tờ tùy thân (01 bản sao)"]
    body = signature(desk, {"order": parcel, "accepted": True})
    web.post(f"/v1/handovers/{drawn(web, parcel)}/sign", json=body)
    after = web.get("/v1/handovers/expected", params=asked).json()["orders"]
    assert parcel not in [one["order_number"] for one in after]


def test_the_same_lines_asked_for_again_are_the_same_draft(web: httpx.Client, parcel: str) -> None:
    first, again = (web.post("/v1/handovers", json=record(parcel)).json() for _ in range(2))
    assert first == again
    assert (first["status"], first["lines"][0]["accepted"]) == ("draft", None)


def test_the_signature_starts_the_clock_and_signing_again_is_the_same_answer(
    web: httpx.Client, desk: TestDesk, parcel: str
) -> None:
    number, body = drawn(web, parcel), signature(desk, {"order": parcel, "accepted": True})
    first, again = (web.post(f"/v1/handovers/{number}/sign", json=body) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == again.json()
    assert first.json()["status"] == "signed"
    assert first.json()["lines"][0]["due"] == "2026-03-05T17:00:00+07:00"


def test_a_line_whose_date_no_calendar_knows_is_marked_and_holds_up_no_other(
    web: httpx.Client, desk: TestDesk, parcel: str
) -> None:
    far, limit = "H14.10-260302-09999", {"amount": 2000, "unit": "working_days"}
    desk.register(far, procedure={**dossier_body()["procedure"], "time_limit": limit})
    (distant,) = desk.order("send", dossier=far)
    desk.work()
    lines = [{"order": number, "accepted": True} for number in (distant, parcel)]
    answer = web.post(f"/v1/handovers/{drawn(web, distant, parcel)}/sign", json=signature(desk, *lines))
    assert answer.status_code == 200, answer.text
    marked = {line["order"]: (line["accepted"], line["due"], line["contradiction"]) for line in answer.json()["lines"]}
    assert marked[distant] == (True, None, "calendar_missing")
    assert marked[parcel] == (True, "2026-03-05T17:00:00+07:00", None)


def test_a_rejected_line_starts_nothing(web: httpx.Client, desk: TestDesk, parcel: str) -> None:
    line = {"order": parcel, "accepted": False, "missing_papers": ["Giấy tờ tùy thân"]}
    answer = web.post(f"/v1/handovers/{drawn(web, parcel)}/sign", json=signature(desk, line)).json()
    assert (answer["lines"][0]["accepted"], answer["lines"][0]["due"]) == (False, None)
    deadline = web.get(f"/v1/dossiers/{parcel.removesuffix('-S1')}/deadline").json()
    assert (deadline["state"], deadline["due"]) == ("not_started", None)


def test_other_signatures_under_a_signed_record_are_refused(web: httpx.Client, desk: TestDesk, parcel: str) -> None:
    number, line = drawn(web, parcel), {"order": parcel, "accepted": True}
    web.post(f"/v1/handovers/{number}/sign", json=signature(desk, line))
    other = signature(desk, line, officer="Nông Văn An")
    problem(web.post(f"/v1/handovers/{number}/sign", json=other), 409, "handover-signed")


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([{"order": "another", "accepted": True}], "every line"),
        ([{"order": "{parcel}", "accepted": True}] * 2, "every line"),
        ([{"order": "{parcel}", "accepted": False}], "Say why"),
    ],
)
def test_a_record_is_signed_line_by_line_or_not_at_all(
    web: httpx.Client, desk: TestDesk, parcel: str, lines: list[dict[str, Any]], complaint: str
) -> None:
    counted = [{**line, "order": line["order"].format(parcel=parcel)} for line in lines]
    number = drawn(web, parcel)
    answer = web.post(f"/v1/handovers/{number}/sign", json=signature(desk, *counted))
    assert complaint in problem(answer, 422, "handover-signature")["next_step"]
    assert web.post("/v1/handovers", json=record(parcel)).json()["status"] == "draft"


def test_a_signature_from_the_future_is_refused(web: httpx.Client, desk: TestDesk, parcel: str) -> None:
    tomorrow = (desk.clock.now() + timedelta(days=1)).isoformat()
    body = signature(desk, {"order": parcel, "accepted": True}, signed_at=tomorrow)
    problem(web.post(f"/v1/handovers/{drawn(web, parcel)}/sign", json=body), 422, "handover-signature")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"agency": "H14.11"}, "belongs to"), ({"carrier": "ems"}, "carried by"), ({"direction": "to_post"}, "come to")],
)
def test_a_line_of_another_agency_operator_or_direction_is_refused(
    web: httpx.Client, parcel: str, wrong: dict[str, Any], why: str
) -> None:
    refusal = problem(web.post("/v1/handovers", json=record(parcel, **wrong)), 409, "handover-line")
    assert refusal["order"] == parcel
    assert why in refusal["detail"]


def test_what_was_signed_for_is_not_signed_for_again(web: httpx.Client, desk: TestDesk, parcel: str) -> None:
    body = signature(desk, {"order": parcel, "accepted": True})
    web.post(f"/v1/handovers/{drawn(web, parcel)}/sign", json=body)
    problem(web.post("/v1/handovers", json=record(parcel)), 409, "handover-line")


def test_nobody_knows_a_record_or_order_that_does_not_exist(web: httpx.Client, desk: TestDesk) -> None:
    body = signature(desk, {"order": "X-S1", "accepted": True})
    problem(web.post("/v1/handovers/99999/sign", json=body), 404, "unknown-handover")
    problem(web.post("/v1/handovers", json=record("X-S1")), 404, "unknown-order")
