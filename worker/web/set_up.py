"""The page behind a one-time link: the first supervisor names himself, or the owner of an account gets a password."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from dispatch.problems import Problem
from worker.access import accounts, audit, links
from worker.access.links import LinkState
from worker.access.log_in import log_in, unlock
from worker.access.passwords import SHORTEST
from worker.access.roles import EVERYWHERE, Grant, Role, Scope, read_grants
from worker.access.sessions import Person
from worker.runtime import Runtime
from worker.web.deps import RuntimeDep
from worker.web.log_in import Typed, refused_form, welcome
from worker.web.pages.rendering import render
from worker.web.staff import HOME, LOG_IN

router = APIRouter(prefix=links.PATH.rstrip("/"), include_in_schema=False)

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
_STATUS = {LinkState.OPEN: 200, LinkState.USED: 410, LinkState.EXPIRED: 410, LinkState.UNKNOWN: 404}
_FIRST = (Grant(Role.SUPERVISOR, Scope.of([EVERYWHERE])),)


@router.get("/{token}")
def ask(token: Token, request: Request, runtime: RuntimeDep) -> Response:
    """Ask for a password, and of the first supervisor for his name; a look changes nothing."""
    with runtime.context.database.read() as session:
        state, username = links.look(session, token)
    return _page(request, state, username)


@router.post("/{token}")
def take(
    token: Token,
    request: Request,
    runtime: RuntimeDep,
    username: Typed = "",
    display_name: Typed = "",
    password: Typed = "",
    again: Typed = "",
) -> Response:
    """Use the link up. A second click with what was just chosen is a log-in."""
    if (refusal := refused_form(request, runtime)) is not None:
        return refusal
    with runtime.context.database.read() as session:
        state, owner = links.look(session, token)
    if state is LinkState.USED and (person := log_in(runtime.context.database, username, password)) is not None:
        return welcome(request, runtime, person, HOME)
    if state is not LinkState.OPEN:
        return _page(request, state, owner)
    typed = {"typed_username": username[:60], "display_name": display_name[:200]}
    if password != again:
        return _page(request, state, owner, 422, problem=_not_the_same(), **typed)
    try:
        person = _use(runtime, token, owner, username, display_name, password)
    except Problem as problem:
        return _page(request, state, owner, problem.status, problem=problem, **typed)
    return welcome(request, runtime, person, HOME) if person else _page(request, LinkState.USED, owner)


def _use(
    runtime: Runtime, token: str, owner: str | None, username: str, display_name: str, password: str
) -> Person | None:
    with runtime.context.database.write() as session:
        name = owner or accounts.read_username(username)
        if not links.use(session, token, name):
            return None
        by = accounts.actor_of(name)
        user = accounts.get(session, name) if owner else accounts.add(session, name, display_name, _FIRST, by)
        accounts.set_password(session, user, password, by)
        unlock(session, name)
        audit.note(session, by, "log-in", details={"by": "link"})
        return Person(by, user.display_name, read_grants(user.grants))


def _page(request: Request, state: LinkState, owner: str | None, status: int | None = None, **values: Any) -> Response:
    shown = {"problem": None, "typed_username": "", "display_name": "", **values}
    return render(
        request,
        "board/setup.html",
        status or _STATUS[state],
        state=state,
        owner=owner,
        shortest=SHORTEST,
        log_in=LOG_IN,
        **shown,
    )


def _not_the_same() -> Problem:
    return Problem(
        "passwords-differ",
        "The two passwords are not the same",
        "The password was typed differently the second time.",
        "Type it twice in the same way.",
        next_step_vi="Nhập mật khẩu hai lần giống nhau.",
    )
