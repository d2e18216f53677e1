"""What we answer about handover records, as models."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from config.clock import local
from dispatch.handover_doubts import Doubt
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.parties import Party


class ExpectedAnswer(BaseModel):
    """A shipment whose papers should change hands at the agency next.

    ``missing_from_the_start`` is what the citizen knew to be missing when he sent the papers all the same.
    """

    order_number: str
    dossier: str
    carrier: str
    direction: str
    state: str
    since: datetime
    papers: list[str]
    missing_from_the_start: list[str]
    rides_with: str | None


class ExpectedList(BaseModel):
    """What the desk should expect."""

    orders: list[ExpectedAnswer]


class HandoverLineAnswer(BaseModel):
    """One line of a record; ``accepted`` is null until it is signed.

    ``fault`` is who pays for carrying rejected papers again, null while nobody has named it.
    ``doubts`` is what speaks against giving the papers to the post, while the record is a draft: ``not-ready``,
    ``not-booked`` or ``maybe-not-booked``. Show it before both sign; the signature is taken all the same.
    ``contradiction`` says why an accepted line could not set the due date; the papers are taken all the same.
    """

    order: str
    slip_number: str
    papers: list[str]
    accepted: bool | None
    reason: str | None
    missing_papers: list[str]
    discrepancy: str | None
    missing_from_the_start: list[str]
    doubts: list[str]
    fault: str | None
    fault_reason: str | None
    due: datetime | None
    contradiction: str | None

    @classmethod
    def of(
        cls,
        line: HandoverLine,
        papers: list[str],
        missing_from_the_start: list[str],
        doubts: list[Doubt],
        payer: Party | None,
        due: datetime | None,
        contradiction: str | None,
    ) -> HandoverLineAnswer:
        return cls(
            order=line.order_number,
            slip_number=line.order_number,
            papers=papers,
            accepted=line.accepted,
            reason=line.reason,
            missing_papers=line.missing_papers,
            discrepancy=line.discrepancy,
            missing_from_the_start=missing_from_the_start,
            doubts=[doubt.value for doubt in doubts],
            fault=payer,
            fault_reason=line.fault_reason,
            due=local(due) if due else None,
            contradiction=contradiction,
        )


class FaultAnswer(BaseModel):
    """Who pays for carrying rejected papers again; ``fault_reason`` is what the facts of the moment told."""

    order: str
    fault: str | None
    fault_reason: str | None


class HandoverAnswer(BaseModel):
    """A handover record."""

    id: int
    number: str
    status: str
    signed_at: datetime | None
    lines: list[HandoverLineAnswer]

    @classmethod
    def of(cls, handover: Handover, lines: list[HandoverLineAnswer]) -> HandoverAnswer:
        return cls(
            id=handover.id,
            number=handover.number,
            status="signed" if handover.signed_at else "draft",
            signed_at=local(handover.signed_at) if handover.signed_at else None,
            lines=lines,
        )
