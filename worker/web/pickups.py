"""Routes for what is counted: lists of papers, slips signed at the citizen's door, forms of the counter."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from config.clock import local
from dispatch.checklist_choice import Edition
from dispatch.checklist_forms import ChecklistForm, PickupRecordForm
from dispatch.checklists import current, publish
from dispatch.dossiers import get_dossier
from dispatch.pickup_slips import PickupSlip
from dispatch.problems import Problem
from dispatch.supplement_form import SupplementForm, forms_of
from tracking.pickups import take_slip
from worker.web.auth import ClientDep
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath

router = APIRouter(prefix="/v1", tags=["counting"])

ProcedurePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,59}$")]
OrderNumber = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,79}$")]


class ItemAnswer(BaseModel):
    """One paper that a procedure asks for."""

    name: str
    originals: int
    copies: int
    required: bool


class ChecklistAnswer(BaseModel):
    """One edition of a procedure's list."""

    procedure: str
    source: str
    version: str
    valid_from: date
    items: list[ItemAnswer]

    @classmethod
    def of(cls, procedure: str, edition: Edition) -> ChecklistAnswer:
        return cls(
            procedure=procedure,
            source=edition.source,
            version=edition.version,
            valid_from=edition.valid_from,
            items=[
                ItemAnswer(name=item.name, originals=item.originals, copies=item.copies, required=item.required)
                for item in edition.items
            ],
        )


class SlipAnswer(BaseModel):
    """A signed slip. ``contradicts`` names the slip beside which it cannot be true; it is kept and moves nothing."""

    number: str
    order_number: str
    signed_at: datetime
    missing: list[str]
    taken: bool
    contradicts: str | None

    @classmethod
    def of(cls, slip: PickupSlip) -> SlipAnswer:
        return cls(
            number=slip.number,
            order_number=slip.order_number,
            signed_at=local(slip.signed_at),
            missing=slip.missing,
            taken=slip.takes_papers and slip.contradicts is None,
            contradicts=slip.contradicts,
        )


class SupplementFormAnswer(BaseModel):
    """Form 02 as it was issued."""

    number: str
    items: list[str]
    reason: str | None
    officer: str
    issued_at: datetime
    legal_source: str
    text_vi: str

    @classmethod
    def of(cls, form: SupplementForm) -> SupplementFormAnswer:
        return cls(
            number=form.number,
            items=form.items,
            reason=form.reason,
            officer=form.officer,
            issued_at=local(form.issued_at),
            legal_source=form.legal_source,
            text_vi=form.text_vi,
        )


class SupplementForms(BaseModel):
    """Every form 02 of a dossier, oldest first."""

    forms: list[SupplementFormAnswer]


@router.put("/procedures/{code}/checklist")
def put_checklist(
    code: ProcedurePath, form: ChecklistForm, runtime: RuntimeDep, client: ClientDep, response: Response
) -> ChecklistAnswer:
    """Publish an edition of a procedure's list; the same edition again changes nothing."""
    with runtime.context.database.write() as session:
        edition, new = publish(session, code, form, client, runtime.context.clock.now())
        response.status_code = 201 if new else 200
        return ChecklistAnswer.of(code, edition)


@router.get("/procedures/{code}/checklist")
def show_checklist(code: ProcedurePath, runtime: RuntimeDep, _client: ClientDep) -> ChecklistAnswer:
    """The edition that counts today: where national list and portal differ, the portal's."""
    with runtime.context.database.read() as session:
        edition = current(session, code, runtime.context.clock.now())
    if edition is None:
        raise Problem(
            "unknown-checklist",
            "No list of papers is known",
            f"No list of papers of procedure '{code}' is in force here.",
            "Have the list published first.",
            next_step_vi="Công bố danh mục giấy tờ của thủ tục trước.",
            next_step_api="Publish it with PUT /v1/procedures/{code}/checklist.",
            status=404,
        )
    return ChecklistAnswer.of(code, edition)


@router.post("/shipments/{order_number}/pickup-record", status_code=201)
def record_pickup(
    order_number: OrderNumber, form: PickupRecordForm, runtime: RuntimeDep, _client: ClientDep
) -> SlipAnswer:
    """Take the slip that postman and citizen signed; the same slip again is the same answer."""
    with runtime.context.database.write() as session:
        answer = SlipAnswer.of(take_slip(session, runtime.context, runtime.office, order_number, form))
    runtime.context.ring("notices")
    return answer


@router.get("/dossiers/{code}/supplement-forms")
def supplement_forms(code: CodePath, runtime: RuntimeDep, _client: ClientDep) -> SupplementForms:
    """What the counter has asked for, each time it did not take the papers."""
    with runtime.context.database.read() as session:
        get_dossier(session, code)
        return SupplementForms(forms=[SupplementFormAnswer.of(form) for form in forms_of(session, code)])
