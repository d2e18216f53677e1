"""A result that waits at the counter is sent again: to whom, where, at whose cost and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from dispatch.change_forms import SecondSendingForm
from dispatch.citizens import Citizen
from dispatch.dossiers import get_dossier
from dispatch.problems import Problem
from dispatch.shipment_queries import current_shipment
from dispatch.shipments import Leg
from tracking.second_sending import send_from_counter
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board import refusals
from worker.web.board.entry import (
    DossierStaff,
    LookoutDep,
    back_to,
    dossier_to_change,
    filled_in,
    operators_for,
    page,
)
from worker.web.board.goals import Goal, GoalDep, Written
from worker.web.board.stays import note_read, stay_to_end
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/dossiers/{code}/second-sending", include_in_schema=False)

_SENT_ALREADY = "leg-alive"


@router.get("")
def ask(request: Request, code: CodePath, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Show what waits, why it came back and where it went; ask where it shall go now, and who bears the cost."""
    return _page(request, staff, runtime, code, None, None)


@router.post("")
def send(
    request: Request,
    code: CodePath,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    goal: GoalDep,
    after: Annotated[str, Form(max_length=80)] = "",
    payer: Annotated[str, Form(max_length=20)] = "",
    reason: Written = "",
    carrier: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Send it again; a form that was sent before, or that a colleague was quicker than, changes nothing."""
    context, place = runtime.context, f"/board/dossiers/{code}"
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        agency = dossier_to_change(session, runtime, staff, Permission.PLACE_ORDERS, code).agency_code
    typed = {**goal.typed(), "payer": payer, "reason": reason, "carrier": carrier}
    try:
        with context.database.write() as session:
            get_dossier(session, code, lock=True)
            newest = current_shipment(session, code, Leg.RETURN)
            if newest is not None and newest.order_number != after:
                return back_to(place, "result-sent-before")
            same = newest is not None and goal == Goal.of(Citizen.from_text(newest.citizen))
            where = {} if same else goal.asked()
            given = {"payer": payer, "reason": reason.strip(), "carrier": carrier, "officer": staff.display_name}
            form = filled_in(SecondSendingForm, {**given, **where})
            heir = send_from_counter(session, context, runtime.office, code, form).order_number
            audit.note(session, staff.actor, "result.sent-again", subject=heir, agency=agency, details={"payer": payer})
    except Problem as problem:
        if problem.kind == _SENT_ALREADY:
            return back_to(place, "result-sent-before")
        return _page(request, staff, runtime, code, typed, problem)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(place, "result-sent-again")


def _page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    code: str,
    typed: dict[str, str] | None,
    problem: Problem | None,
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        stay = stay_to_end(session, runtime, staff, Permission.PLACE_ORDERS, code)
    note_read(runtime, staff, stay.dossier)
    before = Goal.of(Citizen.from_text(stay.newest.citizen)).typed() if stay.newest is not None else {}
    return page(
        request,
        staff,
        "second_sending.html",
        here="results",
        status=problem.status if problem is not None else 200,
        stay=stay,
        operators=operators_for(runtime.context.accounts, stay.dossier.agency_code),
        typed=typed or before,
        problem=problem,
        said=refusals.said(problem),
        faults=refusals.faults(problem),
    )
