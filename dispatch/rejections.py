"""Rejected lines of handover records: who pays the way back and the second sending, by facts or by a person's word.

Decision 45/2016/QĐ-TTg Art. 12(4). What the facts of the moment decide stands on the line; what a person names later
is a fact of its own, and the latest counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.database import Base, UtcDateTime
from dispatch.checklists import kept_or_current
from dispatch.dossiers import PaperKind, get_dossier, list_papers
from dispatch.fault import Fault, Rejection, party_at_fault
from dispatch.forms import LineVerdictForm, Text
from dispatch.handover_lines import HandoverLine
from dispatch.parties import Party
from dispatch.pickup_slips import standing_slip
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import Leg, Shipment


class FaultForm(BaseModel):
    """``POST /v1/handovers/{id}/fault``: who pays for a rejected line, by the word of an officer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: Text
    party: Annotated[Party, Field(description="citizen, agency or post; nobody for force majeure")]
    reason: Text
    officer: Text


class FaultFinding(Base):
    """Who pays for a rejected line, as a person has named it."""

    __tablename__ = "fault_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("handover_line.id"), index=True)
    party: Mapped[Party]
    reason: Mapped[str] = mapped_column(String(300))
    officer: Mapped[str] = mapped_column(String(300))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)


def judge(session: Session, shipment: Shipment, verdict: LineVerdictForm, at: datetime) -> Fault:
    """Return who pays for a line that is rejected at ``at``, as far as the facts tell."""
    dossier = get_dossier(session, shipment.dossier_code)
    edition = kept_or_current(session, dossier, shipment.collected_at or at)
    slip = standing_slip(session, shipment)
    papers = list_papers(session, dossier.code)
    return party_at_fault(
        Rejection(
            asked=tuple(verdict.missing_papers),
            listed=edition.items if edition else None,
            version=edition.version if edition else None,
            used_version=verdict.checklist_version,
            signed=slip is not None,
            counted=tuple(name for name, _, _ in slip.counted) if slip else (),
            known_missing=tuple(slip.missing) if slip else (),
            registered=tuple(paper.name for paper in papers if paper.kind is PaperKind.SUBMITTED),
            seal_intact=verdict.seal_intact,
        )
    )


def name_party(session: Session, handover_id: int, form: FaultForm, now: datetime) -> HandoverLine:
    """Keep who pays for a rejected line by a person's word; the same word again changes nothing.

    Raises:
        Problem: the record has no such line, or the line was not rejected.
    """
    query = select(HandoverLine).where(HandoverLine.handover_id == handover_id, HandoverLine.order_number == form.order)
    line = session.scalars(query.with_for_update()).first()
    if line is None or line.accepted is not False:
        raise Problem(
            "not-rejected",
            "No such line was rejected",
            f"Record {handover_id} has no rejected line for order {form.order}.",
            "Name the party for a line that the counter has rejected and signed.",
            next_step_vi="Chỉ xác định bên chịu chi phí cho dòng đã bị từ chối trong biên bản đã ký.",
            status=404,
        )
    known = finding_about(session, line)
    said = (form.party, form.reason, form.officer)
    if known is None or (known.party, known.reason, known.officer) != said:
        values = form.model_dump(include={"party", "reason", "officer"})
        session.add(FaultFinding(line_id=line.id, named_at=now, **values))
        session.flush()
        _charge_second_sending(session, get_shipment(session, form.order), form.party)
    return line


def _charge_second_sending(session: Session, rejected: Shipment, party: Party) -> None:
    """Let the party pay also for what was ordered before it was named, as long as nobody has collected that.

    Who pays for a result that goes out again is said when it is ordered.
    """
    if rejected.leg is Leg.RETURN:
        return
    later = [
        one
        for one in shipments_of(session, rejected.dossier_code, lock=True)
        if one.leg is rejected.leg and one.generation > rejected.generation
    ]
    for one in later:
        if one.collected_at is not None:
            return
        one.payer = party


def finding_about(session: Session, line: HandoverLine) -> FaultFinding | None:
    """Return the newest word of a person about a line."""
    query = select(FaultFinding).where(FaultFinding.line_id == line.id).order_by(FaultFinding.id.desc())
    return session.scalars(query).first()


def payer_after(session: Session, before: Shipment) -> Party:
    """Return who pays for carrying papers again: the party at fault for their rejection, else the citizen.

    What nobody has collected was not carried, so whoever would have paid for it pays for what takes its place.
    """
    line = _last_signed(session, before.order_number)
    if line is not None and not line.accepted:
        return payer_of(session, line) or Party.CITIZEN
    return before.payer if before.collected_at is None else Party.CITIZEN


def was_rejected(session: Session, number: str) -> bool:
    """Whether the desk did not take what came under an order, and has not taken it since."""
    line = _last_signed(session, number)
    return line is not None and not line.accepted


def _last_signed(session: Session, number: str) -> HandoverLine | None:
    query = select(HandoverLine).where(HandoverLine.order_number == number, HandoverLine.accepted.is_not(None))
    return session.scalars(query.order_by(HandoverLine.id.desc())).first()


def payer_of(session: Session, line: HandoverLine) -> Party | None:
    """Return who pays the way back and the second sending of a rejected line; None while nobody has named it."""
    finding = finding_about(session, line)
    return Party(finding.party) if finding else line.fault
