"""Who is at the screen and which dossier was looked up: two cookies, and what routes ask for.

A dossier's code never stands in an address: addresses stay in histories and logs. The code that was looked up is kept
in the browser, sealed; who has proven whose it is has a session.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from dispatch.channels.sealed_link import BadLinkError, opened, sealed
from worker.access.secrets import new_token, same
from worker.runtime import Runtime
from worker.web.citizen import sessions
from worker.web.citizen.sessions import Visitor
from worker.web.cookies import is_secure
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import HEADERS, render

START, PROGRESS = "/tra-cuu", "/tra-cuu/tien-do"
DIGITS, CODE = "/tra-cuu/xac-thuc", "/tra-cuu/ma-xac-thuc"
DOSSIER = "/tra-cuu/ho-so"

_LOOKED_UP, _SESSION = "tra_cuu", "ho_so"
_PURPOSE = b"looked-up dossier"
_REMEMBERED = timedelta(minutes=30)
_LONGEST = 200


class NotOpenError(Exception):
    """No dossier is open: nobody has proven whose it is, or that was too long ago."""


class OtherPageError(Exception):
    """A form was not made by the session that is open now: another tab, another dossier, or another site."""


def install(app: FastAPI) -> None:
    """Say both to people, with the way on."""
    app.exception_handler(NotOpenError)(lambda request, _error: render(request, "citizen/over.html", 401, other=False))
    app.exception_handler(OtherPageError)(lambda request, _error: render(request, "citizen/over.html", 403, other=True))


def go(path: str) -> RedirectResponse:
    """Send a browser on after a form, so that reloading sends nothing again."""
    return RedirectResponse(path, 303, headers=HEADERS)


def remember(request: Request, runtime: RuntimeDep, response: Response, typed: str) -> None:
    """Keep in the browser which dossier was looked up, for half an hour."""
    now = runtime.context.clock.now()
    _set(request, response, _LOOKED_UP, sealed(typed.strip()[:_LONGEST], _PURPOSE, now + _REMEMBERED))


def looked_up(request: Request, runtime: RuntimeDep) -> str | None:
    """Return what was typed as the code of a dossier, or None."""
    try:
        return opened(request.cookies.get(_LOOKED_UP, ""), _PURPOSE, runtime.context.clock.now())
    except BadLinkError:
        return None


def open_for(request: Request, response: Response, token: str) -> None:
    """Give the browser a session."""
    _set(request, response, _SESSION, token)


def close(response: Response) -> None:
    """Take what a browser was given."""
    for name in (_SESSION, _LOOKED_UP):
        response.delete_cookie(name, path=START)


def who_is(request: Request, runtime: RuntimeDep) -> Visitor | None:
    """Return who is at the screen; None where nothing is open."""
    token = request.cookies.get(_SESSION, "")
    if not token:
        return None
    with runtime.context.database.read() as session:
        visitor = sessions.whose(session, token)
    if visitor is not None and visitor.stale:
        with runtime.context.database.write() as session:
            sessions.touch(session, visitor)
    return visitor


def _visitor(request: Request, runtime: RuntimeDep) -> Visitor:
    visitor = who_is(request, runtime)
    if visitor is None:
        raise NotOpenError
    return visitor


def check_form(visitor: Visitor, forms: str) -> None:
    """See that a form was made by this session.

    Raises:
        OtherPageError: it was not; nothing may be changed by it.
    """
    if not same(forms, visitor.forms):
        raise OtherPageError


def new_key() -> str:
    """Return the key of a form: sent twice, it does what it is for once."""
    return new_token()


def _set(request: Request, response: Response, name: str, value: str) -> None:
    runtime: Runtime = request.app.state.runtime
    secure = is_secure(request, runtime.context.settings)
    response.set_cookie(name, value, path=START, httponly=True, samesite="lax", secure=secure)


VisitorDep = Annotated[Visitor, Depends(_visitor)]
LookedUpDep = Annotated[str | None, Depends(looked_up)]
