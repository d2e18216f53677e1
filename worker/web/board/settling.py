"""What a person settles from the list: an order in doubt, a message that nobody took, postage that nobody named."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from dispatch.change_forms import PostageForm
from dispatch.dossiers import Dossier
from dispatch.findings import FindingForm, note_finding
from dispatch.money.unnamed import UnnamedPostage, name_postage
from dispatch.outbox import OutboxMessage, send_again
from dispatch.outbox_rows import OutboxState
from dispatch.problems import Problem
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Shipment
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import (
    LookoutDep,
    ShipmentStaff,
    back_to,
    digits,
    filled_in,
    operators_called,
    page,
    shipment_to_change,
)
from worker.web.deliveries import OrderNumber
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, StaffDep, check

router = APIRouter(prefix="/board", include_in_schema=False)

MessageId = Annotated[str, Query(alias="id", max_length=300)]
PostageId = Annotated[str, Query(alias="id", max_length=200)]
_NOTHING_DONE = frozenset({"nothing-in-doubt"})


@router.get("/shipments/{number}/finding")
def ask_finding(request: Request, number: OrderNumber, staff: ShipmentStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Ask what the operator told, and say what would follow from each answer."""
    return _finding_page(request, staff, runtime, number, {}, None)


@router.post("/shipments/{number}/finding")
def find_out(
    request: Request,
    number: OrderNumber,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    held: Annotated[str, Form(max_length=10)] = "",
    waybill: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Take what the operator told; who comes second finds it settled."""
    with runtime.context.database.read() as session:
        shipment, dossier = shipment_to_change(session, runtime, staff, Permission.SETTLE_DOUBTS, number)
        code = dossier.code
    if held not in ("yes", "no"):
        return _finding_page(request, staff, runtime, number, {"waybill": waybill}, _say_which())
    form = finding_of(shipment, held == "yes", waybill)
    try:
        note_finding(runtime.context, number, form)
    except Problem as problem:
        if problem.kind in _NOTHING_DONE:
            return back_to(f"/board/dossiers/{code}", "nothing-in-doubt")
        return _finding_page(request, staff, runtime, number, {"waybill": waybill, "held": held}, problem)
    note_settled(runtime, staff, shipment, dossier, form)
    lookout.forget()
    runtime.context.ring("booking")
    return back_to(f"/board/dossiers/{code}", "held" if form.held else "not-held", noted=f"finding-{number}")


def finding_of(shipment: Shipment, held: bool, waybill: str = "") -> FindingForm:
    """Return what a person says of an order; "not held" of a confirmed one takes the operator's later word."""
    confirmed = not held and shipment.booking is BookingState.BOOKED
    given = {"held": held, "although_confirmed": confirmed, "waybill": waybill.strip() if held else ""}
    return filled_in(FindingForm, given)


def note_settled(runtime: Runtime, staff: Staff, shipment: Shipment, dossier: Dossier, form: FindingForm) -> None:
    """Note in the audit trail who said what of an order."""
    audit.note_now(
        runtime.context.database,
        staff.actor,
        "order.settled",
        subject=shipment.order_number,
        agency=dossier.agency_code,
        details={"held": form.held},
    )


@router.get("/messages/again")
def ask_again(request: Request, message_id: MessageId, staff: StaffDep, runtime: RuntimeDep) -> HTMLResponse:
    """Say which message would be sent again; nothing of its content, which may name a citizen."""
    with runtime.context.database.read() as session:
        message = message_for(session, runtime, staff, message_id)
    return page(request, staff, "message_again.html", message=message, parked=message.state is OutboxState.PARKED)


@router.post("/messages/again")
def again(
    staff: FormStaffDep, runtime: RuntimeDep, lookout: LookoutDep, message_id: Annotated[str, Form(alias="id")]
) -> RedirectResponse:
    """Put a parked message back in line; it keeps its id, so that its receiver takes it once."""
    context = runtime.context
    with context.database.read() as session:
        message_for(session, runtime, staff, message_id)
    with context.database.write() as session:
        is_done = send_again(session, message_id, context.clock.now())
        if is_done:
            audit.note(session, staff.actor, "message.sent-again", subject=message_id)
    context.ring("notices")
    lookout.forget()
    return back_to("/board", "sent-again" if is_done else "not-parked")


def message_for(session: Session, runtime: Runtime, staff: Staff, message_id: str) -> OutboxMessage:
    """Return a message that ``staff`` may have sent again.

    Raises:
        Problem: there is none, it is about another agency's dossier, or they may not.
    """
    message = session.get(OutboxMessage, message_id)
    if message is None:
        raise _nothing_there()
    agency = _agency_of(session, message)
    if not (staff.may(Permission.SEE_ATTENTION, agency) if agency else _looks_after_all(staff)):
        raise _nothing_there()
    check(runtime, staff, Permission.MANAGE_OPERATIONS, agency)
    return message


def may_send(session: Session, staff: Staff, message: OutboxMessage) -> bool:
    """Whether ``staff`` may have a message sent again; one about no dossier, who may do so for all of the system."""
    agency = _agency_of(session, message)
    return staff.may(Permission.MANAGE_OPERATIONS, agency) if agency else _looks_after_all(staff)


def _agency_of(session: Session, message: OutboxMessage) -> str | None:
    # What was asked for has a line of its own: the dossier's code, and a number after a colon.
    dossier = session.get(Dossier, message.subject.partition(":")[0])
    return dossier.agency_code if dossier is not None else None


def _looks_after_all(staff: Staff) -> bool:
    return staff.scope(Permission.MANAGE_OPERATIONS).everywhere


@router.get("/postage")
def ask_postage(request: Request, postage_id: PostageId, staff: StaffDep, runtime: RuntimeDep) -> HTMLResponse:
    """Ask how much postage is owed."""
    with runtime.context.database.read() as session:
        row = _postage_for(session, runtime, staff, postage_id)
    return page(request, staff, "postage.html", row=row)


@router.post("/postage")
def postage(
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    postage_id: Annotated[str, Form(alias="id", max_length=200)],
    amount: Annotated[str, Form(max_length=20)] = "",
) -> RedirectResponse:
    """Note the amount; the same again changes nothing."""
    context = runtime.context
    form = filled_in(PostageForm, {"amount_vnd": digits(amount), "officer": staff.display_name})
    with context.database.read() as session:
        row = _postage_for(session, runtime, staff, postage_id)
    with context.database.write() as session:
        name_postage(session, postage_id, form.amount_vnd, form.officer, context.clock.now())
        audit.note(session, staff.actor, "postage.named", subject=row.order_number)
    lookout.forget()
    return back_to(f"/board/dossiers/{row.dossier_code}", "postage-named")


def _postage_for(session: Session, runtime: Runtime, staff: Staff, postage_id: str) -> UnnamedPostage:
    row = session.get(UnnamedPostage, postage_id)
    shipment = session.get(Shipment, row.order_number) if row is not None else None
    if row is None or shipment is None or not _sees(session, staff, shipment):
        raise _nothing_there()
    shipment_to_change(session, runtime, staff, Permission.MANAGE_MONEY, row.order_number)
    return row


def _sees(session: Session, staff: Staff, shipment: Shipment) -> bool:
    return staff.may(Permission.SEE_SHIPMENTS, session.get_one(Dossier, shipment.dossier_code).agency_code)


def _finding_page(
    request: Request, staff: Staff, runtime: Runtime, number: str, typed: dict[str, str], problem: Problem | None
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        shipment, _ = shipment_to_change(session, runtime, staff, Permission.SETTLE_DOUBTS, number)
    can_be_denied = shipment.booking is not BookingState.BOOKED or shipment.journey in BEFORE_COLLECTION
    return page(
        request,
        staff,
        "finding.html",
        status=problem.status if problem is not None else 200,
        shipment=shipment,
        operator=operators_called([shipment.carrier])[shipment.carrier],
        can_be_denied=can_be_denied,
        typed={"waybill": shipment.hinted_waybill or "", **typed},
        problem=problem,
    )


def _say_which() -> Problem:
    return Problem(
        "finding-unsaid",
        "Nothing was chosen",
        "It was not said whether the post holds the order.",
        "Choose one of the two answers and send the form again.",
        next_step_vi="Chọn một trong hai câu trả lời rồi gửi lại.",
    )


def _nothing_there() -> Problem:
    return Problem(
        "unknown-task",
        "There is no such task",
        "It was settled meanwhile, or the address was not copied whole.",
        "Go back to the list of what needs a hand.",
        next_step_vi="Việc này đã được xử lý hoặc địa chỉ chưa đúng. Quay lại danh sách việc cần xử lý.",
        status=404,
    )
