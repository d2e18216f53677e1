"""An incident: how it stands and what is due next, and a form for each fact that may be written down.

What is written down stands. A form that is sent twice is one fact, by the number with which it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from config.calendars import MissingCalendarYear
from config.clock import local
from dispatch.custody import papers_in_use
from dispatch.dossiers import Dossier, get_dossier
from dispatch.problems import Problem
from tracking.deadlines.rules import Rule, RuleId, RuleNotInForceError, Rules
from tracking.incidents.facts import CompensationPaid, CompensationWaived, FactForm, RefundCounted
from tracking.incidents.records import Standing, add, standing_of_row
from tracking.incidents.rows import IncidentRow, unknown_incident
from tracking.incidents.wording import fact_words, kind_words, next_words
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import DossierStaff, FilledDep, LookoutDep, back_to, page
from worker.web.board.fields import WHEN, new_number, shown, text_of
from worker.web.board.incident_facts import fact_of
from worker.web.board.incident_offers import SETTLES, sheet, sheets
from worker.web.board.incident_refusals import wrongs
from worker.web.board.incident_sheets import Sheet
from worker.web.board.refusals import unfit
from worker.web.deps import RuntimeDep
from worker.web.incidents import IncidentId
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/incidents/{incident_id}", include_in_schema=False)

_ = str

_PAYS = (CompensationPaid, CompensationWaived, RefundCounted)


@dataclass(frozen=True, slots=True)
class LastDay:
    """A last day by law; ``done_at`` is when what it is for was done, and ``is_over`` that it was not in time."""

    what: str
    day: date
    rule: Rule
    done_at: datetime | None
    is_over: bool


@router.get("")
def incident(request: Request, incident_id: IncidentId, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """What happened, what is due next and by when, every fact, and what may be written down now."""
    with runtime.context.database.read() as session:
        row, dossier = incident_for(session, staff, incident_id)
        one = standing_of_row(session, runtime.office, row)
        names = paper_names(session, row.dossier_code)
    agency = dossier.agency_code
    audit.note_now(runtime.context.database, staff.actor, "incident.read", subject=incident_id, agency=agency)
    offered = sheets(one, names) if staff.may(Permission.MANAGE_INCIDENTS, agency) else []
    today = local(runtime.context.clock.now()).date()
    return page(
        request,
        staff,
        "incident.html",
        dossier=dossier,
        one=one,
        kind=kind_words(one.incident.kind),
        next=next_words(one.next, one.incident) if one.next is not None else None,
        first=next((each for each in offered if one.next and each.name == SETTLES[one.next.kind]), None),
        offered=offered,
        needs_files=staff.may(Permission.REPORT_INCIDENTS, agency) and one.incident.closed_at is None,
        files=one.incident.evidence if staff.may(Permission.READ_PERSONAL_DATA, agency) else None,
        last_days=list(_last_days(one, runtime.office.rules, today)),
        story=[(stated.form, fact_words(stated.form)) for stated in one.facts],
        noted=request.query_params.get("noted", ""),
    )


@router.get("/facts/{name}")
def ask(request: Request, incident_id: IncidentId, name: str, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Ask for what a fact says, and say what follows from it."""
    return _form_page(request, staff, runtime, incident_id, name, FormData(), None)


@router.post("/facts/{name}")
def write_down(
    request: Request,
    incident_id: IncidentId,
    name: str,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    filled: FilledDep,
) -> Response:
    """Write a fact down; the same form once more changes nothing, and a refusal leaves what was typed."""
    context = runtime.context
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        asked = _to_write(session, runtime, staff, incident_id, name)[0]
    try:
        with context.database.write() as session:
            is_new = _note(session, runtime, staff, incident_id, name, filled)
    except Problem as problem:
        return _form_page(request, staff, runtime, incident_id, name, filled, problem)
    if is_new:
        context.ring("notices")
        lookout.forget()
    done = ("incident-closed" if asked.ends else "fact-noted") if is_new else "fact-noted-before"
    return back_to(f"/board/incidents/{incident_id}", done, noted=name)


def incident_for(session: Session, staff: Staff, incident_id: str) -> tuple[IncidentRow, Dossier]:
    """Return an incident of an agency whose dossiers ``staff`` reads; another agency's is answered as an unknown one.

    Raises:
        Problem: there is none, or it is not theirs.
    """
    row = session.get(IncidentRow, incident_id)
    dossier = session.get_one(Dossier, row.dossier_code) if row is not None else None
    if row is None or dossier is None or not staff.may(Permission.READ_DOSSIERS, dossier.agency_code):
        raise unknown_incident(incident_id)
    return row, dossier


def paper_names(session: Session, dossier_code: str) -> list[str]:
    """Return what the papers of a dossier are called, each name once."""
    return list(dict.fromkeys(paper.name for paper in papers_in_use(session, dossier_code)))


def _note(session: Session, runtime: Runtime, staff: Staff, incident_id: str, name: str, filled: FormData) -> bool:
    """Add the fact that a form says; returns whether it is new. Whoever sends at the same moment waits for this."""
    context, office = runtime.context, runtime.office
    row, dossier = incident_for(session, staff, incident_id)
    dossier = get_dossier(session, dossier.code, lock=True)
    known = standing_of_row(session, office, row).facts
    fact, is_known = fact_of(name, filled, staff.display_name, context.clock.now(), known)
    if is_known:
        return False
    try:
        add(session, context, office, dossier, row, fact)
    except (RuleNotInForceError, MissingCalendarYear) as error:
        if not text_of(filled, WHEN):
            raise
        raise unfit(WHEN) from error  # mistyped: nobody knows which days counted in that year
    agency, details = dossier.agency_code, {"fact": fact.type}
    audit.note(session, staff.actor, "incident.noted", subject=incident_id, agency=agency, details=details)
    return True


def _form_page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    incident_id: str,
    name: str,
    filled: FormData,
    problem: Problem | None,
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        asked, one, names = _to_write(session, runtime, staff, incident_id, name)
    return page(
        request,
        staff,
        "incident_fact.html",
        status=problem.status if problem is not None else 200,
        one=one,
        kind=kind_words(one.incident.kind),
        sheet=asked,
        # What has been refused stays to be read and corrected, also where a colleague was quicker.
        fits=problem is not None or any(each.name == name for each in sheets(one, names)),
        once=new_number(),
        typed=filled,
        ticked=set(filled.getlist("papers")),
        **shown(problem, wrongs(problem)),
    )


def _to_write(
    session: Session, runtime: Runtime, staff: Staff, incident_id: str, name: str
) -> tuple[Sheet, Standing, list[str]]:
    """Return the form for a fact of an incident about which ``staff`` may write.

    Raises:
        Problem: there is no such incident or fact, or they may not.
    """
    row, dossier = incident_for(session, staff, incident_id)
    check(runtime, staff, Permission.MANAGE_INCIDENTS, dossier.agency_code)
    one, names = standing_of_row(session, runtime.office, row), paper_names(session, dossier.code)
    asked = sheet(one, names, name)
    if asked is None:
        raise _no_such_fact(name)
    return asked, one, names


def _last_days(one: Standing, rules: Rules, today: date) -> Iterator[LastDay]:
    incident, last = one.incident, one.last
    paid = [stated.form.at for stated in one.facts if isinstance(stated.form, _PAYS)]
    for what, day, rule, done_at in (
        (_("Complaint to the post"), last.complaint, RuleId.COMPLAINT_WINDOW, _at(incident.complaint)),
        (_("Answer of the post"), last.answer, RuleId.COMPLAINT_ANSWER, _at(incident.answer)),
        (
            _("Compensation"),
            last.compensation,
            RuleId.COMPENSATION_TERM,
            None if incident.outstanding else max(paid, default=None),
        ),
    ):
        is_owed = rule is not RuleId.COMPENSATION_TERM or incident.claims
        if day is not None and is_owed:
            is_over = done_at is None and incident.closed_at is None and day < today
            yield LastDay(what, day, rules.at(rule, today), done_at, is_over)


def _at(fact: FactForm | None) -> datetime | None:
    return fact.at if fact is not None else None


def _no_such_fact(name: str) -> Problem:
    return Problem(
        "unknown-fact",
        "There is no such form",
        f"'{name[:40]}' is nothing that is written down of an incident.",
        "Go back to the incident and choose a form there.",
        next_step_vi="Không có biểu mẫu này. Quay lại trang sự cố và chọn biểu mẫu ở đó.",
        status=404,
    )
