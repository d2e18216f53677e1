from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from config.settings import Settings
from tests.support.servers import serve
from tests.support.ticker import Ticker
from worker.heart import Heart

SECRET = "5e1f-whoever-knows-it-can-say-that-we-live"


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """Somebody outside who expects a call; the list fills with the calls."""
    heard: list[str] = []

    def hear(request: Request) -> Response:
        heard.append(request.url.path)
        return Response(status_code=500 if "broken" in request.url.path else 200)

    with serve(Starlette(routes=[Route("/{path:path}", hear)])) as url:
        yield url, heard


def calling(url: str) -> Settings:
    return Settings(deadman_url=SecretStr(url))


def test_while_the_heart_beats_the_outside_hears_so_once_a_minute(outside: tuple[str, list[str]]) -> None:
    url, heard = outside
    ticker = Ticker()
    heart = Heart(ticker)
    for _ in range(61):
        assert heart.beat(calling(f"{url}/{SECRET}")) == 0
        ticker.pass_(2)
    assert heard == [f"/{SECRET}"] * 3


@pytest.mark.parametrize("path", ["broken", None], ids=["answers with an error", "is away"])
def test_an_outside_that_does_not_hear_stops_nothing_and_its_address_stays_out_of_the_log(
    outside: tuple[str, list[str]], path: str | None
) -> None:
    url = f"{outside[0]}/{path}/{SECRET}" if path else f"http://127.0.0.1:1/{SECRET}"
    with capture_logs() as lines:
        assert Heart().beat(calling(url)) == 0
    assert [line["event"] for line in lines] == ["deadman_not_told"]
    assert SECRET not in repr(lines)


def test_where_nobody_outside_listens_nobody_is_called() -> None:
    with capture_logs() as lines:
        assert Heart().beat(Settings()) == 0
    assert lines == []
