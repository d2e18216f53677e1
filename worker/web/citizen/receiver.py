"""Somebody else who shall receive the result: named to the post while it does not have the order yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ValidationError

from dispatch.contacts import InvalidContact, normalise_name, parse_phone
from dispatch.forms import RecipientForm
from dispatch.problems import Problem, refused
from tracking.citizen.doing import name_receiver
from tracking.citizen.overview import overview
from worker.web.citizen.address_fields import Wrong
from worker.web.citizen.personal import changing, reading
from worker.web.citizen.sessions import Visitor
from worker.web.citizen.visiting import DOSSIER, VisitorDep, check_form, go, new_key
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

PATH = f"{DOSSIER}/nhan-thay"
router = APIRouter(include_in_schema=False)


class ReceiverPage(BaseModel):
    """The form: first without ``sure``, and with it from the page that asks once more."""

    name: str = ""
    phone: str = ""
    forms: str = ""
    key: str = ""
    sure: str = ""


@router.get(PATH)
def ask(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> Response:
    """Ask who shall receive the result, or say how a proxy receives it without being named."""
    return _page(request, visitor, runtime, ReceiverPage())


@router.post(PATH)
def take(request: Request, visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[ReceiverPage, Form()]) -> Response:
    """Show who was understood; from there, tell the post."""
    check_form(visitor, form.forms)
    try:
        receiver = _checked(form)
        if form.sure and form.key:
            with changing(runtime, visitor, "receiver") as session:
                name_receiver(session, runtime.context, visitor.dossier, receiver, form.key)
            return go(f"{DOSSIER}?da=nhan-thay")
    except Problem as problem:
        return _page(request, visitor, runtime, form, Wrong.of(problem), problem.status)
    return _page(request, visitor, runtime, form, understood=receiver)


def _checked(form: ReceiverPage) -> RecipientForm:
    try:
        return RecipientForm(name=normalise_name(form.name), phone=parse_phone(form.phone).e164)
    except InvalidContact as refusal:
        raise refused("contact", refusal) from refusal
    except ValidationError as error:  # what the name's own rules let pass cannot be kept all the same
        raise Problem(
            "contact",
            "The name cannot be used",
            "It holds characters that cannot be printed.",
            "Type it again instead of pasting it.",
            next_step_vi="Họ tên có ký tự không in được. Vui lòng gõ lại thay vì dán.",
        ) from error


def _page(
    request: Request,
    visitor: Visitor,
    runtime: RuntimeDep,
    form: ReceiverPage,
    wrong: Wrong | None = None,
    status: int = 200,
    understood: RecipientForm | None = None,
) -> Response:
    with reading(runtime, visitor, "receiver") as session:
        dossier = overview(session, runtime.context, runtime.office, visitor.dossier)
    about = {"dossier": dossier, "visitor": visitor, "form": form, "wrong": wrong, "key": form.key or new_key()}
    return render(request, "citizen/receiver.html", status, understood=understood, **about)
