"""Whatever a caller sends: a problem document that says what to do next, and nothing half-written."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from dispatch.idempotency import IdempotencyKey
from dispatch.orders import PostalOrder
from dispatch.shipments import Shipment
from tests.support.desk import MONDAY, TestDesk, dossier_body, order_body
from tests.support.web import new_key, problem
from tracking.inbox import InboxDelivery

UNREADABLE = {
    "malformed": b'{"dossier": ',
    "empty": b"",
    "not UTF-8": b'{"dossier": "\xff\xfe"}',
    "nested too deeply": b"[" * 100_000,
    "deep and closed": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a number of five thousand digits": b'{"dossier": ' + b"9" * 5000 + b"}",
    "trailing words": b"{} and more",
}
NO_FORM = {
    "a list": b"[]",
    "null": b"null",
    "a text": b'"order"',
    "a number": b"7",
    "a lone surrogate as a field": b'{"\\ud800": 1}',
    "a lone surrogate as a value": b'{"dossier": "\\udfff"}',
    "not a number": b'{"dossier": NaN}',
}


def rows(desk: TestDesk) -> list[int]:
    """Count everything a request could leave behind."""
    with desk.read() as session:
        tables = (IdempotencyKey, InboxDelivery, PostalOrder, Shipment)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def changed(body: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """Return a copy of a body with one entry, at any depth, replaced."""
    result = copy.deepcopy(body)
    *path, last = (int(step) if step.isdigit() else step for step in place.split("."))
    target: Any = result
    for step in path:
        target = target[step]
    target[last] = value
    return result


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/quotes", "/v1/handovers", "/v1/handovers/1/sign"])
def test_a_body_that_cannot_be_read_is_asked_for_again(
    web: httpx.Client, desk: TestDesk, path: str, content: bytes
) -> None:
    before = rows(desk)
    answer = web.post(path, content=content, headers=new_key())
    if content:
        assert "JSON" in problem(answer, 400, "malformed-json")["next_step"]
    else:
        problem(answer, 422, "invalid-request")
    assert rows(desk) == before


@pytest.mark.parametrize("content", NO_FORM.values(), ids=NO_FORM)
def test_json_that_is_no_order_names_the_fields_of_one(web: httpx.Client, desk: TestDesk, content: bytes) -> None:
    before = rows(desk)
    refusal = problem(web.post("/v1/orders", content=content, headers=new_key()), 422, "invalid-request")
    assert refusal["errors"]
    assert rows(desk) == before


def test_a_body_of_another_type_is_told_the_right_one(web: httpx.Client) -> None:
    headers = {**new_key(), "Content-Type": "text/plain"}
    refusal = problem(web.post("/v1/orders", content=b"{}", headers=headers), 422, "invalid-request")
    assert "application/json" in refusal["next_step"]


@pytest.mark.parametrize(
    ("place", "value", "hint"),
    [
        ("filed_at", "2026-03-02T07:45:00", "+07:00"),
        ("filed_at", "0001-01-01T00:00:00+14:00", "Correct"),
        ("filed_at", "9999-12-31T23:59:59-12:00", "Correct"),
        ("filed_at", 1e308, "Correct"),
        ("fee_vnd", 10**30, "Correct"),
        ("fee_vnd", -1, "Correct"),
        ("postage", 0, "Remove"),
        ("procedure.time_limit.amount", 0, "Correct"),
        ("procedure.time_limit.unit", "fortnights", "Correct"),
        ("procedure.code", "1" * 61, "Correct"),
        ("procedure.name", "NUL\x00", "Correct"),
        ("procedure.cutoff", "15:00+07:00", "Correct"),
        ("agency.code", "H14 10", "Correct"),
        ("agency.name", "", "Correct"),
        ("papers", None, "Correct"),
        ("papers.0.name", "\x1b[31m", "Correct"),
    ],
)
def test_a_registration_that_does_not_fit_names_the_field(
    web: httpx.Client, desk: TestDesk, code: str, place: str, value: Any, hint: str
) -> None:
    before = rows(desk)
    answer = web.put(f"/v1/dossiers/{code}", json=changed(dossier_body(), place, value))
    refusal = problem(answer, 422, "invalid-request")
    assert place in [error["field"] for error in refusal["errors"]]
    assert hint in refusal["next_step"]
    assert rows(desk) == before


def test_a_missing_field_is_named(web: httpx.Client, code: str) -> None:
    body = dossier_body()
    del body["papers"]
    refusal = problem(web.put(f"/v1/dossiers/{code}", json=body), 422, "invalid-request")
    assert refusal["detail"] == "papers: Field required"
    assert refusal["next_step"] == "Add the field."


@pytest.mark.parametrize(
    ("place", "value", "kind"),
    [
        ("applicant.phone", "0123", "contact"),
        ("applicant.phone", "+1 202 555 0123", "contact"),
        ("applicant.phone", "0919393275 / 0919393276", "contact"),
        ("applicant.name", "12345", "contact"),
        ("applicant.id_number", "12", "contact"),
        ("papers", [], "paper-list"),
        ("papers.0.originals", 10**20, "paper-list"),
        ("papers.0.originals", -1, "paper-list"),
        ("papers.1.name", "Tờ khai", "paper-list"),
    ],
)
def test_a_registration_that_makes_no_sense_is_explained_in_both_languages(
    web: httpx.Client, desk: TestDesk, code: str, place: str, value: Any, kind: str
) -> None:
    before = rows(desk)
    answer = web.put(f"/v1/dossiers/{code}", json=changed(dossier_body(), place, value))
    assert problem(answer, 422, kind)["next_step_vi"]
    assert rows(desk) == before


def test_a_refusal_never_repeats_what_the_citizen_wrote(web: httpx.Client, code: str) -> None:
    answer = web.put(f"/v1/dossiers/{code}", json=changed(dossier_body(), "applicant.phone", "0999888777666"))
    assert "0999888777666" not in answer.text


def test_an_ambiguous_commune_is_asked_about_and_never_guessed(
    web: httpx.Client, desk: TestDesk, registered: str
) -> None:
    before = rows(desk)
    address = {"text": "xã Hưng Đạo, tỉnh Cao Bằng"}
    answer = web.post("/v1/orders", json=order_body(dossier=registered, address=address), headers=new_key())
    refusal = problem(answer, 422, "ambiguous-address")
    assert {candidate["old_district"] for candidate in refusal["candidates"]} == {
        None,
        "Thành phố Cao Bằng",
        "Huyện Bảo Lạc",
        "Huyện Nguyên Bình",
    }
    assert rows(desk) == before


def test_each_candidate_of_an_ambiguous_commune_settles_the_question(web: httpx.Client, registered: str) -> None:
    quotation = {"agency": "H14.10", "service": "send", "address": {"text": "xã Hưng Đạo, tỉnh Cao Bằng"}}
    refusal = problem(web.post("/v1/quotes", json=quotation), 422, "ambiguous-address")
    for candidate in refusal["candidates"]:
        chosen = {"text": candidate["text"], "era": candidate["era"]}
        assert web.post("/v1/quotes", json={**quotation, "address": chosen}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v2", 404),
        ("GET", "/v1/dossiers/%2e%2e%2fetc%2fpasswd", 404),
        ("DELETE", "/v1/orders", 405),
        ("PATCH", "/v1/dossiers/X", 405),
    ],
)
def test_a_wrong_path_or_method_points_to_the_list_of_those_there_are(
    web: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = web.request(method, path)
    assert "/docs" in problem(answer, status, "http")["next_step"]
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/dossiers/%00",
        "/v1/dossiers/" + "9" * 61,
        "/v1/orders/%00",
        "/v1/handovers/expected?agency=%00&direction=to_agency",
        "/v1/handovers/expected?agency=H14.10&direction=sideways",
        "/v1/handovers/expected",
    ],
)
def test_an_address_that_cannot_exist_is_refused_before_the_database_sees_it(web: httpx.Client, path: str) -> None:
    problem(web.get(path), 422, "invalid-request")


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999999", "x"])
def test_a_record_number_that_cannot_exist_is_refused(web: httpx.Client, number: str) -> None:
    line = {"order": "X-S1", "accepted": True}
    body = {"signed_at": "2026-03-02T08:00:00+07:00", "officer": "Mai", "postman": "Hải", "lines": [line]}
    problem(web.post(f"/v1/handovers/{number}/sign", json=body), 422, "invalid-request")


def test_a_date_in_a_year_without_a_calendar_is_kept_as_a_contradiction_and_never_guessed(
    web: httpx.Client, code: str
) -> None:
    web.put(f"/v1/dossiers/{code}", json=changed(dossier_body(), "procedure.time_limit.amount", 2000))
    event = {"event_id": "e-1", "type": "accepted", "at": MONDAY.isoformat(), "officer": "Mai"}
    answer = web.post(f"/v1/dossiers/{code}/events", json=event)
    assert (answer.status_code, answer.json()["contradiction"], answer.json()["due"]) == (202, "calendar_missing", None)
    told = web.get(f"/v1/dossiers/{code}/deadline").json()["explanation"]
    assert "add that year's official one" in told[0]["text_en"]


def test_an_event_from_the_future_is_refused(web: httpx.Client, desk: TestDesk, registered: str) -> None:
    event = {"event_id": "e-1", "type": "accepted", "at": "2035-03-02T08:00:00+07:00", "officer": "Mai"}
    before = rows(desk)
    problem(web.post(f"/v1/dossiers/{registered}/events", json=event), 422, "event-in-future")
    assert rows(desk) == before


def test_a_refused_order_leaves_its_key_free_for_the_corrected_one(web: httpx.Client, registered: str) -> None:
    key = new_key()
    wrong = order_body(dossier=registered, contact={"name": "Hiếu", "phone": "12"})
    problem(web.post("/v1/orders", json=wrong, headers=key), 422, "contact")
    assert web.post("/v1/orders", json=order_body(dossier=registered), headers=key).status_code == 201


def test_json_with_a_byte_order_mark_is_still_json(web: httpx.Client, registered: str) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(order_body(dossier=registered)).encode()
    assert web.post("/v1/orders", content=content, headers=new_key()).status_code in (201, 400)
