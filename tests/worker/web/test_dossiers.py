from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.support.desk import MONDAY, TestDesk, dossier_body
from tests.support.web import problem


def event(kind: str, event_id: str, **more: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "at": MONDAY.isoformat(), "officer": "Hà Thị Mai", **more}


def test_registering_again_with_the_same_words_changes_nothing(web: httpx.Client, code: str) -> None:
    first = web.put(f"/v1/dossiers/{code}", json=dossier_body())
    again = web.put(f"/v1/dossiers/{code}", json=dossier_body())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"code": code, "revision": 1}


def test_a_corrected_registration_is_a_new_revision(web: httpx.Client, registered: str) -> None:
    answer = web.put(f"/v1/dossiers/{registered}", json=dossier_body(fee_vnd=50000))
    assert answer.json()["revision"] == 2


def test_a_dossier_accepted_at_the_counter_gets_its_due_date(web: httpx.Client, registered: str) -> None:
    answer = web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    assert answer.status_code == 202
    assert answer.json() == {
        "applied": True,
        "contradiction": None,
        "due": "2026-03-05T17:00:00+07:00",
        "revision": 1,
    }


def test_the_same_event_again_is_the_same_answer(web: httpx.Client, registered: str) -> None:
    answers = [web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1")) for _ in range(3)]
    assert [answer.json() for answer in answers] == [answers[0].json()] * 3
    assert len(web.get(f"/v1/dossiers/{registered}/deadline").json()["explanation"]) == 1


def test_another_event_under_a_used_id_is_refused(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    problem(web.post(f"/v1/dossiers/{registered}/events", json=event("withdrawn", "e-1")), 409, "event-id")
    assert web.get(f"/v1/dossiers/{registered}/deadline").json()["state"] == "running"


def test_an_extension_without_a_reason_or_date_says_what_it_needs(web: httpx.Client, registered: str) -> None:
    answer = web.post(f"/v1/dossiers/{registered}/events", json=event("extended", "e-1"))
    assert "reason, new_due" in problem(answer, 422, "event-incomplete")["detail"]


def test_an_extension_to_a_day_off_names_the_next_working_day(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    to_saturday = event("extended", "e-2", reason="Chờ xác minh", new_due="2026-03-07")
    answer = web.post(f"/v1/dossiers/{registered}/events", json=to_saturday)
    assert "09/03/2026" in problem(answer, 422, "new-due-date")["next_step"]
    assert web.get(f"/v1/dossiers/{registered}/deadline").json()["revision"] == 1


def test_a_result_without_papers_is_refused_whole(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    problem(web.post(f"/v1/dossiers/{registered}/events", json=event("result_ready", "e-2")), 422, "paper-list")
    assert web.get(f"/v1/dossiers/{registered}/deadline").json()["state"] == "running"


def test_the_due_date_is_explained_with_its_ground_in_law(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    (line,) = web.get(f"/v1/dossiers/{registered}/deadline").json()["explanation"]
    assert {"text_vi", "text_en", "legal_source", "rule", "event", "at", "from", "to", "calendar_version"} <= set(line)
    assert line["rule"] == "start.counter"
    assert line["calendar_version"].startswith("caobang 2024-")


def test_a_contradiction_is_kept_and_told_and_moves_nothing(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    later = (MONDAY + timedelta(minutes=2)).isoformat()
    answer = web.post(f"/v1/dossiers/{registered}/events", json=event("resumed", "e-2", at=later)).json()
    assert (answer["applied"], answer["due"], answer["revision"]) == (False, "2026-03-05T17:00:00+07:00", 1)
    shown = web.get(f"/v1/dossiers/{registered}/deadline").json()
    assert shown["contradictions"] == [answer["contradiction"]]


def test_the_view_of_a_dossier_shows_papers_with_holders_and_its_story(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    view = web.get(f"/v1/dossiers/{registered}").json()
    assert {paper["name"]: paper["holder"] for paper in view["papers"]} == {
        "Tờ khai": "agency:H14.10",
        "Giấy tờ tùy thân": "agency:H14.10",
    }
    assert view["timeline"]
    assert view["deadline"]["due"] == "2026-03-05T17:00:00+07:00"
    assert view["shipments"] == []


def test_nobody_knows_a_dossier_that_was_never_registered(web: httpx.Client, desk: TestDesk, code: str) -> None:
    for path in (f"/v1/dossiers/{code}", f"/v1/dossiers/{code}/deadline"):
        problem(web.get(path), 404, "unknown-dossier")
    problem(web.post(f"/v1/dossiers/{code}/events", json=event("accepted", "e-1")), 404, "unknown-dossier")


def test_the_days_that_counted_are_drawn_and_listed(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    drawing = web.get(f"/v1/dossiers/{registered}/deadline.svg")
    marks = web.get(f"/v1/dossiers/{registered}/deadline").json()["strip"]
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert drawing.text.startswith("<svg")
    assert [mark["number"] for mark in marks if mark["kind"] == "counted"] == [1, 2, 3]


def test_of_a_term_in_hours_the_minutes_used_are_listed(web: httpx.Client, code: str) -> None:
    procedure = dossier_body()["procedure"] | {"time_limit": {"amount": 8, "unit": "working_hours"}}
    web.put(f"/v1/dossiers/{code}", json=dossier_body(procedure=procedure))
    web.post(f"/v1/dossiers/{code}/events", json=event("accepted", "e-1"))
    marks = web.get(f"/v1/dossiers/{code}/deadline").json()["strip"]
    assert [(mark["unit"], mark["used_minutes"]) for mark in marks] == [("working_hours", 420), ("working_hours", 480)]


def test_for_a_narrow_screen_the_days_are_drawn_week_by_week(web: httpx.Client, registered: str) -> None:
    web.post(f"/v1/dossiers/{registered}/events", json=event("accepted", "e-1"))
    drawing = f"/v1/dossiers/{registered}/deadline.svg"
    usual, wide, narrow = (web.get(drawing, params=weeks).text for weeks in ({}, {"weeks": 2}, {"weeks": 1}))
    assert usual == wide
    assert (usual.count(">CN<"), narrow.count(">CN<")) == (2, 1)
    for unfit in ("3", "one", ""):
        assert "weeks" in problem(web.get(drawing, params={"weeks": unfit}), 422, "invalid-request")["detail"]


def test_the_weeks_in_a_row_are_documented(web: httpx.Client) -> None:
    operation = web.get("/openapi.json").json()["paths"]["/v1/dossiers/{code}/deadline.svg"]["get"]
    (weeks,) = [parameter for parameter in operation["parameters"] if parameter["name"] == "weeks"]
    assert (weeks["schema"]["enum"], weeks["schema"]["default"], weeks["required"]) == ([1, 2], 2, False)
    assert weeks["description"]


def test_before_the_start_there_is_nothing_to_draw(web: httpx.Client, registered: str) -> None:
    drawing = web.get(f"/v1/dossiers/{registered}/deadline.svg")
    assert drawing.status_code == 200
    assert "Chưa có ngày hẹn trả" in drawing.text
