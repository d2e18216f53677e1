"""What people report of incidents from outside: a new one, or a file."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import get_dossier
from dispatch.problems import Problem, unknown_order
from dispatch.shipments import Shipment
from tracking.incidents.evidence import EvidenceStore, media_type_of
from tracking.incidents.facts import EVIDENCE, Evidence, Opened
from tracking.incidents.forms import EvidenceForm, IncidentForm
from tracking.incidents.opening import Alarm, open_incident
from tracking.incidents.records import Standing, report, standing_of, standing_of_row
from tracking.incidents.rows import opened_for
from tracking.office import Office

_CLOCK_SKEW = timedelta(minutes=5)


def report_incident(session: Session, context: Context, office: Office, form: IncidentForm, client: str) -> Standing:
    """Open an incident; the same report again is the same incident.

    Raises:
        Problem: dossier or order are unknown or do not belong together, the report lies in the future, or its id was
            used for another one.
    """
    dossier = get_dossier(session, form.dossier, lock=True)
    shipment = _shipment(session, form)
    now = context.clock.now()
    if form.at > now + _CLOCK_SKEW:
        raise _cannot(
            "event-in-future", f"It is dated {form.at.isoformat()}, and now is {local(now).isoformat()}.", 422
        )
    cause = _cause(client, form.report_id)
    alarm = Alarm(kind=form.kind, what=form.what, cause=cause, at=form.at, by=form.by)
    standing = standing_of_row(session, office, open_incident(session, context, office, dossier, shipment, alarm))
    if not _same(standing, form):
        raise _cannot("report-id", f"'{form.report_id}' was sent before with another content.", 409)
    return standing


def reported_before(
    session: Session, office: Office, dossier_code: str, client: str, report_id: str
) -> Standing | None:
    """Return the incident that an earlier sending of a report has opened, if there was one."""
    row = opened_for(session, dossier_code, _cause(client, report_id))
    return standing_of_row(session, office, row) if row is not None else None


def add_evidence(
    session: Session,
    context: Context,
    office: Office,
    incident_id: str,
    content: bytes,
    form: EvidenceForm,
) -> tuple[Standing, Evidence]:
    """Keep a file as evidence. The same file twice is once: what was said of it first stands.

    Raises:
        Problem: the incident is unknown or closed, or the file is none that is taken.
    """
    media_type = media_type_of(content)
    digest = EvidenceStore.of(context.settings).put(content)
    known = find_evidence(standing_of(session, office, incident_id), digest)
    if known is not None:
        return standing_of(session, office, incident_id), known
    fact = Evidence(
        fact_id=f"{EVIDENCE}{digest}", sha256=digest, size=len(content), media_type=media_type, **form.model_dump()
    )
    return report(session, context, office, incident_id, fact), fact


def find_evidence(standing: Standing, digest: str) -> Evidence | None:
    """Return the evidence with this SHA-256, or None where the incident has none."""
    return next((one for one in standing.incident.evidence if one.sha256 == digest), None)


def _cause(client: str, report_id: str) -> str:
    return f"report:{client}:{report_id}"


def _shipment(session: Session, form: IncidentForm) -> Shipment | None:
    if form.order_number is None:
        return None
    shipment = session.get(Shipment, form.order_number)
    if shipment is None or shipment.dossier_code != form.dossier:
        raise unknown_order(form.order_number)
    return shipment


def _same(standing: Standing, form: IncidentForm) -> bool:
    opened: Opened = standing.incident.opened
    known = (opened.kind, opened.what, opened.at, opened.by, standing.row.order_number)
    return known == (form.kind, form.what, form.at, form.by, form.order_number)


def _cannot(kind: str, why: str, status: int) -> Problem:
    return Problem(
        kind,
        "The report cannot be taken",
        why,
        "Report what has happened, with its time and zone, each incident under an id of its own.",
        next_step_vi="Ghi nhận việc đã xảy ra, kèm thời điểm và múi giờ; mỗi sự cố một mã riêng.",
        status=status,
    )
