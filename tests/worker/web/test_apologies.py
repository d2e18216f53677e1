"""Apologies over HTTP: what is owed, the letter, and an officer's word on it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.desk import TestDesk
from tests.support.web import problem
from tests.tracking.deadlines.story import at
from tracking.apologies.keeping import sweep

BY = {"officer": "Hà Thị Mai", "title": "Phó Giám đốc", "signed_at": "2026-03-04T09:00:00+07:00"}


@pytest.fixture
def owed(desk: TestDesk, web: httpx.Client, registered: str) -> dict[str, Any]:
    """Form 04 of a dossier that is due tomorrow."""
    desk.clock.at(at("2026-03-04 09:00"))
    body = {"event_id": "e-1", "type": "accepted", "at": "2026-03-02T10:00:00+07:00", "officer": "Hà Thị Mai"}
    assert web.post(f"/v1/dossiers/{registered}/events", json=body).status_code == 202
    sweep(desk.context, desk.office)
    (letter,) = web.get("/v1/apologies", params={"open": "true", "dossier": registered}).json()["items"]
    found: dict[str, Any] = letter
    return found


def test_an_open_letter_says_who_what_and_by_when(owed: dict[str, Any]) -> None:
    assert (owed["failing"], owed["debtor"], owed["state"]) == ("will_be_late", "agency", "draft")
    assert (owed["sign_by"], owed["new_date"], owed["new_due"]) == ("2026-03-04", "needed", "2026-03-10")
    assert [one["doing"] for one in owed["history"]] == ["drafted"]
    assert "mẫu 04" in owed["legal_source"]


def test_the_letter_is_plain_text(web: httpx.Client, owed: dict[str, Any]) -> None:
    answer = web.get(f"/v1/apologies/{owed['id']}/letter")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Kính gửi: Bế Đức Hiếu" in answer.text
    assert "Dự thảo" in answer.text


def test_signing_it_extends_and_sending_it_again_changes_nothing(web: httpx.Client, owed: dict[str, Any]) -> None:
    body = {**BY, "reason": "chờ ý kiến Sở", "new_due": "2026-03-13"}
    first, again = (web.post(f"/v1/apologies/{owed['id']}/sign", json=body) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == again.json()
    assert (first.json()["state"], first.json()["new_due"]) == ("signed", "2026-03-13T17:00:00+07:00")
    assert first.json()["history"][-1]["officer"] == "Hà Thị Mai"
    deadline = web.get(f"/v1/dossiers/{owed['dossier']}/deadline").json()
    assert (deadline["due"], deadline["revision"]) == ("2026-03-13T17:00:00+07:00", 2)
    assert web.get("/v1/apologies", params={"open": "true", "dossier": owed["dossier"]}).json()["items"] == []
    assert web.get("/v1/apologies", params={"dossier": owed["dossier"]}).json()["items"][0]["state"] == "signed"


def test_other_words_under_it_are_refused(web: httpx.Client, owed: dict[str, Any]) -> None:
    web.post(f"/v1/apologies/{owed['id']}/sign", json=BY)
    answer = web.post(f"/v1/apologies/{owed['id']}/sign", json={**BY, "reason": "bận"})
    problem(answer, 409, "apology-signed")


def test_an_extension_outside_the_window_names_the_rule_and_its_source(
    desk: TestDesk, web: httpx.Client, owed: dict[str, Any]
) -> None:
    desk.clock.at(at("2026-03-05 09:00"))
    late = {**BY, "signed_at": "2026-03-05T09:00:00+07:00"}
    refusal = problem(web.post(f"/v1/apologies/{owed['id']}/sign", json=late), 409, "apology-window")
    assert refusal["rule"] == "apology.before_due"
    assert "118/2025" in refusal["legal_source"]
    assert refusal["next_step_vi"]


def test_a_dismissal_is_recorded_with_its_reason(web: httpx.Client, owed: dict[str, Any]) -> None:
    body = {"officer": "Hà Thị Mai", "reason": "dữ liệu sai"}
    answer = web.post(f"/v1/apologies/{owed['id']}/dismiss", json=body).json()
    assert answer["state"] == "dismissed"
    assert (answer["history"][-1]["doing"], answer["history"][-1]["said"]) == ("dismissed", "dữ liệu sai")
    assert web.get(f"/v1/apologies/{owed['id']}").json() == answer


@pytest.mark.parametrize("body", [{}, {"officer": "A"}, {**BY, "title": ""}, {**BY, "new_due": "soon"}, {**BY, "x": 1}])
def test_an_incomplete_signature_is_told_what_is_missing(
    web: httpx.Client, owed: dict[str, Any], body: dict[str, Any]
) -> None:
    problem(web.post(f"/v1/apologies/{owed['id']}/sign", json=body), 422, "invalid-request")


@pytest.mark.parametrize("path", ["", "/letter"])
def test_a_letter_that_is_not_there_is_404(web: httpx.Client, path: str) -> None:
    problem(web.get(f"/v1/apologies/999999{path}"), 404, "unknown-apology")


def test_nobody_reads_letters_without_a_token(web: httpx.Client) -> None:
    assert web.get("/v1/apologies", headers={"Authorization": "Bearer no"}).status_code == 401


def test_a_dossier_taken_in_after_the_cutoff_says_when_it_is_passed_on(
    desk: TestDesk, web: httpx.Client, registered: str
) -> None:
    desk.clock.at(at("2026-03-04 09:00"))
    body = {"event_id": "e-1", "type": "accepted", "at": "2026-03-03T15:01:00+07:00", "officer": "Hà Thị Mai"}
    web.post(f"/v1/dossiers/{registered}/events", json=body)
    deadline = web.get(f"/v1/dossiers/{registered}/deadline").json()
    assert deadline["pass_on_by"] == "2026-03-04T07:30:00+07:00"
    (line,) = [one for one in deadline["explanation"] if one["event"] == "passed_on"]
    assert (line["rule"], line["to"]) == ("transfer.cutoff", "2026-03-04T07:30:00+07:00")
    assert web.get(f"/v1/dossiers/{registered}").json()["deadline"] == deadline


def test_before_it_is_taken_in_there_is_nothing_to_pass_on(web: httpx.Client, registered: str) -> None:
    assert web.get(f"/v1/dossiers/{registered}/deadline").json()["pass_on_by"] is None


@pytest.mark.parametrize("which", [{"open": "true"}, {}])
def test_a_long_list_comes_in_pages_and_nobody_is_left_out(
    desk: TestDesk, web: httpx.Client, owed: dict[str, Any], which: dict[str, str]
) -> None:
    for number in range(3):
        code = f"H14.10-260302-{9000 + number}"
        desk.register(code)
        body = {"event_id": "e-1", "type": "accepted", "at": f"2026-03-02T1{number}:00:00+07:00", "officer": "Mai"}
        assert web.post(f"/v1/dossiers/{code}/events", json=body).status_code == 202
    sweep(desk.context, desk.office)
    whole = web.get("/v1/apologies", params=which).json()
    assert whole["next"] is None
    seen: list[int] = []
    asked: dict[str, str | int] = {**which, "limit": 1}
    while True:
        page = web.get("/v1/apologies", params=asked).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        assert len(page["items"]) == 1
        asked["after"] = page["next"]
    assert seen == [one["id"] for one in whole["items"]]
    assert len(seen) >= 4
    problem(web.get("/v1/apologies", params={"after": 2**31 - 1}), 404, "unknown-apology")
    assert web.get("/v1/apologies", params={"after": 0}).status_code == 422
