"""Papers to print from where a clerk is: slips, labels, records, notices, forms, letters; each numbered and noted."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from dispatch.documents.kinds import DocumentKind
from dispatch.dossiers import Dossier
from dispatch.handovers import get_handover, unknown_handover
from tracking.apologies.refusals import unknown as unknown_apology
from tracking.apologies.signing import get_apology
from tracking.documents.printing import print_documents
from worker.access import audit, reach
from worker.access.actor import Staff
from worker.access.roles import Permission
from worker.web.board.entry import shipment_for
from worker.web.deps import RuntimeDep
from worker.web.staff import FormStaffDep, check

router = APIRouter(prefix="/board/print", include_in_schema=False)

Kind = Literal[
    DocumentKind.SLIP,
    DocumentKind.LABEL,
    DocumentKind.HANDOVER,
    DocumentKind.UNDELIVERABLE,
    DocumentKind.APOLOGY,
    DocumentKind.SUPPLEMENT,
]


@router.post("")
def print_one(
    staff: FormStaffDep,
    runtime: RuntimeDep,
    kind: Annotated[Kind, Form()],
    subject: Annotated[str, Form(pattern=r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,119}$")],
) -> Response:
    """Print one document; printed again, it is marked as a copy."""
    with runtime.context.database.read() as session:
        agency = _agency_of(session, staff, kind, subject)
    check(runtime, staff, Permission.PRINT_DOCUMENTS, agency)
    printed = print_documents(runtime.context, runtime.office, kind, [subject], staff.username)
    number = printed.issues[0].number
    details = {"kind": kind.value, "number": number}
    audit.note_now(
        runtime.context.database, staff.actor, "document.printed", subject=subject, agency=agency, details=details
    )
    name = f"{number.replace('/', '-')}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(printed.pdf, media_type="application/pdf", headers=headers)


def _agency_of(session: Session, staff: Staff, kind: DocumentKind, subject: str) -> str:
    """Return whose document it is; what is another agency's is answered as what nobody knows."""
    if kind is DocumentKind.HANDOVER or kind is DocumentKind.APOLOGY:
        number = int(subject) if subject.isdigit() and len(subject) < 10 else -1
        if kind is DocumentKind.HANDOVER:
            agency, unknown = get_handover(session, number).agency_code, unknown_handover(number)
        else:
            apology = get_apology(session, number)
            agency, unknown = session.get_one(Dossier, apology.dossier_code).agency_code, unknown_apology(number)
        if not staff.may(Permission.READ_DOSSIERS, agency):
            raise unknown
        return agency
    if kind is DocumentKind.SUPPLEMENT:
        named = reach.Named(reach.Kind.SUPPLEMENT, subject)
        owner = reach.agency_of(session, named)
        if owner is None or not staff.may(Permission.READ_DOSSIERS, owner):
            raise reach.unknown(named)
        return owner
    return shipment_for(session, staff, Permission.READ_DOSSIERS, subject)[1].agency_code
