"""Several troubles settled together: first what would happen to each, line by line, then all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch.findings import note_finding
from dispatch.outbox import send_again
from dispatch.outbox_rows import OutboxMessage, OutboxState
from dispatch.problems import Problem
from dispatch.shipments import Shipment
from tracking.watching.items import IN_DOUBT, Attention
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.attention import ON_ONE_PAGE
from worker.web.board.changes import is_in_doubt
from worker.web.board.entry import LookoutDep, page, shipment_for
from worker.web.board.lookout import Lookout
from worker.web.board.settling import finding_of, may_send, note_settled
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/bulk", include_in_schema=False)

Keys = Annotated[list[str], Form()]
How = Literal["again", "held", "not-held"]
_MESSAGES = frozenset({"message-undelivered"})


@dataclass(frozen=True, slots=True)
class Line:
    """One chosen trouble. ``why_not`` says why nothing would be done, or was done, about it."""

    item: Attention
    why_not: Problem | None = None


@router.post("")
def preview(
    request: Request,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    key: Keys = [],  # noqa: B006
) -> HTMLResponse:
    """Show every chosen line, and what could be done about all of one sort."""
    chosen = _chosen(staff, lookout, key)
    with runtime.context.database.read() as session:
        lines = {
            "messages": [_looked_at(session, staff, one) for one in chosen if one.kind in _MESSAGES],
            "doubts": [_looked_at(session, staff, one) for one in chosen if one.kind in IN_DOUBT],
        }
    return page(request, staff, "bulk.html", here="attention", lines=lines, gone=len(key) - len(chosen))


@router.post("/do")
def settle(
    request: Request,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    how: Annotated[How, Form()],
    key: Keys = [],  # noqa: B006
) -> Response:
    """Do it, one after the other; what cannot be done stops nothing else, and each line says what came of it."""
    done = [_settled(runtime, staff, one, how) for one in _chosen(staff, lookout, key)]
    lookout.forget()
    runtime.context.ring("notices" if how == "again" else "booking")
    return page(request, staff, "bulk_done.html", here="attention", lines=done, how=how, gone=len(key) - len(done))


def _chosen(staff: Staff, lookout: Lookout, keys: Sequence[str]) -> list[Attention]:
    """Return what is still on the person's own list; what was settled meanwhile is not."""
    wanted = set(keys[:ON_ONE_PAGE])
    return [one for one in lookout.look().of(staff) if one.key in wanted]


def _looked_at(session: Session, staff: Staff, one: Attention) -> Line:
    try:
        if one.kind in _MESSAGES:
            _message(session, staff, one)
        else:
            _doubt(session, staff, one)
    except Problem as problem:
        return Line(one, problem)
    return Line(one)


def _settled(runtime: Runtime, staff: Staff, one: Attention, how: How) -> Line:
    context = runtime.context
    try:
        if how == "again":
            with context.database.write() as session:
                message = _message(session, staff, one)
                send_again(session, message.id, context.clock.now())
                audit.note(session, staff.actor, "message.sent-again", subject=message.id)
            return Line(one)
        with context.database.read() as session:
            shipment = _doubt(session, staff, one)
            _, dossier = shipment_for(session, staff, Permission.SETTLE_DOUBTS, shipment.order_number)
        form = finding_of(shipment, how == "held")
        note_finding(context, shipment.order_number, form)
        note_settled(runtime, staff, shipment, dossier, form)
    except Problem as problem:
        return Line(one, problem)
    return Line(one)


def _message(session: Session, staff: Staff, one: Attention) -> OutboxMessage:
    message = session.get(OutboxMessage, one.key.partition(":")[2])
    if message is None or message.state is not OutboxState.PARKED or not may_send(session, staff, message):
        raise _goes_by_itself()
    return message


def _doubt(session: Session, staff: Staff, one: Attention) -> Shipment:
    shipment, _ = shipment_for(session, staff, Permission.SETTLE_DOUBTS, one.shipment or "")
    if not is_in_doubt(shipment):
        raise _one_by_one()
    return shipment


def _goes_by_itself() -> Problem:
    return Problem(
        "message-not-parked",
        "The message is not parked",
        "It is tried again by itself, has arrived, or is not yours to send.",
        "Nothing has to be done here.",
        next_step_vi="Tin sẽ tự được gửi lại, đã đến nơi, hoặc tài khoản không có quyền gửi lại.",
    )


def _one_by_one() -> Problem:
    return Problem(
        "nothing-in-doubt",
        "Nothing about this order is in doubt",
        "The post has confirmed this order.",
        "Open it by itself, if the post denies it now.",
        next_step_vi="Bưu điện đã xác nhận đơn này; nếu nay bưu điện phủ nhận, hãy mở riêng từng đơn.",
    )
