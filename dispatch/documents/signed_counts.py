"""What stands under a slip: the count that was signed at the door, or with the record by which the agency let it go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.documents.contents import PaperLine, SlipSignatures
from dispatch.documents.document import written
from dispatch.forms import Direction
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.money.statements.words import spoken as dong
from dispatch.pickup_slips import PickupSlip, standing_slip
from dispatch.shipments import Leg, Shipment


@dataclass(frozen=True, slots=True)
class SignedCount:
    """What was counted, what was known to be missing, and who signed."""

    papers: tuple[PaperLine, ...]
    missing: tuple[str, ...]
    signatures: SlipSignatures


def signed_count(session: Session, shipment: Shipment) -> SignedCount | None:
    """Return what was signed of a shipment's papers; None while nobody has."""
    if shipment.leg is Leg.SEND:
        slip = standing_slip(session, shipment)
        return _at_the_door(slip) if slip is not None else None
    query = (
        select(Handover)
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .where(HandoverLine.order_number == shipment.order_number, HandoverLine.accepted.is_(True))
        .where(Handover.direction == Direction.TO_POST)
    )
    record = session.scalars(query).first()
    return _by_record(session, shipment, record) if record is not None else None


def _at_the_door(slip: PickupSlip) -> SignedCount:
    signatures = SlipSignatures(
        number=slip.number,
        postman=slip.postman,
        postman_at=written(slip.postman_signed_at),
        sender=slip.citizen,
        sender_at=written(slip.citizen_signed_at),
        seal=slip.seal_number or "",
        fee=dong(slip.fee_vnd) if slip.fee_vnd else "",
        fee_receipt=slip.fee_receipt or "",
    )
    return SignedCount(tuple(PaperLine(*line) for line in slip.counted), tuple(slip.missing), signatures)


def _by_record(session: Session, shipment: Shipment, record: Handover) -> SignedCount:
    evidence = f"{record.number}/{shipment.order_number}"
    moved = [paper for paper, fact in custody.chain(session, shipment.dossier_code) if fact.evidence == evidence]
    papers = tuple(PaperLine(paper.name, paper.originals, paper.copies) for paper in moved)
    at, postman, officer = written(record.signed_at), record.postman or "", record.officer or ""
    return SignedCount(papers, (), SlipSignatures(record.number, postman, at, officer, at))
