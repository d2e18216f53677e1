"""What is changed about an order: cancelled, sent elsewhere, called back. Each is confirmed first, and noted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from dispatch.change_forms import NewAddressForm
from dispatch.orders import get_order
from dispatch.problems import Problem, unknown_order
from dispatch.shipments import Shipment
from tracking import citizen_orders
from tracking.citizen_orders import shipments_in
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.changes import may_be_cancelled, may_be_readdressed, may_be_recalled
from worker.web.board.entry import LookoutDep, ShipmentStaff, back_to, filled_in, page, shipment_to_change
from worker.web.deliveries import OrderNumber
from worker.web.deps import RuntimeDep
from worker.web.orders import OrderId
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board", include_in_schema=False)

Written = Annotated[str, Form(max_length=400)]


@router.get("/orders/{order_id}/cancel")
def ask_cancel(request: Request, order_id: OrderId, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Say what would be cancelled, and what no more."""
    with runtime.context.database.read() as session:
        shipments = _of_order(session, runtime, staff, order_id)
        stays = [one for one in shipments if one.live and not may_be_cancelled(one)]
        ends = [one for one in shipments if may_be_cancelled(one)]
    return page(request, staff, "cancel.html", ends=ends, stays=stays, code=shipments[0].dossier_code)


@router.post("/orders/{order_id}/cancel")
def cancel(order_id: OrderId, staff: FormStaffDep, runtime: RuntimeDep, lookout: LookoutDep) -> RedirectResponse:
    """Cancel what nobody has collected."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        code, agency = _dossier_of_order(session, runtime, staff, order_id)
    with context.database.write() as session:
        citizen_orders.cancel(session, context, order_id)
        audit.note(session, staff.actor, "order.cancelled", subject=order_id, agency=agency)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(f"/board/dossiers/{code}", "cancelled")


@router.get("/orders/{order_id}/address")
def ask_address(request: Request, order_id: OrderId, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Ask where the papers shall go."""
    return _address_page(request, order_id, staff, runtime, {}, None)


@router.post("/orders/{order_id}/address")
def readdress(
    request: Request,
    order_id: OrderId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    address: Written = "",
    name: Written = "",
    phone: Written = "",
    era: Annotated[str, Form(max_length=10)] = "",
    who: Annotated[str, Form(max_length=20)] = "applicant",
    reason: Written = "",
) -> Response:
    """Put another address on what can still go there; a form that does not fit comes back as it was filled in."""
    context = runtime.context
    typed = {"address": address, "era": era, "name": name, "phone": phone, "who": who, "reason": reason}
    try:
        contact = {"name": name, "phone": phone} if name or phone else None
        asked = {
            "address": {"text": address, "era": era or None},
            "contact": contact,
            "asked_by": {"who": who},
            "reason": reason,
        }
        form = filled_in(NewAddressForm, {**asked, "officer": staff.display_name})
        with context.database.read() as session:
            code, agency = _dossier_of_order(session, runtime, staff, order_id)
        with context.database.write() as session:
            citizen_orders.readdress(session, context, order_id, form)
            audit.note(session, staff.actor, "order.readdressed", subject=order_id, agency=agency)
    except Problem as problem:
        if problem.status in (403, 404) and problem.kind != "recipient-name":
            raise
        return _address_page(request, order_id, staff, runtime, typed, problem)
    context.ring("booking")
    lookout.forget()
    return back_to(f"/board/dossiers/{code}", "readdressed", noted=f"address-{code}")


@router.get("/shipments/{number}/recall")
def ask_recall(request: Request, number: OrderNumber, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Say what calling back means."""
    with runtime.context.database.read() as session:
        shipment, _ = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
    return page(request, staff, "recall.html", shipment=shipment, possible=may_be_recalled(shipment))


@router.post("/shipments/{number}/recall")
def recall(number: OrderNumber, staff: FormStaffDep, runtime: RuntimeDep, lookout: LookoutDep) -> RedirectResponse:
    """Want the papers back; asked for again, nothing changes."""
    context = runtime.context
    with context.database.read() as session:
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, number)
    with context.database.write() as session:
        is_new = citizen_orders.call_back(session, context, number)
        if is_new:
            audit.note(session, staff.actor, "order.recalled", subject=number, agency=dossier.agency_code)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(f"/board/dossiers/{shipment.dossier_code}", "recalled" if is_new else "nothing-to-recall")


def _address_page(
    request: Request,
    order_id: str,
    staff: Staff,
    runtime: Runtime,
    typed: dict[str, str],
    problem: Problem | None,
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        shipments = _of_order(session, runtime, staff, order_id)
        reached = [one for one in shipments if may_be_readdressed(one)]
    status = problem.status if problem is not None else 200
    code = shipments[0].dossier_code
    return page(request, staff, "address.html", status=status, reached=reached, code=code, typed=typed, problem=problem)


def _of_order(session: Session, runtime: Runtime, staff: Staff, order_id: str) -> list[Shipment]:
    _dossier_of_order(session, runtime, staff, order_id)
    return shipments_in(session, order_id)


def _dossier_of_order(session: Session, runtime: Runtime, staff: Staff, order_id: str) -> tuple[str, str]:
    """Return the dossier of an order that ``staff`` may change, and its agency."""
    try:
        get_order(session, order_id)
        first = shipments_in(session, order_id)[0]
    except (Problem, IndexError) as error:
        raise unknown_order(order_id) from error
    _, dossier = shipment_to_change(session, runtime, staff, Permission.CHANGE_ORDERS, first.order_number)
    return dossier.code, dossier.agency_code
