"""People at the board of a desk: accounts of the kinds there are, and browsers that are logged in as them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.desk import TestDesk
from worker.access import accounts
from worker.access.actor import COMMAND
from worker.access.roles import Grant, Role, Scope

PASSWORD = "con mèo trèo cây cau"
_TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


def employ(desk: TestDesk, username: str, role: Role, *agencies: str, handed_over: bool = False) -> None:
    """Add an account whose password is :data:`PASSWORD`."""
    with desk.context.database.write() as session:
        user = accounts.add(session, username, f"Bà {username}", (Grant(role, Scope.of(agencies)),), COMMAND)
        accounts.set_password(session, user, PASSWORD, COMMAND, handed_over=handed_over)


@contextmanager
def browser(url: str) -> Iterator[httpx.Client]:
    """A browser: it keeps cookies, says where its forms come from, and follows no redirection by itself."""
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "User-Agent": "Trình duyệt".encode()}
    with httpx.Client(base_url=url, headers=headers, timeout=30.0) as client:  # type: ignore[arg-type]
        yield client


def log_in(client: httpx.Client, username: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Fill in the log-in page and send it."""
    return client.post("/board/login", data={"username": username, "password": password, **more})


def csrf_of(client: httpx.Client, page: str = "/board/account") -> str:
    """Return the token in the forms of a page."""
    found = _TOKEN.search(client.get(page).text)
    assert found is not None, f"{page} has no form"
    return found[1]
