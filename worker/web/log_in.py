"""Pages where staff log in and out: by a local account, or at the identity provider."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from config.identity import Oidc
from dispatch.problems import Problem
from worker.access import audit, sessions
from worker.access.actor import Actor, ActorKind
from worker.access.log_in import log_in
from worker.access.sessions import Person
from worker.runtime import Runtime
from worker.web import cookies
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render
from worker.web.senders import Allowance
from worker.web.staff import HOME, LOG_IN, LOG_OUT, FormStaffDep, MaybeStaffDep

router = APIRouter(include_in_schema=False)

OIDC, OIDC_BACK = "/board/oidc", "/board/oidc/back"
ATTEMPTS_A_MINUTE = 30
"""So many log-ins may one address try: enough for an office behind one, too few for a list of passwords."""

_JOURNEY = "postal_oidc"
_UNPROVEN = Actor(ActorKind.OIDC, "(not proven)")
_OURS = re.compile(r"/board(?:[/?#][\x21-\x5b\x5d-\x7e]*)?")

Next = Annotated[str, Form()]
Typed = Annotated[str, Form(max_length=2000)]


def safe_next(page: str) -> str:
    """Return where to go after a log-in: a page of the board, whatever the address says."""
    return page if _OURS.fullmatch(page) and "//" not in page and not page.startswith((LOG_IN, OIDC)) else HOME


def attempts(request: Request) -> Allowance:
    """Return what counts log-ins by address, one for each process."""
    found: Allowance = request.app.state.log_ins
    return found


@router.get("/")
def door() -> RedirectResponse:
    """Lead whoever opens the bare address to the board; its log-in page shows citizens on to theirs."""
    return RedirectResponse(HOME, 303)


@router.get(LOG_IN)
def ask(request: Request, runtime: RuntimeDep, staff: MaybeStaffDep, next: str = HOME, out: bool = False) -> Response:
    """Ask who it is."""
    if staff is not None:
        return RedirectResponse(safe_next(next), 303)
    return _page(request, runtime, 200, next=safe_next(next), out=out)


@router.post(LOG_IN)
def take(
    request: Request, runtime: RuntimeDep, username: Typed = "", password: Typed = "", next: Next = HOME
) -> Response:
    """Log somebody in, or say that name or password are wrong; never which of both."""
    if (refusal := refused_form(request, runtime)) is not None:
        return refusal
    person = log_in(runtime.context.database, username, password)
    if person is None:
        return _page(request, runtime, 401, next=safe_next(next), username=username[:60], wrong=True)
    return welcome(request, runtime, person, safe_next(next))


@router.post(LOG_OUT)
def leave(request: Request, runtime: RuntimeDep, staff: FormStaffDep) -> Response:
    """End this session."""
    with runtime.context.database.write() as session:
        sessions.end_one(session, staff.session)
        audit.note(session, staff.actor, "log-out")
    response = RedirectResponse(f"{LOG_IN}?out=1", 303)
    cookies.take(response, request, runtime.context.settings)
    return response


@router.get(OIDC)
def go_to_provider(request: Request, runtime: RuntimeDep, next: str = HOME) -> Response:
    """Send the browser to the identity provider."""
    from worker.access.oidc import GOOD_FOR, Journey, Provider

    provider = Provider(_configured(runtime), _come_back_to(request, runtime))
    journey = Journey.begin(safe_next(next))
    response = RedirectResponse(provider.address(journey), 303)
    secure = cookies.is_secure(request, runtime.context.settings)
    age = int(GOOD_FOR.total_seconds())
    response.set_cookie(
        _JOURNEY, journey.sealed(), max_age=age, path=OIDC, secure=secure, httponly=True, samesite="lax"
    )
    return response


@router.get(OIDC_BACK)
def come_back(request: Request, runtime: RuntimeDep) -> Response:
    """Take what the identity provider says of who came back from there."""
    from worker.access.oidc import Journey, Provider

    provider = Provider(_configured(runtime), _come_back_to(request, runtime))
    journey = Journey.opened(request.cookies.get(_JOURNEY, ""))
    if journey is None:
        raise Problem(
            "log-in-too-old",
            "This log-in was not begun here, or took too long",
            "What the browser had to keep for it is not there any more.",
            f"Open {LOG_IN} and log in again.",
            next_step_vi="Phiên đăng nhập đã quá lâu hoặc không bắt đầu từ trình duyệt này. Đăng nhập lại từ đầu.",
            status=400,
        )
    try:
        person = provider.person(journey, dict(request.query_params))
    except Problem as problem:
        details = {"by": "oidc", "problem": problem.kind}
        audit.note_now(runtime.context.database, _UNPROVEN, "log-in", outcome=audit.Outcome.REFUSED, details=details)
        raise
    audit.note_now(runtime.context.database, person.actor, "log-in", details={"by": "oidc"})
    response = welcome(request, runtime, person, journey.next)
    response.delete_cookie(_JOURNEY, path=OIDC)
    return response


def welcome(request: Request, runtime: Runtime, person: Person, next_page: str) -> Response:
    """Begin a session for somebody who has proven who he is; the one that the browser had ends."""
    settings = runtime.context.settings
    with runtime.context.database.write() as session:
        sessions.drop_old(session, sessions.Limits.of(settings))
        before = cookies.token_of(request, settings)
        token = sessions.begin(session, person, request.headers.get("user-agent", ""), before)
    response = RedirectResponse(next_page, 303)
    cookies.give(response, request, settings, token)
    return response


def refused_form(request: Request, runtime: Runtime) -> Response | None:
    """Return the answer to a form that is one too many; None where it is good.

    Raises:
        Problem: it is another site's.
    """
    if not cookies.is_ours(request, runtime.context.settings, when_silent=False):
        raise Problem(
            "form-not-ours",
            "The form was not accepted",
            "The browser does not say that it comes from a page of this system.",
            "Open the page anew and send it again; behind a proxy, POSTAL_PUBLIC_URL has to be set.",
            next_step_vi="Mở lại trang rồi gửi lại; nếu vẫn lỗi, báo bộ phận vận hành.",
            status=403,
        )
    seconds = attempts(request).spend(request.client.host if request.client else "")
    if not seconds:
        return None
    response = render(request, "board/too_many.html", 429, seconds=seconds)
    response.headers["Retry-After"] = str(seconds)
    return response


def _page(request: Request, runtime: Runtime, status: int, **values: object) -> Response:
    provider = runtime.context.accounts.oidc
    shown = {"username": "", "wrong": False, "out": False, **values}
    return render(request, "board/login.html", status, provider=provider, log_in=LOG_IN, oidc=OIDC, **shown)


def _configured(runtime: Runtime) -> Oidc:
    configured = runtime.context.accounts.oidc
    if configured is None:
        raise Problem(
            "no-provider",
            "No identity provider is configured",
            "Staff of this system log in with local accounts.",
            f"Open {LOG_IN}, or put [oidc] into the configuration file.",
            next_step_vi="Đăng nhập bằng tài khoản nội bộ.",
            status=404,
        )
    return configured


def _come_back_to(request: Request, runtime: Runtime) -> str:
    base = runtime.context.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}{OIDC_BACK}"
