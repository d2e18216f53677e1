"""Whatever a browser is led to: it guesses no type, runs nothing, and keeps nothing."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy.exc import DataError

from tests.support.board import at_the_board, log_in
from tests.support.desk import TestDesk
from worker.web.board import results, settling

WITHOUT_LOG_IN = ["/", "/docs", "/openapi.json", "/none", "/v1/dossiers/x", "/static/0/x.css", "/board", "/board/none"]
OF_A_DOSSIER = ["/board/dossiers/{}", "/board/dossiers/{}/deadline.svg", "/board/figures/volumes.svg", "/tra-cuu"]


def is_careful(answer: httpx.Response) -> bool:
    headers = answer.headers
    policy = headers["content-security-policy"]
    return (
        headers["x-content-type-options"] == "nosniff"
        and headers["cache-control"] == "no-store"
        and policy.startswith("default-src 'none'")
        and "script-src 'unsafe" not in policy
    )


@pytest.mark.parametrize("path", WITHOUT_LOG_IN)
def test_answers_to_anybody(web: httpx.Client, path: str) -> None:
    for method in ("GET", "PUT"):
        answer = httpx.request(method, f"{str(web.base_url).rstrip('/')}{path}", headers={"Accept": "text/html"})
        assert is_careful(answer), (method, answer.headers)


@pytest.mark.parametrize("path", OF_A_DOSSIER)
def test_answers_about_people(desk: TestDesk, web: httpx.Client, registered: str, path: str) -> None:
    with at_the_board(str(web.base_url), log_in(desk)) as colleague:
        answer = colleague.get(path.format(registered))
    assert answer.status_code == 200
    assert is_careful(answer)
    told = web.get(f"/v1/dossiers/{registered}")
    assert told.status_code == 200
    assert is_careful(told)


def test_a_printed_paper_and_a_body_that_is_too_long(desk: TestDesk, web: httpx.Client, registered: str) -> None:
    number = desk.order("send", dossier=registered)[0]
    desk.work()
    printed = web.post("/v1/documents", json={"kind": "label", "subjects": [number]})
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.headers["x-content-type-options"] == "nosniff"
    assert printed.headers["cache-control"] == "no-store"
    assert "content-security-policy" not in printed.headers, "it would stop the browser's own viewer"
    too_long = web.post("/v1/orders", content=b" " * (desk.context.settings.max_body_bytes + 1))
    assert too_long.status_code == 413
    assert is_careful(too_long)


def test_a_bug_on_a_page_is_told_to_a_person(
    desk: TestDesk, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(results, "at_the_counter", breaks)
    with at_the_board(str(web.base_url), log_in(desk), "vi") as colleague:
        answer = colleague.get("/board/results")
    assert answer.status_code == 500
    assert is_careful(answer)
    assert "báo bộ phận vận hành" in answer.text
    assert "a bug" not in answer.text


def test_what_the_database_does_not_take_is_the_senders_to_mend(
    desk: TestDesk, web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_args: object) -> None:
        raise DataError("SELECT", {}, ValueError("PostgreSQL text fields cannot contain NUL"))

    monkeypatch.setattr(settling, "message_for", refuses)
    with at_the_board(str(web.base_url), log_in(desk), "vi") as colleague:
        answer = colleague.get("/board/messages/again", id="\0")
    assert answer.status_code == 422
    assert "Gõ lại nội dung" in answer.text
