"""Which messages the citizen wants. What the law wants to be told always comes by one way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from dispatch.channels import optout
from dispatch.channels.addresses import mask_email, usable_email
from dispatch.contacts import mask_phone
from dispatch.dossiers import get_dossier
from tracking.citizen.doing import want_messages
from worker.web.citizen.personal import changing, reading
from worker.web.citizen.visiting import DOSSIER, VisitorDep, check_form, go
from worker.web.deps import RuntimeDep
from worker.web.pages.rendering import render

PATH = f"{DOSSIER}/tin-nhan"
router = APIRouter(include_in_schema=False)

_BY = "người nộp hồ sơ, trên trang tra cứu"


class MessagesForm(BaseModel):
    """Ticked is wanted."""

    forms: str = ""
    phone: str = ""
    email: str = ""


@router.get(PATH)
def ask(request: Request, visitor: VisitorDep, runtime: RuntimeDep) -> Response:
    """Show what goes where."""
    with reading(runtime, visitor, "messages") as session:
        dossier = get_dossier(session, visitor.dossier)
        email = usable_email(dossier.applicant_email)
        no_phone, no_email = optout.opted_out(session, dossier.applicant_phone, email)
    ways = {"phone": (mask_phone(dossier.applicant_phone), not no_phone)}
    if email:
        ways["email"] = (mask_email(email), not no_email)
    return render(request, "citizen/messages.html", ways=ways, visitor=visitor)


@router.post(PATH)
def take(visitor: VisitorDep, runtime: RuntimeDep, form: Annotated[MessagesForm, Form()]) -> Response:
    """Put the wishes in force; the same again changes nothing."""
    check_form(visitor, form.forms)
    now = runtime.context.clock.now()
    with changing(runtime, visitor, "messages") as session:
        dossier = get_dossier(session, visitor.dossier, lock=True)
        wishes = {dossier.applicant_phone: bool(form.phone)}
        if email := usable_email(dossier.applicant_email):
            wishes[email] = bool(form.email)
        want_messages(session, dossier.code, wishes, _BY, now)
    return go(f"{DOSSIER}?da=tin-nhan")
