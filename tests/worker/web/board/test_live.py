"""Pages that are open hear that something has changed, and of nothing else; they hold up no server that stops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.support.board import COOKIE, Colleague, log_in
from tests.support.desk import TestDesk
from tests.worker.web.board.cases import in_doubt
from tests.worker.web.board.conftest import As
from worker.access import sessions
from worker.access.roles import Role
from worker.access.secrets import digest_of
from worker.training.servers import free_port
from worker.web.app import make_web
from worker.web.board import live
from worker.web.serving import server_of


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_EVERY", 0.05)


@contextmanager
def listening(who: Colleague) -> Iterator[Iterator[str]]:
    with who.http.stream("GET", "/board/live") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: "))


def _hear(news: Iterator[str]) -> None:
    with suppress(httpx.HTTPError):  # the line is cut at the end of the test
        next(news, None)


def test_a_change_is_told_and_nothing_about_it(desk: TestDesk, officer: Colleague, registered: str) -> None:
    with listening(officer) as news:
        first = next(news)
        number = in_doubt(desk, registered)
        second = next(news)
    assert first != second
    assert len(second) == 16
    assert number not in second
    assert f'data-version="{second}"' in officer.page("/board")


def test_what_concerns_another_agency_is_no_news(desk: TestDesk, colleague: As, registered: str) -> None:
    with listening(colleague(Role.OFFICER, "H14.99")) as elsewhere, listening(colleague()) as here:
        next(elsewhere), next(here)
        in_doubt(desk, registered)
        next(here)
        quiet = threading.Thread(target=_hear, args=[elsewhere], daemon=True)
        quiet.start()
        quiet.join(0.3)
        assert quiet.is_alive()


def test_it_ends_with_the_session(desk: TestDesk, officer: Colleague) -> None:
    with listening(officer) as news:
        next(news)
        with desk.context.database.write() as session:
            sessions.end_one(session, digest_of(officer.http.cookies[COOKIE]))
        assert list(news) == []


def test_a_stranger_hears_nothing(colleague: As) -> None:
    who = colleague()
    who.http.cookies.clear()
    assert who.http.get("/board/live", headers={"Accept": "text/event-stream"}).status_code == 401


def test_a_server_that_stops_waits_for_no_listener(desk: TestDesk) -> None:
    port = free_port()
    server = server_of(make_web(desk.runtime), "127.0.0.1", port)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    cookies = {COOKIE: log_in(desk)}
    with httpx.stream("GET", f"http://127.0.0.1:{port}/board/live", cookies=cookies) as answer:
        lines = answer.iter_lines()
        next(line for line in lines if line.startswith("data: "))
        began = time.monotonic()
        server.should_exit = True
        list(lines)
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 3
