"""The system's Chromium, and a desk whose pages it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.desk import TestDesk, opened_desk
from tests.support.servers import serve
from worker.web.app import make_web

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
"""An old telephone."""

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_WAIT = 10_000

Visit = Callable[..., Page]
"""Opens a page in a browser without cookies: ``visit("/tra-cuu", narrow=True, dark=True, script=False)``."""


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium without a window; it ends with the module, as its driver keeps an event loop running in this thread."""
    with sync_playwright() as playwright:
        # Without its sandbox, since in a container or as root it has none.
        opened = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk for all tests of a module: each brings dossiers of its own."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def address(desk: TestDesk) -> Iterator[str]:
    """Where the desk's pages are served."""
    with serve(make_web(desk.runtime), lifespan="on") as url:
        yield url


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Return what opens pages; a script that fails or anything that a page's own rules forbid fails the test."""
    contexts, complaints = [], []

    def open_page(path: str, *, narrow: bool = False, dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale="vi-VN",
        )
        context.set_default_timeout(_WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@contextmanager
def leaving(page: Page) -> Iterator[None]:
    """Do what sends a form or follows a link, and go on when the next page is there.

    A look at a page, unlike an expectation, waits for nothing: without this it may see the page that is going, or none.
    """
    with page.expect_navigation():
        yield


def barriers(page: Page) -> list[str]:
    """Return what keeps people from using a page, by the rules of WCAG 2.2 A and AA that a program can check.

    The page must have been opened with scripts, since the check is one.
    """
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _WCAG}}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
