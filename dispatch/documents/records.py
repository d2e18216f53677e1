"""Handover records, requests to complete a dossier and the postman's manifest, gathered from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from config.clock import local
from dispatch import custody
from dispatch.citizens import Citizen
from dispatch.contacts import national_phone
from dispatch.documents.contents import FormContent, HandoverContent, ManifestContent, ManifestLine, Person, RecordLine
from dispatch.documents.document import Document, written
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.parcels import carrier_title, pickup_words
from dispatch.dossiers import DossierPaper, get_dossier
from dispatch.forms import Direction
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handovers import SEALED, ExpectedLine, expected, get_handover, lines_of, papers_in
from dispatch.money.statements.words import spoken as dong
from dispatch.papers import Paper, describe_papers
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from dispatch.supplement_form import SupplementForm
from dispatch.transfers import transfer_of

_FORM_02 = (
    "(Courtesy note. The Vietnamese text is the form.) The counter did not take the papers and asks for what is listed "
    "above, all of it at once. The time limit has not begun; it begins when everything is there."
)


def handover(session: Session, subject: str) -> Document:
    """Gather a handover record by its id: the draft as it stands, or what was signed.

    Raises:
        Problem: there is no such record.
    """
    record = get_handover(session, int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 10 else 0)
    lines = lines_of(session, record)
    verdicts = [line.accepted for line in lines]
    content = HandoverContent(
        record=record.number,
        agency=agency_name(session, record.agency_code, get_shipment(session, lines[0].order_number)),
        agency_code=record.agency_code,
        carrier=carrier_title(record.carrier),
        outward=record.direction is Direction.TO_POST,
        sealed=record.sealed,
        drawn_up_at=written(record.drawn_up_at),
        signed_at=written(record.signed_at),
        officer=record.officer or "",
        postman=record.postman or "",
        accepted=verdicts.count(True),
        rejected=verdicts.count(False),
        lines=tuple(_line(session, record, line) for line in lines),
        qr=record.number,
    )
    validity = Validity.SIGNED if record.signed_at else Validity.DRAFT
    return Document.of(DocumentKind.HANDOVER, str(record.id), record.agency_code, validity, content)


def supplement(session: Session, number: str) -> Document:
    """Gather form 02 by its number, in the words with which it was issued.

    Raises:
        Problem: none was issued under this number.
    """
    form = session.get(SupplementForm, number)
    if form is None:
        raise Problem(
            "unknown-supplement-form",
            "Unknown form 02",
            f"No request to complete a dossier has the number '{number[:120]}'.",
            "Look its number up among the forms of the dossier.",
            next_step_vi="Tra số phiếu yêu cầu bổ sung trong danh sách phiếu của hồ sơ.",
            next_step_api="Look its number up with GET /v1/dossiers/{code}/supplement-forms.",
            status=404,
        )
    dossier = get_dossier(session, form.dossier_code)
    title, *lines, _signed_by = form.text_vi.split("\n")
    content = FormContent(dossier.agency_name, title, tuple(lines), written(form.issued_at), form.officer, _FORM_02)
    return Document.of(DocumentKind.SUPPLEMENT, number, dossier.agency_code, Validity.SIGNED, content)


def manifest(session: Session, subject: str, now: datetime) -> Document:
    """Gather what waits at an agency for an operator's postman; ``subject`` names both as ``H14.10:vnpost_ngsp``.

    Raises:
        Problem: the subject does not name both, or nothing waits there.
    """
    agency, _, carrier = subject.partition(":")
    waiting = [line for line in expected(session, agency, Direction.TO_POST) if line.shipment.carrier == carrier]
    if not waiting:
        raise Problem(
            "nothing-to-collect",
            "Nothing waits for the postman",
            f"'{subject[:120]}': no parcel of that agency waits for that operator.",
            "Look at what waits for the postman at that agency; name agency and operator as H14.10:vnpost_ngsp.",
            next_step_vi="Ghi mã cơ quan và bưu điện, ví dụ H14.10:vnpost_ngsp; kiểm tra danh sách kết quả chờ giao.",
            next_step_api="Name agency and operator as H14.10:vnpost_ngsp; what waits: GET /v1/handovers/expected.",
            status=404,
        )
    collect = sum(line.shipment.cod_vnd for line in waiting)
    content = ManifestContent(
        agency=agency_name(session, agency, waiting[0].shipment),
        agency_code=agency,
        carrier=carrier_title(carrier),
        day=written(local(now).date()),
        total_to_collect=dong(collect),
        lines=tuple(_manifest_line(line) for line in waiting),
    )
    return Document.of(DocumentKind.MANIFEST, subject, agency, Validity.PLAIN, content)


def agency_name(session: Session, agency: str, shipment: Shipment) -> str:
    """Return the name of an agency at whose desk the papers of a shipment change hands."""
    if shipment.leg is Leg.TRANSFER:
        transfer = transfer_of(session, shipment)
        return transfer.to_name if agency == transfer.to_agency else transfer.from_name
    return get_dossier(session, shipment.dossier_code).agency_name


def _line(session: Session, record: Handover, line: HandoverLine) -> RecordLine:
    shipment = get_shipment(session, line.order_number)
    counted = [Paper(one.name, one.originals, one.copies) for one in _papers(session, record, shipment)]
    return RecordLine(
        order_number=line.order_number,
        slip_number=shipment.slip_number or line.order_number,
        dossier=shipment.dossier_code,
        papers=SEALED if record.sealed else describe_papers(counted),
        accepted=line.accepted,
        remarks=tuple(_remarks(line)),
    )


def _papers(session: Session, record: Handover, shipment: Shipment) -> Sequence[DossierPaper]:
    """What was counted under the signatures, by the facts of custody that they made; before them, what is there."""
    if record.signed_at is None:
        return papers_in(session, shipment, record.direction)
    evidence = f"{record.number}/{shipment.order_number}"
    return [paper for paper, fact in custody.chain(session, shipment.dossier_code) if fact.evidence == evidence]


def _remarks(line: HandoverLine) -> list[str]:
    missing = ", ".join(str(name) for name in line.missing_papers)
    broken = "niêm phong không nguyên vẹn / seal broken" if line.seal_intact is False else ""
    said = (line.reason, f"thiếu / missing: {missing}" if missing else "", line.discrepancy, broken)
    return [one for one in said if one]


def _manifest_line(line: ExpectedLine) -> ManifestLine:
    shipment, citizen = line.shipment, Citizen.from_text(line.shipment.citizen)
    return ManifestLine(
        order_number=shipment.order_number,
        waybill=shipment.waybill or "",
        dossier=shipment.dossier_code,
        receiver=Person(citizen.name, citizen.address, national_phone(citizen.phone)),
        pieces=sum(paper.originals + paper.copies for paper in line.papers),
        to_collect=dong(shipment.cod_vnd) if shipment.cod_vnd else "",
        pickup=pickup_words(shipment),
        qr=shipment.order_number,
    )
