"""Handovers today: what to expect, what was scanned, and the records that wait for signatures."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from config.clock import VIETNAM, local
from dispatch.agencies import agencies
from dispatch.dossiers import preloaded
from dispatch.forms import Direction, HandoverForm
from dispatch.handover_drafts import drafts, signed_since
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handovers import desks_of, draw_up, expected, unknown_handover
from dispatch.papers import Paper, describe_papers
from dispatch.pickup_slips import missing_from_the_start
from dispatch.problems import Problem, unknown_order
from dispatch.scanning import LONGEST
from dispatch.shipment_queries import get_shipment
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.at_desk import add_scanned, may_read
from worker.web.board.entry import HandoverStaff, back_to, filled_in, operators_called, page
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/handovers", include_in_schema=False)

ON_ONE_PAGE = 50
_MOST_RECORDS = 30

AgencyField = Annotated[str, Form(max_length=60)]
DirectionField = Annotated[Direction, Form()]


@router.get("")
def handovers(
    request: Request,
    staff: HandoverStaff,
    runtime: RuntimeDep,
    agency: Annotated[str, Query(max_length=60)] = "",
    direction: Direction = Direction.TO_AGENCY,
    find: Annotated[str, Query(max_length=LONGEST)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """What changes hands at one agency's desk; ``find`` ticks one order, such as one from the list of troubles."""
    return _desk_page(request, staff, runtime, agency, direction, find, number, None)


@router.get("/line/{line_id}")
def record_of_line(line_id: int, _staff: HandoverStaff, runtime: RuntimeDep) -> RedirectResponse:
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
        return _desk_page(request, staff, runtime, agency, direction, "", 1, problem)
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
        return _desk_page(request, staff, runtime, agency, direction, "", 1, problem)
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


def _desk_page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    agency: str,
    direction: Direction,
    find: str,
    number: int,
    problem: Problem | None,
) -> HTMLResponse:
    context = runtime.context
    today = datetime.combine(local(context.clock.now()).date(), time.min, VIETNAM)
    with context.database.read() as session:
        scope = staff.scope(Permission.SIGN_HANDOVERS)
        desks = {code: name for code, name in agencies(session).items() if scope.covers(code)}
        chosen = agency if agency in desks else next(iter(desks), "")
        after = (number - 1) * ON_ONE_PAGE
        lines = expected(session, chosen, direction, most=ON_ONE_PAGE + 1, after=after)
        shown = lines[:ON_ONE_PAGE]
        with preloaded(session, {line.shipment.dossier_code for line in shown}):
            rows = [
                (
                    line.shipment,
                    [describe_papers([Paper(p.name, p.originals, p.copies)]) for p in line.papers],
                    missing_from_the_start(session, line.shipment),
                    may_read(session, staff, line.shipment),
                )
                for line in shown
            ]
        here = Handover.agency_code == chosen
        waiting = drafts(session, here, _MOST_RECORDS)
        signed = signed_since(session, here, today, _MOST_RECORDS)
    return page(
        request,
        staff,
        "handovers.html",
        here="handovers",
        status=problem.status if problem is not None else 200,
        desks=desks,
        agency=chosen,
        direction=direction,
        rows=rows,
        operators=operators_called([*(row[0].carrier for row in rows), *(r.carrier for r, _ in [*waiting, *signed])]),
        find=find,
        number=number,
        more=len(lines) > ON_ONE_PAGE,
        drafts=waiting,
        signed=signed,
        problem=problem,
    )


def _nothing_ticked() -> Problem:
    return Problem(
        "nothing-ticked",
        "Nothing was chosen",
        "No order was ticked, so no record was drawn up.",
        "Tick the papers that are on the counter, or scan them.",
        next_step_vi="Đánh dấu các đơn đang có tại quầy, hoặc quét mã.",
    )
