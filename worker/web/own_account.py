"""Pages about one's own account: what one may do, where one is logged in, and another password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from dispatch.problems import Problem
from worker.access import accounts, audit, sessions
from worker.access.actor import ActorKind, Staff
from worker.access.browsers import browser_name
from worker.access.log_in import log_in
from worker.access.passwords import SHORTEST
from worker.web import cookies
from worker.web.deps import RuntimeDep
from worker.web.log_in import Typed
from worker.web.pages.rendering import render
from worker.web.staff import HOME, LOG_IN, LOG_OUT, PASSWORD, FormStaffDep, StaffDep

router = APIRouter(include_in_schema=False)

ACCOUNT = "/board/account"
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]


@router.get(ACCOUNT)
def show(request: Request, runtime: RuntimeDep, staff: StaffDep) -> Response:
    """Show who one is here, what one may do, and one's sessions."""
    with runtime.context.database.read() as session:
        own = sessions.of_person(session, staff.actor, sessions.Limits.of(runtime.context.settings))
    return render(
        request,
        "board/account.html",
        staff=staff,
        sessions=own,
        browser_name=browser_name,
        account=ACCOUNT,
        log_out=LOG_OUT,
        password=PASSWORD if _is_local(staff) else None,
    )


@router.post(f"{ACCOUNT}/end-session")
def end_session(runtime: RuntimeDep, staff: FormStaffDep, digest: Digest) -> Response:
    """End one of one's own sessions."""
    with runtime.context.database.write() as session:
        own = sessions.of_person(session, staff.actor, sessions.Limits.of(runtime.context.settings))
        if digest in {one.digest for one in own}:
            sessions.end_one(session, digest)
            audit.note(session, staff.actor, "log-out", details={"where": "another browser"})
    return RedirectResponse(ACCOUNT, 303)


@router.post(f"{ACCOUNT}/end-all-sessions")
def end_everywhere(request: Request, runtime: RuntimeDep, staff: FormStaffDep) -> Response:
    """Log out everywhere, here, too."""
    with runtime.context.database.write() as session:
        ended = sessions.end_all(session, staff.actor)
        audit.note(session, staff.actor, "log-out", details={"sessions": ended})
    response = RedirectResponse(f"{LOG_IN}?out=1", 303)
    cookies.take(response, request, runtime.context.settings)
    return response


@router.get(PASSWORD)
def ask(request: Request, staff: StaffDep) -> Response:
    """Ask for another password."""
    _refuse_foreign(staff)
    return _page(request, staff)


@router.post(PASSWORD)
def change(
    request: Request,
    runtime: RuntimeDep,
    staff: FormStaffDep,
    current: Typed = "",
    password: Typed = "",
    again: Typed = "",
) -> Response:
    """Change the password; every other session of the account ends."""
    _refuse_foreign(staff)
    try:
        _check(runtime, staff, current, password, again)
        with runtime.context.database.write() as session:
            user = accounts.get(session, staff.username)
            accounts.set_password(session, user, password, staff.actor, keep=staff.session)
    except Problem as problem:
        return _page(request, staff, problem.status, problem)
    return RedirectResponse(HOME if staff.must_change else f"{ACCOUNT}?changed=1", 303)


def _check(runtime: RuntimeDep, staff: Staff, current: str, password: str, again: str) -> None:
    if password != again:
        raise Problem(
            "passwords-differ",
            "The two new passwords are not the same",
            "The new password was typed differently the second time.",
            "Type it twice in the same way.",
            next_step_vi="Nhập mật khẩu mới hai lần giống nhau.",
        )
    if password == current:
        raise Problem(
            "password-not-new",
            "The new password is the old one",
            "Nothing was changed.",
            "Choose another one.",
            next_step_vi="Chọn mật khẩu khác mật khẩu hiện tại.",
        )
    if log_in(runtime.context.database, staff.username, current, doing="password.confirm") is None:
        raise Problem(
            "wrong-password",
            "The present password is not right",
            "Nothing was changed.",
            "Type the password with which you logged in; after several wrong ones, wait some minutes.",
            next_step_vi="Nhập đúng mật khẩu hiện tại; nếu sai nhiều lần, chờ ít phút rồi thử lại.",
        )


def _is_local(staff: Staff) -> bool:
    return staff.actor.kind is ActorKind.STAFF


def _refuse_foreign(staff: Staff) -> None:
    if not _is_local(staff):
        raise Problem(
            "password-elsewhere",
            "Your password is kept elsewhere",
            "You logged in at the identity provider, which alone knows your password.",
            "Change it there.",
            next_step_vi="Đổi mật khẩu tại hệ thống xác thực mà Ông/Bà dùng để đăng nhập.",
            status=404,
        )


def _page(request: Request, staff: Staff, status: int = 200, problem: Problem | None = None) -> Response:
    return render(
        request,
        "board/password.html",
        status,
        staff=staff,
        problem=problem,
        shortest=SHORTEST,
        account=ACCOUNT,
        log_out=LOG_OUT,
        path=PASSWORD,
    )
