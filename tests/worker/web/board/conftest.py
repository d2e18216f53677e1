from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.support.board import Colleague, at_the_board, log_in, log_in_with
from tests.support.desk import TestDesk
from worker.access.roles import Grant, Role, Scope
from worker.web.board import lookout

As = Callable[..., Colleague]
With = Callable[..., Colleague]


@pytest.fixture(autouse=True)
def _looks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long on a busy machine is not kept: each page shows what the test has just done."""
    monkeypatch.setattr(lookout, "_QUICK", 60.0)


@pytest.fixture
def colleague(desk: TestDesk, web: httpx.Client) -> Iterator[As]:
    """Return what lets somebody with a role sit down at the board."""
    with ExitStack() as seats:

        def sit_down(role: Role = Role.SUPERVISOR, *agencies: str, language: str = "en") -> Colleague:
            cookie = log_in(desk, role, *agencies)
            return seats.enter_context(at_the_board(str(web.base_url), cookie, language))

        yield sit_down


@pytest.fixture
def officer(colleague: As) -> Colleague:
    """An officer of the desk's agency."""
    return colleague(Role.OFFICER)


@pytest.fixture
def colleague_with(desk: TestDesk, web: httpx.Client) -> Iterator[Callable[..., Colleague]]:
    """Return what lets somebody with several roles sit down at the board."""
    with ExitStack() as seats:

        def sit_down(*roles: tuple[Role, str]) -> Colleague:
            cookie = log_in_with(desk, *(Grant(role, Scope.of([agency])) for role, agency in roles))
            return seats.enter_context(at_the_board(str(web.base_url), cookie, "en"))

        yield sit_down
