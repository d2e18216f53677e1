"""A result that waits at the counter is handed out there: to whom, and what was shown for it.

Circular 17/2017/TT-BTTTT Art. 5(2)(d): whoever receives shows an identity paper; who is not the applicant, an
authorisation beside it. Of the paper's number the last digits are kept, and more of it is never shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from dispatch.change_forms import CounterPickupForm
from dispatch.dossiers import Dossier, get_dossier
from dispatch.problems import Problem
from dispatch.recipients import Relation
from tracking.counter import take_at_counter
from tracking.counter_facts import open_wait
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board import refusals
from worker.web.board.counted import moment
from worker.web.board.entry import DossierStaff, LookoutDep, back_to, dossier_to_change, filled_in, page
from worker.web.board.goals import Written
from worker.web.board.stays import note_read, stay_to_end
from worker.web.deps import RuntimeDep
from worker.web.dossiers import CodePath
from worker.web.staff import FormStaffDep

router = APIRouter(prefix="/board/dossiers/{code}/counter-pickup", include_in_schema=False)

_ = str

_RECEIVERS: Mapping[str, tuple[str, str]] = {
    Relation.RECIPIENT: (_("The applicant"), _("shows the identity paper")),
    Relation.AUTHORISED: (_("An authorised person"), _("shows the own identity paper and the written authorisation")),
    Relation.ORGANISATION: (
        _("Somebody of an organisation"),
        _("shows the own identity paper and the letter of introduction"),
    ),
}
"""Who may come for a result, and what each of them shows."""

_IDENTITY_PAPERS: Mapping[str, str] = {
    "cccd": _("identity card (căn cước)"),
    "cmnd": _("old identity card (CMND)"),
    "passport": _("passport"),
}

Short = Annotated[str, Form(max_length=40)]
_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """Who came, and what was shown, as it was typed."""

    who: str
    name: str
    id_kind: str
    id_last: str
    authorisation: str
    at: str

    def typed(self) -> dict[str, str]:
        """Return the fields, to be shown again; a whole number that was typed by mistake is not among them."""
        digits = self.id_last if len(self.id_last) <= _MOST_DIGITS else ""
        kept = {"who": self.who, "name": self.name, "id_kind": self.id_kind, "id_last": digits}
        return {**kept, "authorisation": self.authorisation, "at": self.at}


def _filled_in(
    who: Short = "",
    name: Written = "",
    id_kind: Short = "",
    id_last: Short = "",
    authorisation: Written = "",
    at: Short = "",
) -> Shown:
    digits = id_last.strip().upper()
    return Shown(who, name.strip(), id_kind, digits, authorisation.strip(), at.strip())


@router.get("")
def ask(request: Request, code: CodePath, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Show whose result it is and what is handed out; ask who came and what was shown."""
    return _page(request, staff, runtime, code, {}, None)


@router.post("")
def hand_out(
    request: Request,
    code: CodePath,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    shown: Annotated[Shown, Depends(_filled_in)],
) -> Response:
    """Write down who took it; where nothing waits any more, nothing is changed, and that is said."""
    context, place = runtime.context, f"/board/dossiers/{code}"
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        agency = dossier_to_change(session, runtime, staff, Permission.SIGN_HANDOVERS, code).agency_code
    try:
        with context.database.write() as session:
            dossier = get_dossier(session, code, lock=True)
            if open_wait(session, code) is None:
                return back_to(place, "nothing-at-counter")
            form = _form(shown, dossier, staff, context.clock.now())
            fact = take_at_counter(session, context, runtime.office, code, form)
            about: dict[str, Any] = {"subject": fact.order_number, "agency": agency, "details": {"who": shown.who}}
            audit.note(session, staff.actor, "result.collected", **about)
    except Problem as problem:
        return _page(request, staff, runtime, code, shown.typed(), problem)
    context.ring("booking")
    context.ring("notices")
    lookout.forget()
    return back_to(place, "result-collected")


def _form(shown: Shown, dossier: Dossier, staff: Staff, now: datetime) -> CounterPickupForm:
    """Read what was typed: an applicant is who the dossier says, and anybody else shows by what right they come.

    Raises:
        Problem: something is missing or does not fit.
    """
    in_person, wrong = shown.who == Relation.RECIPIENT, []
    if shown.who not in tuple(Relation):
        wrong.append("who")
    elif not in_person and not shown.authorisation:
        wrong.append("authorisation")
    at, readable = _moment(shown.at, now)
    if not readable:
        wrong.append("at")
    receiver = {
        "name": dossier.applicant_name if in_person else shown.name,
        "id_kind": shown.id_kind,
        "id_last": shown.id_last,
        "authorisation": None if in_person else shown.authorisation or None,
    }
    try:
        form = filled_in(CounterPickupForm, {"at": at, "officer": staff.display_name, "receiver": receiver})
    except Problem as problem:
        raise refusals.unfit(*wrong, *problem.extra["fields"]) from problem
    if wrong:
        raise refusals.unfit(*wrong)
    return form


def _moment(text: str, now: datetime) -> tuple[datetime, bool]:
    """Return when it was, and whether that could be read; what could not stands as now."""
    try:
        return moment(text, now), True
    except Problem:
        return now, False


def _page(
    request: Request, staff: Staff, runtime: Runtime, code: str, typed: dict[str, str], problem: Problem | None
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        stay = stay_to_end(session, runtime, staff, Permission.SIGN_HANDOVERS, code)
    note_read(runtime, staff, stay.dossier)
    return page(
        request,
        staff,
        "counter_pickup.html",
        here="results",
        status=problem.status if problem is not None else 200,
        stay=stay,
        receivers=_RECEIVERS,
        identity_papers=_IDENTITY_PAPERS,
        typed=typed,
        problem=problem,
        said=refusals.said(problem),
        faults=refusals.faults(problem),
    )
