"""Handovers today: what to expect, what was scanned, and the records that wait for signatures."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dispatch.forms import Direction, HandoverForm
from dispatch.handover_lines import HandoverLine
from dispatch.handovers import desks_of, draw_up, unknown_handover
from dispatch.problems import Problem, unknown_order
from dispatch.shipment_queries import get_shipment
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.at_desk import add_scanned
from worker.web.board.desk_page import Asked, AskedDep, desk_page
from worker.web.board.entry import HandoverStaff, back_to, filled_in
from worker.web.deps import RuntimeDep
from worker.web.handovers import HandoverId
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/handovers", include_in_schema=False)

AgencyField = Annotated[str, Form(max_length=60)]
DirectionField = Annotated[Direction, Form()]


@router.get("")
def handovers(
    request: Request,
    staff: HandoverStaff,
    runtime: RuntimeDep,
    asked: AskedDep,
) -> HTMLResponse:
    """What changes hands at one agency's desk."""
    return desk_page(request, staff, runtime, asked)


@router.get("/line/{line_id}")
def record_of_line(line_id: HandoverId, _staff: HandoverStaff, runtime: RuntimeDep) -> RedirectResponse:
    """Lead to the record on which a line stands; that page sees to who may read it."""
    with runtime.context.database.read() as session:
        line = session.get(HandoverLine, line_id)
    if line is None:
        raise unknown_handover(line_id)
    return RedirectResponse(f"/board/handovers/{line.handover_id}", 303)


@router.post("/scan")
def scan(
    request: Request,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    agency: AgencyField,
    direction: DirectionField,
    text: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Put what was scanned on the record that is being counted, or begin one; what is none of ours loses nothing."""
    check(runtime, staff, Permission.SIGN_HANDOVERS, agency)
    try:
        record, outcome = add_scanned(runtime, staff, agency, direction, text, None)
    except Problem as problem:
        return desk_page(request, staff, runtime, Asked(agency, direction), problem)
    return back_to(f"/board/handovers/{record}", outcome, scan="1")


@router.post("/draw-up")
def draw(
    request: Request,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    agency: AgencyField,
    direction: DirectionField,
    order: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    sealed: Annotated[bool, Form()] = False,
) -> Response:
    """Draw up the records for what was ticked, one for each operator; another agency's order is an unknown one."""
    check(runtime, staff, Permission.SIGN_HANDOVERS, agency)
    try:
        records = _drawn(runtime, staff, agency, direction, order, sealed=sealed)
    except Problem as problem:
        return desk_page(request, staff, runtime, Asked(agency, direction), problem)
    if len(records) == 1:
        return RedirectResponse(f"/board/handovers/{records[0]}", 303)
    return back_to("/board/handovers", "drawn-up", agency=agency, direction=direction.value)


def _drawn(
    runtime: Runtime, staff: Staff, agency: str, direction: Direction, orders: list[str], *, sealed: bool
) -> list[int]:
    context, accounts = runtime.context, runtime.context.accounts
    with context.database.write() as session:
        by_carrier = defaultdict[str, list[str]](list)
        for number in orders:
            shipment = get_shipment(session, number)
            if not any(staff.may(Permission.SIGN_HANDOVERS, desk) for desk in desks_of(session, shipment, direction)):
                raise unknown_order(number)
            by_carrier[shipment.carrier].append(number)
        if not by_carrier:
            raise _nothing_ticked()
        drawn = []
        for carrier, numbers in by_carrier.items():
            given = {"agency": agency, "carrier": carrier, "direction": direction, "orders": numbers, "sealed": sealed}
            form = filled_in(HandoverForm, given)
            may_be_sealed = lambda one: accounts.carrier_account_by_id(one.account).bulk_sealed  # noqa: E731
            handover, _ = draw_up(session, form, context.clock.now(), may_be_sealed=may_be_sealed)
            audit.note(session, staff.actor, "handover.drawn-up", subject=handover.number, agency=agency)
            drawn.append(handover.id)
        return drawn


def _nothing_ticked() -> Problem:
    return Problem(
        "nothing-ticked",
        "Nothing was chosen",
        "No order was ticked, so no record was drawn up.",
        "Tick the papers that are on the counter, or scan them.",
        next_step_vi="Đánh dấu các đơn đang có tại quầy, hoặc quét mã.",
    )
