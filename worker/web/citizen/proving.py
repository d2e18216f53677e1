"""Proving whose dossier it is: the telephone's last digits and a one-time code, or the link from a letter.

The answer to wrong digits is that to right ones: if they are right, a code is on its way. The answer to a wrong code
does not tell whether there was one.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from dispatch.channels import dossier_link
from dispatch.channels.dossier_link import BadLinkError, ExpiredLinkError, dossier_of
from tracking.citizen import code_rows
from tracking.citizen.codes import DIGITS as CODE_LENGTH
from tracking.citizen.codes import GOOD_FOR, TRIES, typed_digits
from tracking.citizen.overview import contact_of
from worker.web.citizen import sessions
from worker.web.citizen.guard import evenly, guard_of, sender_of, slow_down
from worker.web.citizen.personal import note_opened
from worker.web.citizen.sessions import Way
from worker.web.citizen.visiting import (
    CODE,
    DIGITS,
    DOSSIER,
    START,
    LookedUpDep,
    OtherPageError,
    VisitorDep,
    check_form,
    close,
    go,
    open_for,
)
from worker.web.cookies import is_ours
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

router = APIRouter(include_in_schema=False)


class DigitsForm(BaseModel):
    """``digits``: the last four of the telephone."""

    digits: str = ""


class CodeForm(BaseModel):
    """``code``: the six digits of the message."""

    code: str = ""


class LeaveForm(BaseModel):
    """``forms``: what forms of this session carry."""

    forms: str = ""


@router.get(DIGITS)
def ask_digits(request: Request, typed: LookedUpDep) -> Response:
    """Ask for the telephone's last digits."""
    if typed is None:
        return go(START)
    return render(request, "citizen/digits.html", code=typed, wrong=False)


@router.post(DIGITS)
def take_digits(
    request: Request, runtime: RuntimeDep, typed: LookedUpDep, form: Annotated[DigitsForm, Form()]
) -> Response:
    """Send a code where the digits are right, and say the same in every case."""
    if typed is None:
        return go(START)
    if len(typed_digits(form.digits)) != code_rows.PHONE_DIGITS:
        return render(request, "citizen/digits.html", 422, code=typed, wrong=True)
    slow_down(guard_of(request).digits, sender_of(request))
    context = runtime.context
    with evenly(), context.database.write() as session:
        code_rows.ask(session, context.accounts, typed, form.digits, context.clock.now())
    context.ring("notices")
    return go(CODE)


@router.get(CODE)
def ask_code(request: Request, runtime: RuntimeDep, typed: LookedUpDep) -> Response:
    """Ask for the code of the message."""
    if typed is None:
        return go(START)
    return _code_page(request, runtime, typed)


@router.post(CODE)
def take_code(request: Request, runtime: RuntimeDep, typed: LookedUpDep, form: Annotated[CodeForm, Form()]) -> Response:
    """Open the dossier where the code is right."""
    if typed is None:
        return go(START)
    if len(typed_digits(form.code)) != CODE_LENGTH:
        return _code_page(request, runtime, typed, 422)
    slow_down(guard_of(request).codes, sender_of(request))
    with evenly(), runtime.context.database.write() as session:
        dossier = code_rows.redeem(session, typed, form.code, runtime.context.clock.now())
        token = _opened(session, dossier, "code") if dossier else None
    if token is None:
        return _code_page(request, runtime, typed, 403)
    response = go(DOSSIER)
    open_for(request, response, token)
    return response


@router.get(f"{dossier_link.PATH}/{{token}}")
def ask_link(token: str, request: Request, runtime: RuntimeDep) -> Response:
    """Ask whether to open the dossier: mail programs look at links by themselves, so that a look opens nothing."""
    return _by_link(token, request, runtime, opens=False)


@router.post(f"{dossier_link.PATH}/{{token}}")
def take_link(token: str, request: Request, runtime: RuntimeDep) -> Response:
    """Open the dossier of a link; a page of another site may not open one of its own choice here.

    Raises:
        OtherPageError: the form is not ours.
    """
    if not is_ours(request, runtime.context.settings, when_silent=True):
        raise OtherPageError
    return _by_link(token, request, runtime, opens=True)


@router.post("/tra-cuu/thoat")
def leave(visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[LeaveForm, Form()]) -> Response:
    """End the session."""
    check_form(visitor, form.forms)
    with runtime.context.database.write() as session:
        sessions.end(session, visitor)
    response = go(START)
    close(response)
    return response


def _by_link(token: str, request: Request, runtime: RuntimeDep, *, opens: bool) -> Response:
    slow_down(guard_of(request).lookups, sender_of(request))
    context = runtime.context
    try:
        with context.database.read() as session:
            code = dossier_of(session, token, context.clock.now()).code
    except ExpiredLinkError:
        return render(request, "citizen/link.html", 410, standing="expired")
    except BadLinkError:
        return render(request, "citizen/link.html", 404, standing="wrong")
    if not opens:
        return render(request, "citizen/link.html", standing="good")
    with context.database.write() as session:
        opened = _opened(session, code, "link")
    response = go(DOSSIER)
    open_for(request, response, opened)
    return response


def _opened(session: Session, dossier: str, way: Way) -> str:
    note_opened(session, dossier, way)
    return sessions.begin(session, dossier, way)


def _code_page(request: Request, runtime: RuntimeDep, typed: str, status: int = 200) -> Response:
    minutes = int(GOOD_FOR.total_seconds() // 60)
    about = {"code": typed, "minutes": minutes, "tries": TRIES, "length": CODE_LENGTH}
    return render(
        request,
        "citizen/code.html",
        status,
        contact=contact_of(runtime.context.accounts),
        wrong={200: "", 422: "form"}.get(status, "code"),
        **about,
    )
