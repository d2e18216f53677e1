"""The evidence of an incident: photos and documents are added by a form, and read back one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier
from dispatch.problems import Problem
from tracking.incidents.evidence import EvidenceStore
from tracking.incidents.facts import Evidence
from tracking.incidents.forms import EvidenceForm
from tracking.incidents.records import standing_of_row
from tracking.incidents.reports import add_evidence, find_evidence
from tracking.incidents.rows import IncidentRow
from tracking.incidents.wording import kind_words
from worker.access import audit
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.runtime import Runtime
from worker.web.board.entry import DossierStaff, LookoutDep, back_to, filled_in, page
from worker.web.board.fields import NOT_YET, misfits, moment_of, shown
from worker.web.board.incident_refusals import CLOSED
from worker.web.board.incidents import incident_for
from worker.web.deps import RuntimeDep
from worker.web.incidents import FILES, IncidentId, Sha256, unknown_evidence
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/incidents/{incident_id}" + FILES, include_in_schema=False)

_ = str

Written = Annotated[str, Form(max_length=400)]
_BESIDE = {
    "evidence-type": ("file", _("This is neither a JPEG or PNG photo nor a PDF document: choose another file.")),
    "evidence-unsaid": ("file", _("No file was chosen.")),
    "incident-fact": ("at", NOT_YET),
    "incident-closed": ("", CLOSED),
}
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


@router.get("")
def ask(request: Request, incident_id: IncidentId, staff: DossierStaff, runtime: RuntimeDep) -> HTMLResponse:
    """Ask for a file and what it shows."""
    return _form_page(request, staff, runtime, incident_id, {}, None)


@router.post("")
def upload(
    request: Request,
    incident_id: IncidentId,
    staff: FormStaffDep,
    runtime: RuntimeDep,
    lookout: LookoutDep,
    file: Annotated[UploadFile | None, File()] = None,
    shows: Annotated[str, Form(max_length=20)] = "",
    caption: Written = "",
    at: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Keep a file; the same one again is kept once."""
    context, place = runtime.context, f"/board/incidents/{incident_id}"
    typed = {"shows": shows, "caption": caption, "at": at}
    with context.database.read() as session:  # a refusal is noted, for which nobody may hold the write lock
        row, dossier = _to_add(session, runtime, staff, incident_id)
        known = {one.sha256 for one in standing_of_row(session, runtime.office, row).incident.evidence}
    try:
        content = file.file.read() if file is not None else b""
        form = _said(typed, staff, runtime)
        if not content:
            raise _no_file()
        with context.database.write() as session:
            _, fact = add_evidence(session, context, runtime.office, incident_id, content, form)
            if fact.sha256 not in known:
                agency, details = dossier.agency_code, {"sha256": fact.sha256}
                audit.note(
                    session,
                    staff.actor,
                    "incident.evidence-added",
                    subject=incident_id,
                    agency=agency,
                    details=details,
                )
    except Problem as problem:
        return _form_page(request, staff, runtime, incident_id, typed, problem)
    lookout.forget()
    return back_to(place, "evidence-known" if fact.sha256 in known else "evidence-added", noted="evidence")


@router.get("/{sha256}")
def download(incident_id: IncidentId, sha256: Sha256, staff: DossierStaff, runtime: RuntimeDep) -> Response:
    """One file, checked against its SHA-256; it may name people, so whoever reads it is noted."""
    with runtime.context.database.read() as session:
        row, dossier = incident_for(session, staff, incident_id)
        check(runtime, staff, Permission.READ_PERSONAL_DATA, dossier.agency_code)
        fact = find_evidence(standing_of_row(session, runtime.office, row), sha256)
    if fact is None:
        raise unknown_evidence(incident_id, sha256)
    read = {"subject": incident_id, "agency": dossier.agency_code, "details": {"sha256": sha256}}
    audit.note_now(runtime.context.database, staff.actor, "evidence.read", **read)
    content = EvidenceStore.of(runtime.context.settings).get(sha256)
    return Response(content, media_type=fact.media_type, headers=_as_file(incident_id, fact))


def _as_file(incident_id: str, fact: Evidence) -> dict[str, str]:
    name = f"{incident_id}-{fact.sha256[:8]}.{_ENDINGS.get(fact.media_type, 'bin')}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _to_add(session: Session, runtime: Runtime, staff: Staff, incident_id: str) -> tuple[IncidentRow, Dossier]:
    row, dossier = incident_for(session, staff, incident_id)
    check(runtime, staff, Permission.REPORT_INCIDENTS, dossier.agency_code)
    return row, dossier


def _said(typed: dict[str, str], staff: Staff, runtime: Runtime) -> EvidenceForm:
    return filled_in(
        EvidenceForm, {**typed, "at": moment_of(typed["at"], runtime.context.clock.now()), "by": staff.display_name}
    )


def _form_page(
    request: Request,
    staff: Staff,
    runtime: Runtime,
    incident_id: str,
    typed: dict[str, str],
    problem: Problem | None,
) -> HTMLResponse:
    with runtime.context.database.read() as session:
        row, _dossier = _to_add(session, runtime, staff, incident_id)
        one = standing_of_row(session, runtime.office, row)
    said = _BESIDE.get(problem.kind) if problem is not None else None
    return page(
        request,
        staff,
        "incident_evidence.html",
        status=problem.status if problem is not None else 200,
        one=one,
        kind=kind_words(one.incident.kind),
        largest=runtime.context.settings.max_evidence_bytes // 1_000_000,
        typed=typed,
        **shown(problem, {said[0]: said[1]} if said is not None else misfits(problem)),
    )


def _no_file() -> Problem:
    return Problem(
        "evidence-unsaid",
        "No file was chosen",
        "The form came without a file.",
        "Choose a photo or a document and send the form again.",
        next_step_vi="Chọn ảnh hoặc tài liệu rồi gửi lại.",
    )
