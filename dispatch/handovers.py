"""Handover records (biên bản giao nhận): counted together, accepted or rejected line by line, signed by both sides.

Decision 45/2016/QĐ-TTg Art. 7(2)-(4) for papers that come in, Art. 9 for results that go out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from carriers.states import ShipmentState
from config.clock import local
from config.database import Base, UtcDateTime
from dispatch import custody
from dispatch.dossiers import Dossier, DossierPaper, get_dossier, list_papers
from dispatch.forms import Direction, HandoverForm, LineVerdictForm, SignatureForm
from dispatch.problems import Problem
from dispatch.shipments import Leg, Shipment, get_shipment

_CLOCK_SKEW = timedelta(minutes=5)
_ON_THE_WAY = (
    ShipmentState.IN_TRANSIT,
    ShipmentState.OUT_FOR_DELIVERY,
    ShipmentState.DELIVERY_FAILED,
    ShipmentState.DELIVERED,
)
_TO_COLLECT = (ShipmentState.BOOKED, ShipmentState.COLLECTING, ShipmentState.COLLECTION_FAILED)


class Handover(Base):
    """One record between one agency and one operator."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    agency_code: Mapped[str] = mapped_column(String(60), index=True)
    carrier: Mapped[str] = mapped_column(String(40))
    direction: Mapped[Direction]
    drawn_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    officer: Mapped[str | None] = mapped_column(String(300))
    postman: Mapped[str | None] = mapped_column(String(300))
    signature_digest: Mapped[str | None] = mapped_column(String(64))


class HandoverLine(Base):
    """One dossier's papers in a record. ``accepted`` is empty until both sides have signed."""

    __tablename__ = "handover_line"
    __table_args__ = (UniqueConstraint("handover_id", "order_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("shipment.order_number"), index=True)
    accepted: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(300))
    missing_papers: Mapped[list[Any]]


@dataclass(frozen=True)
class ExpectedLine:
    """A shipment whose papers should change hands at the agency next."""

    shipment: Shipment
    papers: list[DossierPaper]


def expected(session: Session, agency: str, direction: Direction) -> list[ExpectedLine]:
    """Return what the desk should expect: papers on their way in, or results waiting for the postman."""
    states = _TO_COLLECT if direction is Direction.TO_POST else (*_ON_THE_WAY, ShipmentState.RETURNED)
    query = (
        select(Shipment)
        .join(Dossier, Dossier.code == Shipment.dossier_code)
        .where(
            Dossier.agency_code == agency,
            Shipment.state.in_(states),
            Shipment.order_number.not_in(_signed_numbers(direction)),
        )
        .order_by(Shipment.state_since)
    )
    shipments = [s for s in session.scalars(query) if _belongs(s, direction)]
    return [ExpectedLine(s, papers_in(session, s, direction)) for s in shipments]


def draw_up(session: Session, form: HandoverForm, now: datetime) -> tuple[Handover, list[HandoverLine]]:
    """Draw up a record; the same record asked for again is the same draft.

    Raises:
        Problem: an order is unknown, is another agency's or operator's, or has been signed for already.
    """
    shipments = [get_shipment(session, number) for number in dict.fromkeys(form.orders)]
    for shipment in shipments:
        _check_line(session, form, shipment)
    draft = _same_draft(session, form, {s.order_number for s in shipments})
    if draft is not None:
        return draft, lines_of(session, draft)
    handover = Handover(
        number=_next_number(session, form, now),
        agency_code=form.agency,
        carrier=form.carrier,
        direction=form.direction,
        drawn_up_at=now,
    )
    session.add(handover)
    session.flush()
    lines = [HandoverLine(handover_id=handover.id, order_number=s.order_number, missing_papers=[]) for s in shipments]
    session.add_all(lines)
    session.flush()
    return handover, lines


def sign(session: Session, handover_id: int, form: SignatureForm, now: datetime) -> tuple[Handover, list[HandoverLine]]:
    """Put both signatures under a record and move the accepted papers; the same signatures again change nothing.

    Raises:
        Problem: the record is unknown or was signed otherwise, a line is missing, rejected without a reason, or the
            signature lies in the future.
    """
    handover = get_handover(session, handover_id, lock=True)
    lines = lines_of(session, handover)
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()
    if handover.signed_at is not None:
        if handover.signature_digest != digest:
            raise _signed_already(handover)
        return handover, lines
    _check_signature(form, lines, now)
    _lock_dossiers(session, lines)
    _refuse_settled_lines(session, handover, lines)
    handover.signed_at, handover.officer, handover.postman = form.signed_at, form.officer, form.postman
    handover.signature_digest = digest
    verdicts = {verdict.order: verdict for verdict in form.lines}
    for line in lines:
        _sign_line(session, handover, line, verdicts[line.order_number], now)
    return handover, lines


def get_handover(session: Session, handover_id: int, *, lock: bool = False) -> Handover:
    """Return the record; ``lock`` keeps others from signing it until the transaction ends.

    Raises:
        Problem: there is none with this id.
    """
    handover = session.get(Handover, handover_id, with_for_update=lock)
    if handover is None:
        raise Problem(
            "unknown-handover",
            "Unknown handover record",
            f"No handover record {handover_id} exists.",
            "Draw it up first with POST /v1/handovers.",
            next_step_vi="Lập biên bản giao nhận trước khi ký.",
            status=404,
        )
    return handover


def lines_of(session: Session, handover: Handover) -> list[HandoverLine]:
    """Return the record's lines in the order in which they were drawn up."""
    query = select(HandoverLine).where(HandoverLine.handover_id == handover.id).order_by(HandoverLine.id)
    return list(session.scalars(query))


def papers_in(session: Session, shipment: Shipment, direction: Direction) -> list[DossierPaper]:
    """Return the papers of a shipment that change hands in this direction.

    Going out, these are all papers the agency holds: the result and the originals that go back with it
    (Decision 45/2016/QĐ-TTg Art. 8(3)). Coming in, all that the operator or the citizen still holds.
    """
    agency_code = session.get_one(Dossier, shipment.dossier_code).agency_code
    at_agency = custody.held_by(session, shipment.dossier_code, custody.agency(agency_code))
    if direction is Direction.TO_POST:
        return at_agency
    inside = {paper.id for paper in at_agency}
    return [h.paper for h in custody.holdings(session, shipment.dossier_code) if h.paper.id not in inside]


def _belongs(shipment: Shipment, direction: Direction) -> bool:
    state = shipment.state
    if direction is Direction.TO_POST:
        return shipment.leg is Leg.RETURN and state in _TO_COLLECT
    return state in _ON_THE_WAY if shipment.leg is Leg.SEND else state == ShipmentState.RETURNED


def _signed_numbers(direction: Direction) -> Any:
    """What was taken over for good; a rejected line may be counted again, in a new record."""
    return (
        select(HandoverLine.order_number)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.direction == direction, HandoverLine.accepted.is_(True))
    )


def _check_line(session: Session, form: HandoverForm, shipment: Shipment) -> None:
    owner = session.get_one(Dossier, shipment.dossier_code).agency_code
    signed = session.scalar(
        _signed_numbers(form.direction).where(HandoverLine.order_number == shipment.order_number).limit(1)
    )
    why = None
    if owner != form.agency:
        why = f"it belongs to agency {owner}"
    elif shipment.carrier != form.carrier:
        why = f"it is carried by {shipment.carrier}"
    elif form.direction is Direction.TO_POST and shipment.leg is Leg.SEND:
        why = "its papers come to the agency, they do not leave it"
    elif signed is not None:
        why = "it has been signed for already"
    if why is not None:
        raise Problem(
            "handover-line",
            "A line does not belong in this record",
            f"Order {shipment.order_number}: {why}.",
            "Take the line out, or put it into the record of its own agency, operator and direction.",
            next_step_vi="Bỏ dòng này khỏi biên bản, hoặc ghi vào biên bản đúng cơ quan, bưu điện và chiều giao nhận.",
            status=409,
            order=shipment.order_number,
        )


def _same_draft(session: Session, form: HandoverForm, numbers: set[str]) -> Handover | None:
    query = select(Handover).where(
        Handover.agency_code == form.agency,
        Handover.carrier == form.carrier,
        Handover.direction == form.direction,
        Handover.signed_at.is_(None),
    )
    drafts = (h for h in session.scalars(query) if {line.order_number for line in lines_of(session, h)} == numbers)
    return next(drafts, None)


def _next_number(session: Session, form: HandoverForm, now: datetime) -> str:
    prefix = f"BBGN-{form.agency}-{local(now):%y%m%d}-"
    count = session.scalar(select(func.count()).where(Handover.number.startswith(prefix))) or 0
    return f"{prefix}{count + 1:04d}"


def _check_signature(form: SignatureForm, lines: Sequence[HandoverLine], now: datetime) -> None:
    counted, listed = {line.order for line in form.lines}, {line.order_number for line in lines}
    if counted != listed or len(form.lines) != len(listed):
        raise _bad_signature(
            f"Lines in the record: {', '.join(sorted(listed))}; lines signed: {', '.join(sorted(counted))}.",
            "Sign every line of the record once, each accepted or rejected.",
        )
    silent = [line.order for line in form.lines if not line.accepted and not (line.reason or line.missing_papers)]
    if silent:
        raise _bad_signature(
            f"Rejected without a reason: {', '.join(silent)}.",
            "Say why, or name the missing papers, so that the citizen can be told.",
        )
    if form.signed_at > now + _CLOCK_SKEW:
        raise _bad_signature(
            f"signed_at {form.signed_at.isoformat()} lies in the future.", "Give the moment of signing, with its zone."
        )


def _lock_dossiers(session: Session, lines: Sequence[HandoverLine]) -> None:
    """Let nobody else decide about these papers meanwhile, above all no other record; in one order, as everywhere."""
    query = select(Shipment.dossier_code).where(Shipment.order_number.in_([line.order_number for line in lines]))
    for code in sorted(set(session.scalars(query))):
        get_dossier(session, code, lock=True)


def _refuse_settled_lines(session: Session, handover: Handover, lines: Sequence[HandoverLine]) -> None:
    numbers = [line.order_number for line in lines]
    settled = session.scalars(_signed_numbers(handover.direction).where(HandoverLine.order_number.in_(numbers))).all()
    if settled:
        raise _bad_signature(
            f"Taken over already, in another record: {', '.join(sorted(set(settled)))}.",
            "Draw up a new record without these lines.",
        )


def _bad_signature(detail: str, next_step: str) -> Problem:
    return Problem(
        "handover-signature",
        "The record cannot be signed like this",
        detail,
        next_step,
        next_step_vi="Kiểm tra lại từng dòng của biên bản: nhận hay từ chối, lý do, và thời điểm ký.",
    )


def _signed_already(handover: Handover) -> Problem:
    return Problem(
        "handover-signed",
        "The record was signed already",
        f"Record {handover.number} carries other signatures.",
        "A signed record is never changed: draw up a new one for what is left.",
        next_step_vi="Biên bản đã ký không sửa được: hãy lập biên bản mới cho phần còn lại.",
        status=409,
    )


def _sign_line(
    session: Session, handover: Handover, line: HandoverLine, verdict: LineVerdictForm, now: datetime
) -> None:
    line.accepted, line.reason, line.missing_papers = verdict.accepted, verdict.reason, list(verdict.missing_papers)
    shipment = get_shipment(session, line.order_number)
    outward = handover.direction is Direction.TO_POST
    papers = papers_in(session, shipment, handover.direction)
    if not outward and shipment.leg is Leg.RETURN:  # all of it went out, whatever we had heard of that by now
        papers = list_papers(session, shipment.dossier_code)
    evidence = f"{handover.number}/{line.order_number}"
    at = handover.signed_at or now
    if not outward:
        shipment.counted_at = at
    if line.accepted:
        holder = custody.post(shipment.carrier) if outward else custody.agency(handover.agency_code)
        custody.hand_over(session, papers, holder, at, evidence, now)
    elif not outward:  # counted at the desk and given back to the postman
        custody.hand_over(session, papers, custody.post(shipment.carrier), at, evidence, now)
