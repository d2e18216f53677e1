"""Looking a dossier up by its code, without a log-in: the code and how far it has come, and nothing else."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from dispatch.dossier_codes import find_dossier
from tracking.citizen.overview import contact_of
from tracking.citizen.progress import progress_of
from worker.web.citizen.guard import MISS, guard_of, sender_of, slow_down
from worker.web.citizen.visiting import PROGRESS, START, LookedUpDep, go, remember
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

router = APIRouter(include_in_schema=False)


class LookUpForm(BaseModel):
    """``code``: whatever was typed or pasted."""

    code: str = ""


@router.get(START)
def start(request: Request, runtime: RuntimeDep) -> HTMLResponse:
    """Ask for a dossier's code."""
    return _start(request, runtime)


@router.post(START)
def look_up(request: Request, runtime: RuntimeDep, form: Annotated[LookUpForm, Form()]) -> Response:
    """Take a code, and answer the same whatever it is: the next page tells."""
    if not form.code.strip():
        return _start(request, runtime, 422)
    guard = guard_of(request)
    slow_down(guard.lookups, sender_of(request))
    with runtime.context.database.read() as session:
        known = find_dossier(session, form.code) is not None
    if not known:
        guard.lookups.wait(sender_of(request), MISS)
    response = go(PROGRESS)
    remember(request, runtime, response, form.code)
    return response


@router.get(PROGRESS)
def progress(request: Request, runtime: RuntimeDep, typed: LookedUpDep) -> Response:
    """Show how far the dossier has come that was looked up."""
    if typed is None:
        return go(START)
    with runtime.context.database.read() as session:
        dossier = find_dossier(session, typed)
        found = progress_of(session, runtime.office, dossier) if dossier else None
    contact = contact_of(runtime.context.accounts)
    code = dossier.code if dossier else typed
    status = 200 if found else 404
    return render(request, "citizen/progress.html", status, code=code, progress=found, contact=contact)


def _start(request: Request, runtime: RuntimeDep, status: int = 200) -> HTMLResponse:
    contact = contact_of(runtime.context.accounts)
    return render(request, "citizen/start.html", status, wrong=status != 200, contact=contact)
