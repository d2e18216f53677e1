"""The dossier slip (phiếu gửi hồ sơ): what the postman and the citizen counted and signed at the door.

Decision 45/2016/QĐ-TTg Art. 6. A slip is never changed. One that is at odds with the slip by which the papers were
taken is kept as a contradiction, with the name of the postman who signed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, EncryptedText, UtcDateTime
from dispatch import custody
from dispatch.checklist_choice import Item, same_name
from dispatch.checklist_forms import Decision, PickupRecordForm
from dispatch.checklists import kept_or_current
from dispatch.dossiers import Dossier, DossierPaper, PaperKind, papers_of
from dispatch.papers import Paper, name_on_list
from dispatch.pickup_count import RULE, Count, count
from dispatch.problems import Problem
from dispatch.shipments import BookingState, Leg, Shipment

_CLOCK_SKEW = timedelta(minutes=5)
_AT_ODDS = text("contradicts IS NOT NULL")


class PickupSlip(Base):
    """One signed slip. ``contradicts`` is the number of the slip that it cannot stand beside; it then moves nothing."""

    __tablename__ = "pickup_slip"
    __table_args__ = (
        UniqueConstraint("order_number", "digest"),
        Index("ix_pickup_slip_at_odds", "recorded_at", sqlite_where=_AT_ODDS, postgresql_where=_AT_ODDS),
    )

    number: Mapped[str] = mapped_column(String(100), primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    checklist_id: Mapped[int | None] = mapped_column(ForeignKey("checklist.id"))
    counted: Mapped[list[Any]]
    missing: Mapped[list[Any]]
    decision: Mapped[Decision | None]
    postman: Mapped[str] = mapped_column(String(300))
    postman_signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    citizen: Mapped[str] = mapped_column(EncryptedText)
    citizen_signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seal_number: Mapped[str | None] = mapped_column(String(60))
    fee_vnd: Mapped[int] = mapped_column(BigInteger)
    fee_receipt: Mapped[str | None] = mapped_column(String(60))
    contradicts: Mapped[str | None] = mapped_column(String(100))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def signed_at(self) -> datetime:
        """When it was signed by both: from then on it stands."""
        return max(self.postman_signed_at, self.citizen_signed_at)

    @property
    def takes_papers(self) -> bool:
        """Whether the postman took the papers with him."""
        return self.decision is not Decision.WAIT


def record_slip(
    session: Session, dossier: Dossier, shipment: Shipment, form: PickupRecordForm, now: datetime
) -> tuple[PickupSlip, bool]:
    """Keep a slip of a leg whose dossier is locked; tells whether it is new.

    Raises:
        Problem: the leg takes no slip, the signatures cannot be right, or the count and what it calls missing differ
            from each other or from the list.
    """
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()
    known = slips_of(session, shipment.order_number)
    if (same := next((slip for slip in known if slip.digest == digest), None)) is not None:
        return same, False
    _check_leg(shipment)
    _check_signatures(form, shipment, now)
    edition = kept_or_current(session, dossier, max(form.postman_signed_at, form.citizen_signed_at))
    counted = papers_of(form.counted) if form.counted else ()
    found = _counted(session, dossier, edition.items if edition else None, counted, form.missing)
    _check_count(found)
    _check_decision(form, found, dossier)
    slip = PickupSlip(
        number=f"PGHS-{shipment.order_number}-{len(known) + 1}",
        order_number=shipment.order_number,
        digest=digest,
        checklist_id=edition.id if edition else None,
        counted=[[paper.name, paper.originals, paper.copies] for paper in counted],
        missing=list(found.missing),
        recorded_at=now,
        **form.model_dump(
            include={"decision", "postman", "postman_signed_at", "citizen", "citizen_signed_at", "seal_number"}
            | {"fee_vnd", "fee_receipt"}
        ),
    )
    slip.contradicts = _at_odds_with(slip, known)
    session.add(slip)
    session.flush()
    return slip, True


def slips_of(session: Session, order_number: str) -> list[PickupSlip]:
    """Return the slips of a leg in the order in which they were recorded."""
    query = select(PickupSlip).where(PickupSlip.order_number == order_number)
    return sorted(session.scalars(query), key=lambda slip: (slip.recorded_at, len(slip.number), slip.number))


def standing_slip(session: Session, shipment: Shipment) -> PickupSlip | None:
    """Return the slip by which the papers of a leg were taken, or None."""
    return session.get(PickupSlip, shipment.slip_number) if shipment.slip_number else None


def missing_from_the_start(session: Session, shipment: Shipment) -> list[str]:
    """Return what was missing at the door when the citizen sent the papers all the same."""
    slip = standing_slip(session, shipment)
    return list(slip.missing) if slip is not None else []


def counted_rows(session: Session, dossier: Dossier, slip: PickupSlip) -> list[DossierPaper]:
    """Return the papers of the dossier's list that a slip counted."""
    names = [name for name, _, _ in slip.counted]
    rows = (row for row in custody.papers_in_use(session, dossier.code) if row.kind is PaperKind.SUBMITTED)
    return [row for row in rows if any(same_name(name_on_list(row.name), name) for name in names)]


def _at_odds_with(slip: PickupSlip, known: Sequence[PickupSlip]) -> str | None:
    """The papers are taken once: a second taking, or a visit in vain after it, cannot be true beside it."""
    taken = next((one for one in known if one.takes_papers and one.contradicts is None), None)
    if taken is None or (not slip.takes_papers and slip.signed_at <= taken.signed_at):
        return None
    return taken.number


def _counted(
    session: Session, dossier: Dossier, items: Sequence[Item] | None, counted: Sequence[Paper], named: Sequence[str]
) -> Count:
    """Where no list was published, the one registered with the dossier stands in for it.

    What an agency has already is not counted again at the door.
    """
    held = custody.holdings(session, dossier.code)
    papers = [h for h in held if h.paper.kind is PaperKind.SUBMITTED]
    inside = [name_on_list(h.paper.name) for h in papers if custody.is_agency(h.holder)]
    registered = [Item(name_on_list(h.paper.name), h.paper.originals, h.paper.copies, required=True) for h in papers]
    listed = registered if items is None else items
    still_out = [item for item in listed if not any(same_name(item.name, name) for name in inside)]
    return count(still_out, counted, named, also_known=[item.name for item in registered])


def _check_leg(shipment: Shipment) -> None:
    why = None
    if shipment.leg is not Leg.SEND:
        why = "it does not bring papers from a citizen"
    elif shipment.booking is BookingState.REQUESTED and shipment.journey is None:
        why = "no operator holds the order yet"
    if why is not None:
        raise Problem(
            "pickup-record",
            "This shipment takes no pickup record",
            f"Order {shipment.order_number}: {why}.",
            "Record the pickup under the order number on the citizen's slip, once the order is booked.",
            next_step_vi="Ghi phiếu gửi theo số đơn gửi hồ sơ của công dân, sau khi bưu điện đã nhận đơn.",
            status=409,
        )


def _check_signatures(form: PickupRecordForm, shipment: Shipment, now: datetime) -> None:
    both = (form.postman_signed_at, form.citizen_signed_at)
    if max(both) > now + _CLOCK_SKEW or min(both) < shipment.created_at - _CLOCK_SKEW:
        raise Problem(
            "pickup-signature",
            "The slip cannot have been signed then",
            f"Signed at {min(both).isoformat()} and {max(both).isoformat()}: in the future, or before the order.",
            "Give both moments of signing, with their zone.",
            next_step_vi="Ghi đúng thời điểm ký của bưu tá và của công dân, kèm múi giờ.",
        )


def _check_count(found: Count) -> None:
    if found.invented:
        raise Problem(
            "invented-paper",
            "The list asks for no such paper",
            f"Not on the procedure's list: {', '.join(found.invented)}. Nobody may ask for more than it ({RULE}).",
            "Take these papers out, or use the names of the list.",
            next_step_vi="Bỏ các giấy tờ này hoặc ghi đúng tên trong danh mục; không được yêu cầu thêm ngoài danh mục.",
            papers=list(found.invented),
        )
    if found.unnamed or found.complete:
        raise Problem(
            "pickup-count",
            "The count and what is called missing differ",
            f"Not all there, and not called missing: {', '.join(found.unnamed) or '-'}; "
            f"called missing, and all there: {', '.join(found.complete) or '-'} ({RULE}).",
            "Count again together with the citizen and name exactly what is missing.",
            next_step_vi="Kiểm đếm lại cùng công dân và ghi đúng giấy tờ còn thiếu.",
            unnamed=list(found.unnamed),
            complete=list(found.complete),
        )


def _check_decision(form: PickupRecordForm, found: Count, dossier: Dossier) -> None:
    why = None
    if bool(found.missing) is not (form.decision is not None):
        why = "the citizen decides where papers are missing, and only there"
    elif form.decision is Decision.WAIT and (form.seal_number or form.fee_vnd):
        why = "who waits hands over nothing: no seal, no fee"
    elif form.decision is not Decision.WAIT and not form.counted:
        why = "nothing was counted, so nothing can be taken"
    elif form.fee_vnd > dossier.fee_vnd:
        why = f"the fee of this dossier is {dossier.fee_vnd} đồng, and no more may be asked for"
    if why is not None:
        raise Problem(
            "pickup-decision",
            "The slip does not hold together",
            f"{why[0].upper()}{why[1:]} (Decision 45/2016/QĐ-TTg Art. 6(3)-(6), 13(6)).",
            "Ask the citizen: send_anyway, or wait and complete the papers.",
            next_step_vi="Hỏi công dân: vẫn gửi (send_anyway) hay chờ bổ sung (wait); kiểm tra số niêm phong và phí.",
        )
