"""One handover record: counted line by line by both sides, signed once, and never changed after that.

What is on it is kept by the server from the first scan on; what is being filled in stays in the browser's window until
it has been signed. Signing again, by a double click or by a colleague, changes nothing and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from dispatch.dossiers import Dossier, DossierPaper
from dispatch.fault import FaultReason
from dispatch.forms import Direction, SignatureForm
from dispatch.handover_doubts import Doubt, doubts
from dispatch.handover_drafts import drop_line
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handovers import get_handover, lines_of, papers_in, unknown_handover
from dispatch.papers import Paper, describe_papers
from dispatch.parties import Party
from dispatch.pickup_slips import missing_from_the_start
from dispatch.problems import Problem
from dispatch.rejections import FaultForm, name_party, payer_of
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from tracking.acceptance import sign_handover
from tracking.clock_facts import latest_version
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.at_desk import add_scanned, may_read
from worker.web.board.counted import signature
from worker.web.board.entry import FilledDep, HandoverStaff, LookoutDep, back_to, filled_in, operators_called, page
from worker.web.board.incident_reports import report_of_line
from worker.web.deps import RuntimeDep
from worker.web.handovers import HandoverId
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/handovers/{handover_id}", include_in_schema=False)

_SIGNED = "handover-signed"


@dataclass(frozen=True, slots=True)
class LineView:
    """One line: what should be in the envelope, and once it is signed, what came of it."""

    line: HandoverLine
    shipment: Shipment
    papers: list[DossierPaper]
    described: list[str]
    missing_before: list[str]
    doubts: list[Doubt]
    due: datetime | None
    payer: Party | None
    readable: bool
    report: str | None

    @property
    def fault_is_unclear(self) -> bool:
        """Whether a person has to say who pays for carrying it again."""
        return isinstance(self.line.fault_reason, FaultReason) and self.payer is None


@router.get("")
def record(request: Request, handover_id: HandoverId, staff: HandoverStaff, runtime: RuntimeDep) -> HTMLResponse:
    """A draft as a form, a signed record as it was signed; who signed, and whose papers these are, is noted as read."""
    with runtime.context.database.read() as session:
        handover = record_for(session, staff, handover_id)
    read = {"subject": handover.number, "agency": handover.agency_code}
    audit.note_now(runtime.context.database, staff.actor, "handover.read", **read)
    return _record_page(request, staff, runtime, handover_id, {}, None)


@router.post("/scan")
def scan(
    request: Request,
    handover_id: HandoverId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    text: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Put one more order on the draft."""
    with runtime.context.database.read() as session:
        handover = record_for(session, staff, handover_id)
    try:
        agency, direction = handover.agency_code, handover.direction
        _, outcome = add_scanned(runtime, staff, agency, direction, text, handover_id)
    except Problem as problem:
        return _record_page(request, staff, runtime, handover_id, {}, problem)
    return back_to(f"/board/handovers/{handover_id}", outcome, scan="1")


@router.post("/drop")
def drop(
    handover_id: HandoverId, staff: FormStaffDep, runtime: RuntimeDep, order: Annotated[str, Form(max_length=80)]
) -> RedirectResponse:
    """Take an order off the draft; it is expected again."""
    with runtime.context.database.write() as session:
        record_for(session, staff, handover_id)
        drop_line(session, handover_id, order)
    return back_to(f"/board/handovers/{handover_id}", "dropped")


@router.post("/sign")
def sign(
    request: Request,
    handover_id: HandoverId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    filled: FilledDep,
) -> Response:
    """Sign as the officer who is logged in, with the postman; from this moment on the agency's time runs."""
    context, place = runtime.context, f"/board/handovers/{handover_id}"
    with context.database.read() as session:
        handover = record_for(session, staff, handover_id)
        lines = lines_of(session, handover)
        numbers = [line.order_number for line in lines]
        doubtful = [number for number in numbers if doubts(session, handover, get_shipment(session, number))]
        if handover.signed_at is not None:
            return back_to(place, "signed-before")
    try:
        form = signature(filled, lines, doubtful, staff, context.clock.now())
        with context.database.write() as session:
            sign_handover(session, context, runtime.office, handover_id, form)
            number, agency = handover.number, handover.agency_code
            confirmed = {"confirmed": agreed} if (agreed := _given_in_doubt(form, doubtful)) else None
            audit.note(session, staff.actor, "handover.signed", subject=number, agency=agency, details=confirmed)
    except Problem as problem:
        if problem.kind == _SIGNED:  # a colleague was quicker by a moment
            return back_to(place, "signed-before")
        return _record_page(request, staff, runtime, handover_id, filled, problem)
    context.ring("notices")
    lookout.forget()
    return back_to(place, "signed" if handover.direction is Direction.TO_AGENCY else "signed-over")


@router.post("/fault")
def fault(
    handover_id: HandoverId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    order: Annotated[str, Form(max_length=80)],
    party: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=400)] = "",
) -> RedirectResponse:
    """Name who pays for carrying rejected papers again."""
    given = {"order": order, "party": party, "reason": reason, "officer": staff.display_name}
    form = filled_in(FaultForm, given)
    with runtime.context.database.write() as session:
        handover = record_for(session, staff, handover_id)
        name_party(session, handover_id, form, runtime.context.clock.now())
        audit.note(session, staff.actor, "handover.fault-named", subject=order, agency=handover.agency_code)
    lookout.forget()
    return back_to(f"/board/handovers/{handover_id}", "fault-named")


def record_for(session: Session, staff: Staff, handover_id: int) -> Handover:
    """Return a record of an agency whose records ``staff`` signs; another's is answered as an unknown one.

    Raises:
        Problem: there is none, or it is not theirs.
    """
    handover = get_handover(session, handover_id)
    if not staff.may(Permission.SIGN_HANDOVERS, handover.agency_code):
        raise unknown_handover(handover_id)
    return handover


def _record_page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    handover_id: int,
    filled: FormData | Mapping[str, str],
    problem: Problem | None,
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        handover = record_for(session, staff, handover_id)
        lines = [_view(session, staff, handover, line) for line in lines_of(session, handover)]
    return page(
        request,
        staff,
        "record.html",
        here="handovers",
        status=problem.status if problem is not None else 200,
        handover=handover,
        operator=operators_called([handover.carrier])[handover.carrier],
        lines=lines,
        filled=filled,
        ticked=set(filled.multi_items()) if isinstance(filled, FormData) else set(),
        scanning=bool(request.query_params.get("scan")) or request.url.path.endswith("/scan"),
        problem=problem,
    )


def _given_in_doubt(form: SignatureForm, doubtful: list[str]) -> list[str]:
    return [line.order for line in form.lines if line.accepted and line.order in doubtful]


def _view(session: Session, staff: Staff, handover: Handover, line: HandoverLine) -> LineView:
    shipment = get_shipment(session, line.order_number)
    papers = papers_in(session, shipment, handover.direction)
    version = latest_version(session, shipment.dossier_code) if line.accepted else None
    return LineView(
        line=line,
        shipment=shipment,
        papers=papers,
        described=[describe_papers([Paper(p.name, p.originals, p.copies)]) for p in papers],
        missing_before=missing_from_the_start(session, shipment),
        doubts=doubts(session, handover, shipment),
        due=version.due if version else None,
        payer=payer_of(session, line),
        readable=may_read(session, staff, shipment),
        report=report_of_line(staff, session.get_one(Dossier, shipment.dossier_code), line),
    )
