"""A letter of apology: read, then signed with its reason and new date, or dismissed with why none is owed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.problems import Problem
from tracking.apologies.decision import NewDate
from tracking.apologies.forms import ApologySignatureForm, DismissalForm
from tracking.apologies.letters import drafted_reason, what_happened
from tracking.apologies.refusals import unknown
from tracking.apologies.rows import Apology, facts_of, standing_of
from tracking.apologies.signing import dismiss, get_apology, letter_text, sign
from tracking.apologies.standing import State
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import LookoutDep, back_to, filled_in, page
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, check, require

router = APIRouter(prefix="/board/letters/{letter_id}", include_in_schema=False)

LetterId = Annotated[int, Path(ge=1, lt=2**31)]
SignerDep = Annotated[Staff, Depends(require(Permission.APPROVE_APOLOGIES))]
Written = Annotated[str, Form(max_length=400)]
_CLIENT = "board"


@router.get("")
def letter(request: Request, letter_id: LetterId, staff: SignerDep, runtime: RuntimeDep) -> HTMLResponse:
    """The letter as it stands, and both forms while it is a draft."""
    return _letter_page(request, staff, runtime, letter_id, {}, None)


@router.post("/sign")
def put_signature(
    request: Request,
    letter_id: LetterId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    title: Written = "",
    reason: Written = "",
    new_due: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Sign it, which sends it; with a new date this is the extension."""
    context = runtime.context
    given = {"officer": staff.display_name, "title": title, "reason": reason, "new_due": new_due}
    typed = {"title": title, "reason": reason, "new_due": new_due}
    apology, agency = _to_approve(runtime, staff, letter_id)
    if apology.state is not State.DRAFT:
        return back_to(f"/board/letters/{letter_id}", "letter-settled-before")
    try:
        form = filled_in(ApologySignatureForm, {**given, "signed_at": context.clock.now()})
        with context.database.write() as session:
            sign(session, context, runtime.office, letter_id, form, _CLIENT)
            audit.note(session, staff.actor, "apology.signed", subject=apology.number, agency=agency)
    except Problem as problem:
        return _letter_page(request, staff, runtime, letter_id, typed, problem)
    context.ring("notices")
    lookout.forget()
    return back_to(f"/board/dossiers/{apology.dossier_code}", "letter-signed")


@router.post("/dismiss")
def let_go(
    request: Request,
    letter_id: LetterId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    why: Written = "",
) -> Response:
    """Say that none is owed, and why."""
    apology, agency = _to_approve(runtime, staff, letter_id)
    if apology.state is not State.DRAFT:
        return back_to(f"/board/letters/{letter_id}", "letter-settled-before")
    try:
        form = filled_in(DismissalForm, {"officer": staff.display_name, "reason": why})
        with runtime.context.database.write() as session:
            dismiss(session, runtime.context, runtime.office, letter_id, form)
            audit.note(session, staff.actor, "apology.dismissed", subject=apology.number, agency=agency)
    except Problem as problem:
        return _letter_page(request, staff, runtime, letter_id, {"why": why}, problem)
    lookout.forget()
    return back_to(f"/board/dossiers/{apology.dossier_code}", "letter-dismissed")


def _letter_page(
    request: Request, staff: Staff, runtime: Runtime, letter_id: int, typed: dict[str, str], problem: Problem | None
) -> HTMLResponse:
    _, agency = _to_approve(runtime, staff, letter_id)
    with runtime.context.database.read() as session:
        apology = get_apology(session, letter_id)
        owed = standing_of(facts_of(session, apology)).owed
        written = letter_text(session, runtime.office, apology)
    audit.note_now(runtime.context.database, staff.actor, "apology.read", subject=apology.number, agency=agency)
    return page(
        request,
        staff,
        "letter.html",
        status=problem.status if problem is not None else 200,
        letter=apology,
        about=what_happened(apology.failing),
        written=written,
        names_a_day=owed.new_date is not NewDate.NONE,
        needs_a_day=owed.new_date is NewDate.NEEDED,
        proposed={
            "reason": drafted_reason(owed.failing),
            "new_due": owed.proposed.isoformat() if owed.proposed else "",
        },
        law=owed.legal_source,
        is_draft=apology.state is State.DRAFT,
        typed=typed,
        problem=problem,
    )


def _to_approve(runtime: Runtime, staff: Staff, letter_id: int) -> tuple[Apology, str]:
    """Return a letter that ``staff`` may sign, and its agency; another agency's is answered as an unknown one."""
    with runtime.context.database.read() as session:
        apology = get_apology(session, letter_id)
        agency = _agency(session, apology)
    if not staff.may(Permission.READ_DOSSIERS, agency):
        raise unknown(letter_id)
    check(runtime, staff, Permission.APPROVE_APOLOGIES, agency)
    return apology, agency


def _agency(session: Session, apology: Apology) -> str:
    return session.get_one(Dossier, apology.dossier_code).agency_code
