"""Who is at the board: what routes for staff ask for.

def page(staff: StaffDep, ...)                                        any staff that is logged in
def page(staff: Annotated[Staff, Depends(require(Permission.SEE_MONEY))], ...)      staff that may do something
@router.post(..., dependencies=[Depends(check_csrf)])                 a form; it carries ``csrf_token``
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.problems import Problem, unknown_dossier
from worker.access import audit, sessions
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.access.secrets import same
from worker.runtime import Runtime
from worker.web import cookies
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

LOG_IN = "/board/login"
LOG_OUT = "/board/logout"
PASSWORD = "/board/password"
HOME = "/board"
FIELD = "csrf_token"
"""The field of every form that holds the session's :attr:`Staff.csrf_token`."""

HEADER = "x-csrf-token"
"""Where a script sends the same."""


class LogInNeededError(Exception):
    """Nobody is logged in, or no longer."""


class PasswordChangeNeededError(Exception):
    """The password was given by somebody else: its owner chooses a new one first."""


def install(app: FastAPI) -> None:
    """Lead whoever is not logged in to where that is done."""
    app.exception_handler(LogInNeededError)(_on_log_in_needed)
    app.exception_handler(PasswordChangeNeededError)(_on_change_needed)


def staff_or_none(request: Request, runtime: RuntimeDep) -> Staff | None:
    """Return who is logged in, if somebody is."""
    settings, database = runtime.context.settings, runtime.context.database
    token = cookies.token_of(request, settings)
    if not token:
        return None
    with database.read() as session:
        staff = sessions.whose(session, token, sessions.Limits.of(settings))
        stale = staff is not None and sessions.wants_touch(session, staff.session)
    if staff is not None and stale:
        with database.write() as session:
            sessions.touch(session, staff.session)
    return staff


MaybeStaffDep = Annotated[Staff | None, Depends(staff_or_none)]


def logged_in(request: Request, staff: MaybeStaffDep) -> Staff:
    """Return who is logged in.

    Raises:
        LogInNeededError: nobody is.
        PasswordChangeNeededError: somebody who has to choose a password first.
    """
    if staff is None:
        raise LogInNeededError
    if staff.must_change and request.url.path not in (PASSWORD, LOG_OUT):
        raise PasswordChangeNeededError
    return staff


StaffDep = Annotated[Staff, Depends(logged_in)]


async def check_csrf(request: Request, staff: StaffDep, runtime: RuntimeDep) -> Staff:
    """Take a form only from a page of ours that was made in this very session; returns whose it is.

    Raises:
        Problem: it is of another site, or of a page that was opened before the last log-in.
    """
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    ours = cookies.is_ours(request, runtime.context.settings, when_silent=True)
    if ours and isinstance(given, str) and same(given, staff.csrf_token):
        return staff
    raise Problem(
        "form-not-ours",
        "The form was not accepted",
        "It was not sent by a page of this session; nothing was saved.",
        "Go back, load the page again, and send the form once more.",
        next_step_vi="Quay lại, tải lại trang rồi gửi biểu mẫu lần nữa. Chưa có thay đổi nào được lưu.",
        status=403,
    )


FormStaffDep = Annotated[Staff, Depends(check_csrf)]
"""For routes that take a form: who sent it, from a page of ours."""


def require(permission: Permission) -> Callable[..., Staff]:
    """Return a dependency that lets in only staff who may do something somewhere; at which agency, the route asks."""

    def allowed(staff: StaffDep, runtime: RuntimeDep) -> Staff:
        check(runtime, staff, permission)
        return staff

    return allowed


def check(runtime: Runtime, staff: Staff, permission: Permission, agency: str | None = None) -> None:
    """Refuse what somebody may not do at an agency (or anywhere, without one); the refusal goes into the audit trail.

    Raises:
        Problem: it is not allowed.
    """
    if staff.may(permission, agency):
        return
    audit.note_now(
        runtime.context.database,
        staff.actor,
        "permission.refused",
        agency=agency,
        outcome=audit.Outcome.REFUSED,
        details={"permission": permission.value},
    )
    raise not_allowed(permission)


def not_allowed(permission: Permission) -> Problem:
    """Somebody may not do this."""
    return Problem(
        "not-allowed",
        "You may not do this",
        f"It needs the permission '{permission.value}', which none of your roles has here.",
        "Ask your supervisor for a role that has it.",
        next_step_vi="Tài khoản của Ông/Bà chưa được phân quyền làm việc này; đề nghị phụ trách bộ phận phân quyền.",
        status=403,
    )


def dossier_for(session: Session, staff: Staff, permission: Permission, code: str) -> Dossier:
    """Return a dossier of an agency at which ``staff`` may do something; another agency's is as good as unknown.

    Raises:
        Problem: it is not registered, or not theirs.
    """
    dossier = session.get(Dossier, code)
    if dossier is None or not staff.may(permission, dossier.agency_code):
        raise unknown_dossier(code)
    return dossier


def _on_log_in_needed(request: Request, _error: Exception) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return _told_to_a_program()
    if request.method in ("GET", "HEAD"):
        path = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"{LOG_IN}?next={quote(path, safe='/')}", 303)
    return render(request, "board/session_over.html", 401, log_in=LOG_IN)


def _told_to_a_program() -> Response:
    from worker.web.problems import answer

    return answer(
        Problem(
            "log-in-needed",
            "Nobody is logged in",
            "The session is over, or there was none; nothing was saved.",
            f"Open {LOG_IN} and log in.",
            next_step_vi="Đăng nhập lại. Chưa có thay đổi nào được lưu.",
            status=401,
        )
    )


def _on_change_needed(_request: Request, _error: Exception) -> Response:
    return RedirectResponse(PASSWORD, 303)
