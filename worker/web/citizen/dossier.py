"""The whole journey of the dossier that is open."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from tracking.citizen.overview import overview
from worker.web.citizen.personal import reading
from worker.web.citizen.visiting import DOSSIER, VisitorDep
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

router = APIRouter(include_in_schema=False)

DONE = "da"
"""The parameter that says what has just been done."""


@router.get(DOSSIER)
def show(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> HTMLResponse:
    """Show where the papers are, when the result comes and why, and what can be done."""
    with reading(runtime, visitor, "dossier") as session:
        dossier = overview(session, runtime.context, runtime.office, visitor.dossier)
    return render(
        request, "citizen/dossier.html", dossier=dossier, visitor=visitor, done=request.query_params.get(DONE, "")
    )
