"""The line that crash tests disturb: each of its moods seen by a real caller and a real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.support.line import Line, Mood
from tests.support.servers import serve
from worker.training.servers import free_port


class Counter:
    """A server that counts what took effect."""

    def __init__(self) -> None:
        self.count = 0
        self.app = Starlette(routes=[Route("/", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        await request.body()
        self.count += 1
        return PlainTextResponse("taken " * 40)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def line(counter: Counter) -> Iterator[Line]:
    with serve(counter.app) as url, Line(free_port(), urlsplit(url).port or 0) as line:
        yield line


@pytest.fixture
def caller(line: Line) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{line.port}", timeout=1.0) as caller:
        assert caller.post("/").status_code == 200
        yield caller


def test_a_refusing_line_resets_who_is_connected_and_refuses_who_comes(line: Line, caller: httpx.Client) -> None:
    line.become(Mood.REFUSE)
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            caller.post("/")
    line.become(Mood.PASS)
    assert caller.post("/").status_code == 200


def test_a_silent_line_swallows_the_request_and_nothing_takes_effect(
    line: Line, caller: httpx.Client, counter: Counter
) -> None:
    line.become(Mood.SILENT)
    with pytest.raises(httpx.TransportError):
        caller.post("/")
    with pytest.raises(httpx.ReadTimeout):
        caller.post("/")
    assert counter.count == 1
    line.become(Mood.PASS)
    assert caller.post("/").status_code == 200


def test_a_cut_answer_is_an_effect_of_which_nobody_hears(line: Line, caller: httpx.Client, counter: Counter) -> None:
    line.become(Mood.CUT_ANSWER)
    with pytest.raises(httpx.TransportError):
        caller.post("/")
    assert (counter.count, line.cut) == (2, 1)


def test_a_trickling_line_brings_everything_slowly(line: Line, caller: httpx.Client) -> None:
    line.become(Mood.TRICKLE)
    began = time.monotonic()
    assert len(caller.post("/").text) == 240
    assert time.monotonic() - began > 0.2


def test_a_line_to_nobody_hangs_up() -> None:
    with Line(free_port(), free_port()) as line, pytest.raises(httpx.TransportError):
        httpx.post(f"http://127.0.0.1:{line.port}/", timeout=1.0)
