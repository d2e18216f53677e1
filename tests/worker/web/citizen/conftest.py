"""A citizen with a browser of his own at a desk whose pages are served over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.citizens import Citizen
from tests.support.desk import TestDesk
from tests.support.servers import serve
from worker.web.app import Web, make_web
from worker.web.citizen.guard import Guard


@pytest.fixture(scope="module")
def served(desk: TestDesk) -> Iterator[tuple[Web, str]]:
    """The desk's web interface, and where it is served."""
    app = make_web(desk.runtime)
    with serve(app, lifespan="on") as url:
        yield app, url


@pytest.fixture
def browser(served: tuple[Web, str], desk: TestDesk) -> Iterator[Callable[[], Citizen]]:
    """Return what opens a browser without cookies; nobody has guessed anything before."""
    app, url = served
    app.app.state.guard = Guard()
    opened = []

    def open_browser() -> Citizen:
        opened.append(httpx.Client(base_url=url, timeout=30.0, follow_redirects=True))
        return Citizen(desk, opened[-1])

    yield open_browser
    for one in opened:
        one.close()


@pytest.fixture
def citizen(browser: Callable[[], Citizen]) -> Citizen:
    """One citizen."""
    return browser()
