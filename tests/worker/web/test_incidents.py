"""Incidents, their files, and deliveries over HTTP."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from tests.support.desk import MONDAY, TestDesk
from tests.support.web import problem

PNG = b"\x89PNG\r\n\x1a\n" + b"torn at a corner" * 50
_AT = MONDAY.isoformat()


@pytest.fixture
def incident(web: httpx.Client, registered: str) -> str:
    """The id of an incident of a package that a postman reports as torn."""
    answer = web.post("/v1/incidents", json=report(registered))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def report(dossier: str, **more: Any) -> dict[str, Any]:
    body = {"report_id": "r1", "dossier": dossier, "kind": "torn", "what": "bì rách", "at": _AT, "by": "Lý Văn Hải"}
    return {**body, **more}


def upload(web: httpx.Client, incident: str, content: bytes, **more: str) -> httpx.Response:
    said = {"at": _AT, "by": "Lý Văn Hải", "shows": "damage", **more}
    headers = {"Content-Type": "application/octet-stream"}
    return web.post(f"/v1/incidents/{incident}/evidence", params=said, content=content, headers=headers)


def says(web: httpx.Client, incident: str, type: str, **more: Any) -> httpx.Response:
    body = {"fact_id": type, "type": type, "at": _AT, "by": "Hà Thị Mai", **more}
    return web.post(f"/v1/incidents/{incident}/facts", json=body)


def test_a_report_is_one_incident_however_often_it_is_sent(web: httpx.Client, registered: str) -> None:
    first, again = (web.post("/v1/incidents", json=report(registered)).json() for _ in range(2))
    assert first == again
    assert (first["owner"], first["next"]["kind"], first["kind_vi"]) == (
        "onestop:H14.10",
        "inventory",
        "bao gói bị rách",
    )
    problem(web.post("/v1/incidents", json=report(registered, what="ướt")), 409, "report-id")


def test_incidents_are_listed_while_they_are_open(web: httpx.Client, incident: str) -> None:
    def listed(**asked: bool) -> list[str]:
        return [one["id"] for one in web.get("/v1/incidents", params=asked).json()["incidents"]]

    assert incident in listed(open=True)
    inside = {"found_inside": ["Tờ khai"], "wrapped_again": True, "witness": "Nông Văn Páo"}
    assert says(web, incident, "inventory", **inside).status_code == 200
    assert problem(says(web, incident, "closed"), 409, "incident-out-of-turn")["missing"] == "resolved"
    says(web, incident, "resolved", resolution="gói lại, đủ giấy tờ")
    assert says(web, incident, "closed").json()["closed_at"] == "2026-03-02T08:00:00+07:00"
    assert incident not in listed(open=True)
    assert incident in listed(open=False)
    assert incident in listed()


def test_a_long_list_comes_in_pages_and_nobody_is_left_out(web: httpx.Client, registered: str) -> None:
    at = ["2026-03-02T07:30:00+07:00", "2026-03-02T07:00:00+07:00", "2026-03-02T07:30:00+07:00"]
    for number, when in enumerate(at):
        assert web.post("/v1/incidents", json=report(registered, report_id=f"p{number}", at=when)).status_code == 201
    whole = web.get("/v1/incidents").json()
    assert whole["next"] is None
    seen, after = [], None
    while True:
        asked = {"limit": 1} | ({"after": after} if after else {})
        page = web.get("/v1/incidents", params=asked).json()
        seen += [one["id"] for one in page["incidents"]]
        if (after := page["next"]) is None:
            break
        assert len(page["incidents"]) == 1
    assert seen == [one["id"] for one in whole["incidents"]]
    assert len(seen) >= 3
    problem(web.get("/v1/incidents", params={"after": "H14.10-1-I1"}), 404, "unknown-incident")
    assert web.get("/v1/incidents", params={"limit": 501}).status_code == 422


def test_every_fact_of_an_incident_is_shown_in_both_languages(web: httpx.Client, incident: str) -> None:
    says(web, incident, "cost", what="phong bì mới", amount_vnd=5_000, borne_by="agency")
    facts = web.get(f"/v1/incidents/{incident}").json()["facts"]
    assert [one["type"] for one in facts] == ["opened", "cost"] or [one["type"] for one in facts] == ["cost", "opened"]
    (cost,) = [one for one in facts if one["type"] == "cost"]
    assert cost["what_vi"] == "Chi phí: phong bì mới 5.000 đồng, cơ quan đã trả"
    assert cost["said"]["amount_vnd"] == 5_000


@pytest.mark.parametrize("amount", [0, -5_000])
def test_negative_amounts_are_refused(web: httpx.Client, incident: str, amount: int) -> None:
    answer = says(web, incident, "cost", what="phong bì", amount_vnd=amount, borne_by="agency")
    problem(answer, 422, "invalid-request")


def test_what_is_no_fact_is_refused(web: httpx.Client, incident: str) -> None:
    for type in ("opened", "evidence", "rumour"):
        problem(says(web, incident, type), 422, "invalid-request")
    problem(says(web, "H14.10-none-I1", "closed"), 404, "unknown-incident")


# --- evidence ---


def test_a_photo_is_kept_once_and_read_back_as_it_was(web: httpx.Client, desk: TestDesk, incident: str) -> None:
    first, again = upload(web, incident, PNG), upload(web, incident, PNG, caption="lần hai")
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    digest = hashlib.sha256(PNG).hexdigest()
    assert (first.json()["sha256"], first.json()["size"], first.json()["media_type"]) == (digest, len(PNG), "image/png")
    (listed,) = web.get(f"/v1/incidents/{incident}/evidence").json()["evidence"]
    assert listed == first.json()
    back = web.get(f"/v1/incidents/{incident}/evidence/{digest}")
    assert (back.content, back.headers["content-type"]) == (PNG, "image/png")
    (file,) = (desk.context.settings.home / "evidence").glob(f"*/{digest}")
    assert b"torn" not in file.read_bytes(), "it is encrypted"
    assert file.stat().st_mode & 0o077 == 0


def test_a_file_that_was_changed_is_not_handed_out_as_evidence(
    web: httpx.Client, desk: TestDesk, incident: str
) -> None:
    photo = PNG + incident.encode()
    digest = upload(web, incident, photo).json()["sha256"]
    (file,) = (desk.context.settings.home / "evidence").glob(f"*/{digest}")
    sealed = bytearray(file.read_bytes())
    sealed[20] ^= 1
    file.write_bytes(sealed)
    problem(web.get(f"/v1/incidents/{incident}/evidence/{digest}"), 409, "evidence-damaged")
    upload(web, incident, photo)
    assert web.get(f"/v1/incidents/{incident}/evidence/{digest}").content == photo, "the same photo mends it"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>", b"MZ\x90"])
def test_a_file_is_what_its_first_bytes_say(web: httpx.Client, incident: str, content: bytes) -> None:
    problem(upload(web, incident, content), 415, "evidence-type")


def test_a_photo_may_be_larger_than_a_form_but_not_too_large(web: httpx.Client, desk: TestDesk, incident: str) -> None:
    settings = desk.context.settings
    assert upload(web, incident, PNG + bytes(settings.max_body_bytes)).status_code == 201
    problem(upload(web, incident, PNG + bytes(settings.max_evidence_bytes)), 413, "too-large")


def test_the_file_of_another_incident_is_unknown(web: httpx.Client, incident: str) -> None:
    problem(web.get(f"/v1/incidents/{incident}/evidence/{'0' * 64}"), 404, "unknown-evidence")


# --- deliveries ---


@pytest.fixture
def result(desk: TestDesk, registered: str) -> str:
    """The number of a return leg whose result the postman has."""
    (number,) = desk.order("receive", dossier=registered)
    desk.tell("accepted", "a", MONDAY, registered)
    desk.tell("result_ready", "r", MONDAY, registered, result_papers=[{"name": "Quyết định", "originals": 1}])
    desk.work()
    desk.report(number, 2, MONDAY)
    desk.poll()
    return number


def door(**more: Any) -> dict[str, Any]:
    body = {"record_id": "d1", "at": _AT, "postman": "Lý Văn Hải", "receiver": "Bế Thị Lan", "signed": True}
    return {**body, "relation": "authorised", "identity": {"paper": "cccd", "last_digits": "1234"}, **more}


def test_a_proxy_without_paper_is_refused_and_the_attempt_is_kept(
    web: httpx.Client, desk: TestDesk, result: str
) -> None:
    path = f"/v1/shipments/{result}/delivery-record"
    for _ in range(2):
        refused = problem(web.post(path, json=door()), 422, "no-delivery")
        assert (refused["lacks"], refused["rule"]) == (["no-authorisation"], "delivery.identity")
    assert len(desk.shipment(result).failed_attempts) == 1
    paper = {"kind": "power_of_attorney", "number": "1", "dated": "01/03/2026", "signed_by": "Bế Đức Hiếu"}
    taken = web.post(path, json=door(record_id="d2", authorisation=paper))
    assert (taken.status_code, taken.json()["delivered"]) == (201, True)
    problem(
        web.post(path, json=door(record_id="d3", identity={"paper": "cccd", "last_digits": "012345"})),
        422,
        "invalid-request",
    )


def test_a_wrong_delivery_is_reversed(web: httpx.Client, desk: TestDesk, result: str) -> None:
    path = f"/v1/shipments/{result}/reversal"
    body = {"reversal_id": "v1", "at": _AT, "officer": "Hà Thị Mai", "reason": "phát cho người trùng tên"}
    problem(web.post(path, json=body), 409, "reversal")
    desk.report(result, 4, MONDAY)
    desk.poll()
    assert desk.shipment(result).state == "delivered"
    answers = [web.post(path, json={**body, "at": desk.clock.now().isoformat()}) for _ in range(2)]
    assert [(one.status_code, one.json()["holder"], one.json()["state"]) for one in answers] == [
        (201, "stranger", "out_for_delivery")
    ] * 2
