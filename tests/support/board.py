"""People at the board: logged in as their role allows, without anybody typing a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support.desk import AGENCY, TestDesk
from worker.access import sessions
from worker.access.actor import Actor, ActorKind
from worker.access.roles import Grant, Role, Scope

COOKIE = "postal_session"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def log_in(desk: TestDesk, role: Role = Role.SUPERVISOR, *agencies: str, name: str = "Hà Thị Mai") -> str:
    """Begin a session for a person with one role, at :data:`AGENCY` where nothing else is said; returns its cookie."""
    return log_in_with(desk, Grant(role, Scope.of(agencies or (AGENCY,))), name=name)


def log_in_with(desk: TestDesk, *grants: Grant, name: str = "Hà Thị Mai") -> str:
    """Begin a session for a person with several roles."""
    person = sessions.Person(Actor(ActorKind.OIDC, f"{grants[0].role}@caobang.gov.vn"), name, grants)
    with desk.context.database.write() as session:
        return sessions.begin(session, person, "tests")


class Colleague:
    """Somebody at a browser without scripts: looks at pages, fills in forms and follows where they lead."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Open a page."""
        return self.http.get(path, params=query or None)

    def page(self, path: str, **query: Any) -> str:
        """Open a page that has to be there, and return its text."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, page: str, path: str, **fields: Any) -> httpx.Response:
        """Send a form of a page that was opened before; returns where it leads."""
        found = _TOKEN.search(page)
        assert found, page
        return self.http.post(path, data={"csrf_token": found.group(1), **fields})


@contextmanager
def at_the_board(address: str, cookie: str, language: str = "en") -> Iterator[Colleague]:
    """Sit down at the board of a desk that is served at ``address``."""
    cookies = {COOKIE: cookie, "lang": language}
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=address, cookies=cookies, headers=headers, follow_redirects=True, timeout=30.0) as http:
        yield Colleague(http)
