"""A new incident is reported: what went wrong with which order and papers, and who noticed it when.

What is lost, strayed or damaged is repaired and paid for by Decision 45/2016/QĐ-TTg Art. 14; a torn package is counted
and wrapped again (Circular 17/2017/TT-BTTTT Art. 11(2)). A delivery to the wrong person is not reported here: it is an
incident by its reversal (:mod:`tracking.wrong_delivery`), without which its papers would count as delivered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from dispatch.dossiers import Dossier, get_dossier
from dispatch.handover_lines import HandoverLine
from dispatch.problems import Problem
from dispatch.shipment_queries import shipments_of
from tracking.incidents.facts import IncidentKind
from tracking.incidents.forms import IncidentForm
from tracking.incidents.records import standings
from tracking.incidents.reports import report_incident, reported_before
from tracking.incidents.rows import incidents_of
from tracking.incidents.wording import kind_words
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import DossierStaff, FilledDep, LookoutDep, back_to, dossier_to_change, filled_in, page
from worker.web.board.fields import WHEN, Field, Shape, moment_of, new_number, number_of, shown, text_of
from worker.web.board.incident_refusals import wrongs
from worker.web.board.incidents import paper_names
from worker.web.board.refusals import unfit
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/dossiers/{code}/incident", include_in_schema=False)

_ = str

_CLIENT = "board"
_NO_ORDER = "none"
"""How the form says that no order is concerned; that nothing was chosen is something else."""

_KINDS = {kind: kind_words(kind) for kind in IncidentKind if kind is not IncidentKind.WRONG_RECIPIENT}

_WHAT = Field("what", _("What was seen"), hint=_("Ticked papers are written before it; at most 300 letters with them."))
_NOTICED = Field(WHEN, _("When it was noticed, if not now"), Shape.WHEN, needed=False)


@router.get("")
def ask(
    request: Request,
    code: CodePath,
    staff: DossierStaff,
    runtime: RuntimeDep,
    order: Annotated[str, Query(max_length=80)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    paper: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006 - FastAPI copies it
) -> HTMLResponse:
    """Ask what went wrong; a link from a signed record says with which order and papers."""
    known = FormData([("order", order), ("kind", kind), *(("papers", name) for name in paper)])
    return _form_page(request, staff, runtime, code, known, None)


@router.post("")
def report(
    request: Request,
    code: CodePath,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    filled: FilledDep,
) -> Response:
    """Open the incident and lead to it; the same form once more is the same one, a refusal leaves what was typed."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        dossier_to_change(session, runtime, staff, Permission.REPORT_INCIDENTS, code)
    try:
        with context.database.write() as session:
            incident_id, is_new = _note(session, runtime, staff, code, filled)
    except Problem as problem:
        return _form_page(request, staff, runtime, code, filled, problem)
    if is_new:
        context.ring("notices")
        lookout.forget()
    done = "incident-reported" if is_new else "incident-known"
    return back_to(f"/board/incidents/{incident_id}", done, noted="new")


def report_of_line(staff: Staff, dossier: Dossier, line: HandoverLine) -> str | None:
    """Return where to report what a line was rejected for; None where ``staff`` may not.

    What differs from the slip is an incident already, by both signatures (:mod:`tracking.acceptance`).
    """
    may = all(staff.may(one, dossier.agency_code) for one in (Permission.READ_DOSSIERS, Permission.REPORT_INCIDENTS))
    if not may or line.accepted is not False or line.discrepancy is not None:
        return None
    known = [("order", line.order_number), *(("paper", name) for name in line.missing_papers)]
    if line.missing_papers:
        known.append(("kind", IncidentKind.MISSING))
    return f"/board/dossiers/{dossier.code}/incident?{urlencode(known)}"


def _note(session: Session, runtime: Runtime, staff: Staff, code: str, filled: FormData) -> tuple[str, bool]:
    """Open the incident that a form tells of; returns its id, and whether it is new."""
    context, office, number = runtime.context, runtime.office, number_of(filled)
    dossier = get_dossier(session, code, lock=True)
    known = reported_before(session, office, code, _CLIENT, number)
    now = known.incident.opened.at if known is not None else context.clock.now()
    orders = [one.order_number for one in shipments_of(session, code)]
    form = _said(filled, code, number, orders, now)
    one = report_incident(session, context, office, form, _CLIENT)
    if known is None:
        details = {"incident": one.row.id, "kind": form.kind.value}
        audit.note(session, staff.actor, "incident.reported", subject=code, agency=dossier.agency_code, details=details)
    return one.row.id, known is None


def _said(filled: FormData, code: str, number: str, orders: Collection[str], now: datetime) -> IncidentForm:
    """Read what was filled in; the papers that were ticked stand before what was seen.

    Raises:
        Problem: something is missing or does not fit.
    """
    order, kind, what = (text_of(filled, name) for name in ("order", "kind", "what"))
    is_order = order in (_NO_ORDER, *orders)
    papers = "; ".join(dict.fromkeys(str(paper) for paper in filled.getlist("papers")))
    given = {
        "report_id": number,
        "dossier": code,
        "order_number": order if order != _NO_ORDER else None,
        "kind": kind if kind != IncidentKind.WRONG_RECIPIENT else None,
        "what": f"{papers}: {what}" if papers and what else what,
        "at": _moment(text_of(filled, WHEN), now),
        "by": text_of(filled, "by"),
    }
    try:
        form = filled_in(IncidentForm, given)
    except Problem as problem:
        problem.extra["fields"] |= {} if is_order else {"order": "missing"}
        raise
    if not is_order:
        raise unfit("order")
    return form


def _moment(text: str, now: datetime) -> datetime | None:
    """Return when it was noticed; None where that cannot be read, so that it is refused with whatever else is wrong."""
    try:
        return moment_of(text, now)
    except Problem:
        return None


def _form_page(
    request: Request, staff: Staff, runtime: Runtime, code: str, filled: FormData, problem: Problem | None
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        dossier = dossier_to_change(session, runtime, staff, Permission.REPORT_INCIDENTS, code)
        orders, names = shipments_of(session, code), paper_names(session, code)
        known = standings(session, runtime.office, incidents_of(session, code))
    papers = Field("papers", _("Which papers, if not all"), Shape.CHECKS, options=[(p, p) for p in names], said=True)
    return page(
        request,
        staff,
        "incident_report.html",
        status=problem.status if problem is not None else 200,
        dossier=dossier,
        kinds=_KINDS,
        orders=orders,
        no_order=_NO_ORDER,
        fields_of_it=[*([papers] if names else []), _WHAT, _noticed_by(staff), _NOTICED],
        open_ones=[(one, kind_words(one.incident.kind)) for one in known if one.incident.closed_at is None],
        once=new_number(),
        typed=filled,
        ticked=set(filled.getlist("papers")),
        **shown(problem, wrongs(problem)),
    )


def _noticed_by(staff: Staff) -> Field:
    return Field("by", _("Who noticed it"), starts=staff.display_name)
