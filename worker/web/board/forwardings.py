"""A result that is with the post goes to another address, because its citizen has moved; who asks, pays."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch.change_forms import ForwardForm
from dispatch.citizens import Citizen
from dispatch.dossiers import get_dossier
from dispatch.forwarding import wish_for
from dispatch.order_changes import may_be_sent_elsewhere
from dispatch.orders import get_order
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from tracking.citizen_orders import shipments_in, takes_addresses
from tracking.forwarding import forward
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board import refusals
from worker.web.board.changes import may_be_forwarded
from worker.web.board.entry import LookoutDep, ShipmentStaff, back_to, filled_in, page, shipment_to_change
from worker.web.board.goals import Goal, GoalDep, Written
from worker.web.board.stays import note_read
from worker.web.deliveries import OrderNumber
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/shipments/{number}/forward", include_in_schema=False)


@router.get("")
def ask(request: Request, number: OrderNumber, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Say by which way it would get there, and ask where to."""
    return _page(request, staff, runtime, number, None, None)


@router.post("")
def send_on(
    request: Request,
    number: OrderNumber,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    goal: GoalDep,
    who: Annotated[str, Form(max_length=20)] = "",
    reason: Written = "",
) -> Response:
    """Send it on, or have it brought back and sent from the counter; the same again changes nothing."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
        agency = dossier.agency_code
    if not may_be_forwarded(shipment):
        return back_to(f"/board/dossiers/{shipment.dossier_code}", "nothing-to-forward")
    try:
        asked = {"asked_by": {"who": who}, "reason": reason.strip(), "officer": staff.display_name}
        form = filled_in(ForwardForm, {**goal.asked(), **asked})
        with context.database.write() as session:
            done = _forward(session, runtime, number, form)
            if done != "forwarded-before":
                audit.note(session, staff.actor, "result.forwarded", subject=number, agency=agency)
    except Problem as problem:
        typed = {**goal.typed(), "who": who, "reason": reason}
        return _page(request, staff, runtime, number, typed, problem)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(f"/board/dossiers/{shipment.dossier_code}", done, noted=f"forward-{number}")


def _forward(session: Session, runtime: Runtime, number: str, form: ForwardForm) -> str:
    """Do it, and return what came of it as :data:`worker.web.board.words.OUTCOMES` calls it."""
    context = runtime.context
    order = get_order(session, get_shipment(session, number).order_id)
    get_dossier(session, order.dossier_code, lock=True)
    shipments = shipments_in(session, order.id, lock=True)
    shipment = get_shipment(session, number)
    before = _wanted(session, shipment)
    forward(session, context, runtime.office, order, shipments, form, lambda one: takes_addresses(context, one))
    if _wanted(session, shipment) == before:
        return "forwarded-before"
    return "forwarded" if shipment.new_citizen is not None else "forwarded-later"


def _wanted(session: Session, shipment: Shipment) -> tuple[str | None, int | None]:
    """Return where a result is to go, as far as anybody has asked for that."""
    wish = wish_for(session, shipment.order_number)
    return shipment.new_citizen, wish.id if wish is not None else None


def _page(
    request: Request, staff: Staff, runtime: Runtime, number: str, typed: dict[str, str] | None, problem: Problem | None
) -> HTMLResponse:
    context = runtime.context
    with context.database.read() as session:
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
        wish = wish_for(session, number)
        wanted = shipment.new_citizen or (wish.citizen if wish is not None else None)
    note_read(runtime, staff, dossier)
    goes_to = Citizen.from_text(wanted or shipment.citizen)
    return page(
        request,
        staff,
        "forward.html",
        here="results",
        status=problem.status if problem is not None else 200,
        shipment=shipment,
        possible=may_be_forwarded(shipment),
        at_once=_goes_at_once(runtime, shipment),
        goes_to=goes_to,
        typed=typed or Goal.of(goes_to).typed(),
        problem=problem,
        said=refusals.said(problem),
        faults=refusals.faults(problem),
    )


def _goes_at_once(runtime: Runtime, shipment: Shipment) -> bool:
    """Whether the operator is told the new address; otherwise the result comes back to the counter first."""
    unasked = may_be_sent_elsewhere(shipment) and shipment.recall_asked_at is None
    return unasked and takes_addresses(runtime.context, shipment)
