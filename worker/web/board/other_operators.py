"""A leg that nobody has collected is given to another operator, once its order at the old one is proven dead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch.change_forms import OperatorForm
from dispatch.dossiers import get_dossier
from dispatch.other_operator import give_to_another
from dispatch.problems import Problem
from dispatch.settlements import announce_cancelled
from dispatch.shipment_queries import get_shipment
from tracking.citizen_orders import shipments_in
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board import refusals
from worker.web.board.changes import may_be_given_away
from worker.web.board.entry import (
    LookoutDep,
    ShipmentStaff,
    back_to,
    filled_in,
    operators_called,
    operators_for,
    page,
    shipment_to_change,
)
from worker.web.board.goals import Written
from worker.web.deliveries import OrderNumber
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/shipments/{number}/operator", include_in_schema=False)


@router.get("")
def ask(request: Request, number: OrderNumber, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Say what would happen, and ask to whom and why."""
    return _page(request, staff, runtime, number, {}, None)


@router.post("")
def give(
    request: Request,
    number: OrderNumber,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    carrier: Annotated[str, Form(max_length=40)] = "",
    reason: Written = "",
) -> Response:
    """Give it away; who comes second finds it done."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
        place, agency = f"/board/dossiers/{dossier.code}", dossier.agency_code
    if not may_be_given_away(shipment):
        return back_to(place, "nothing-to-give")
    try:
        form = filled_in(OperatorForm, {"carrier": carrier, "reason": reason.strip(), "leg": shipment.leg})
        with context.database.write() as session:
            is_new = _give(session, runtime, number, form)
            if is_new:
                audit.note(session, staff.actor, "order.given-away", subject=number, agency=agency)
    except Problem as problem:
        return _page(request, staff, runtime, number, {"carrier": carrier, "reason": reason}, problem)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(place, "given-away" if is_new else "nothing-to-give", noted=f"operator-{number}")


def _give(session: Session, runtime: Runtime, number: str, form: OperatorForm) -> bool:
    """Do it; tells whether anything was changed by that."""
    context = runtime.context
    shipment = get_shipment(session, number)
    get_dossier(session, shipment.dossier_code, lock=True)
    now = context.clock.now()
    given = give_to_another(session, context, shipments_in(session, shipment.order_id, lock=True), form, now)
    for one in given:
        announce_cancelled(session, context, one, now)
    return bool(given)


def _page(
    request: Request, staff: Staff, runtime: Runtime, number: str, typed: dict[str, str], problem: Problem | None
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
    others = operators_for(runtime.context.accounts, dossier.agency_code)
    others.pop(shipment.carrier, None)
    return page(
        request,
        staff,
        "other_operator.html",
        status=problem.status if problem is not None else 200,
        shipment=shipment,
        possible=may_be_given_away(shipment),
        operator=operators_called([shipment.carrier])[shipment.carrier],
        others=others,
        typed=typed,
        problem=problem,
        said=refusals.said(problem),
        faults=refusals.faults(problem),
    )
