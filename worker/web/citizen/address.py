"""Another address for the papers: typed, confirmed, done once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from dispatch.problems import Problem
from tracking.citizen.doing import go_elsewhere
from tracking.citizen.overview import overview
from worker.web.citizen.address_fields import AddressFields, Wrong, checked
from worker.web.citizen.personal import changing, reading
from worker.web.citizen.sessions import Visitor
from worker.web.citizen.visiting import DOSSIER, VisitorDep, check_form, go, new_key
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

PATH = f"{DOSSIER}/dia-chi"
router = APIRouter(include_in_schema=False)


class AddressPage(AddressFields):
    """The form: first without ``sure``, and with it from the page that asks once more."""

    forms: str = ""
    key: str = ""
    sure: str = ""


@router.get(PATH)
def ask(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> Response:
    """Ask for the new address."""
    return _page(request, visitor, runtime, AddressPage())


@router.post(PATH)
def take(request: Request, visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[AddressPage, Form()]) -> Response:
    """Show the address as it was understood; from there, put it in force."""
    check_form(visitor, form.forms)
    try:
        address = checked(form)
        if form.sure and form.key:
            with changing(runtime, visitor, "address") as session:
                go_elsewhere(session, runtime.context, runtime.office, visitor.dossier, address, form.key)
            return go(f"{DOSSIER}?da=dia-chi")
    except Problem as problem:
        return _page(request, visitor, runtime, form, Wrong.of(problem), problem.status)
    return _page(request, visitor, runtime, form, understood=address.text)


def _page(
    request: Request,
    visitor: Visitor,
    runtime: RuntimeDep,
    form: AddressPage,
    wrong: Wrong | None = None,
    status: int = 200,
    understood: str = "",
) -> Response:
    with reading(runtime, visitor, "address") as session:
        dossier = overview(session, runtime.context, runtime.office, visitor.dossier)
    about = {"dossier": dossier, "visitor": visitor, "form": form, "wrong": wrong, "key": form.key or new_key()}
    return render(request, "citizen/address.html", status, understood=understood, **about)
