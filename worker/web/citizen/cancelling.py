"""Cancelling what the post has not collected, and what happens to the papers then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field

from dispatch.problems import Problem
from tracking.citizen.doing import cancel
from tracking.citizen.overview import overview
from worker.web.citizen.address_fields import Wrong
from worker.web.citizen.personal import changing, reading
from worker.web.citizen.sessions import Visitor
from worker.web.citizen.visiting import DOSSIER, VisitorDep, check_form, go
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

PATH = f"{DOSSIER}/huy"
router = APIRouter(include_in_schema=False)


class CancelForm(BaseModel):
    """``orders``: those that the page showed, so that a page of yesterday cancels nothing that came later."""

    forms: str = ""
    orders: list[str] = Field(default_factory=list, max_length=10)


@router.get(PATH)
def ask(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> Response:
    """Say what would be cancelled, and ask."""
    return _page(request, visitor, runtime)


@router.post(PATH)
def take(request: Request, visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[CancelForm, Form()]) -> Response:
    """Cancel; again it changes nothing."""
    check_form(visitor, form.forms)
    try:
        with changing(runtime, visitor, "cancel") as session:
            cancel(session, runtime.context, visitor.dossier, form.orders)
    except Problem as problem:
        return _page(request, visitor, runtime, Wrong.of(problem), problem.status)
    return go(f"{DOSSIER}?da=huy")


def _page(
    request: Request, visitor: Visitor, runtime: RuntimeDep, wrong: Wrong | None = None, status: int = 200
) -> Response:
    with reading(runtime, visitor, "cancel") as session:
        dossier = overview(session, runtime.context, runtime.office, visitor.dossier)
    return render(request, "citizen/cancel.html", status, dossier=dossier, visitor=visitor, wrong=wrong)
