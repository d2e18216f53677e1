"""The signatures under a handover record, and what changes hands by them; the same signatures again change nothing.

Decision 45/2016/QĐ-TTg Art. 7(2)-(4), 9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch import custody, rejections
from dispatch.dossiers import DossierPaper, get_dossier
from dispatch.forms import Direction, LineVerdictForm, SignatureForm
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handover_waiting import signed_numbers
from dispatch.handovers import get_handover, lines_of, papers_in
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment

_CLOCK_SKEW = timedelta(minutes=5)


def sign(session: Session, handover_id: int, form: SignatureForm, now: datetime) -> tuple[Handover, list[HandoverLine]]:
    """Put both signatures under a record and move the accepted papers; the same signatures again change nothing.

    Raises:
        Problem: the record is unknown or was signed otherwise, a line is missing, rejected without a reason, or the
            signature lies in the future.
    """
    handover = get_handover(session, handover_id, lock=True)
    lines = lines_of(session, handover)
    digest = _digest(form)
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


def _digest(form: SignatureForm) -> str:
    """Of what was signed. What a line says of seal and list is part of it only where it says something."""
    silent = all(line.seal_intact is None and line.checklist_version is None for line in form.lines)
    unsaid = {"lines": {"__all__": {"seal_intact", "checklist_version"}}} if silent else None
    return hashlib.sha256(form.model_dump_json(exclude=unsaid).encode()).hexdigest()


def _check_signature(form: SignatureForm, lines: Sequence[HandoverLine], now: datetime) -> None:
    counted, listed = {line.order for line in form.lines}, {line.order_number for line in lines}
    if counted != listed or len(form.lines) != len(listed):
        raise _bad_signature(
            f"Lines in the record: {', '.join(sorted(listed))}; lines signed: {', '.join(sorted(counted))}.",
            "Sign every line of the record once, each accepted or rejected.",
        )
    silent = [
        line.order
        for line in form.lines
        if not (line.accepted or line.reason or line.missing_papers or line.discrepancy)
    ]
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
    settled = session.scalars(signed_numbers(handover.direction).where(HandoverLine.order_number.in_(numbers))).all()
    if settled:
        raise _bad_signature(
            f"Taken over already, in another record: {', '.join(sorted(set(settled)))}.",
            "Draw up a new record without these lines.",
        )


def _sign_line(
    session: Session, handover: Handover, line: HandoverLine, verdict: LineVerdictForm, now: datetime
) -> None:
    line.accepted, line.reason, line.missing_papers = verdict.accepted, verdict.reason, list(verdict.missing_papers)
    line.discrepancy = verdict.discrepancy
    line.seal_intact = verdict.seal_intact
    shipment = get_shipment(session, line.order_number)
    outward = handover.direction is Direction.TO_POST
    papers = papers_in(session, shipment, handover.direction)
    if not outward and shipment.leg is Leg.RETURN:  # all of it went out, whatever we had heard of that by now
        papers = _all_but_elsewhere(session, shipment, handover.agency_code)
    evidence = f"{handover.number}/{line.order_number}"
    at = handover.signed_at or now
    if not outward:
        shipment.counted_at = at
    if line.accepted:
        holder = custody.post(shipment.carrier) if outward else custody.agency(handover.agency_code)
        custody.hand_over(session, papers, holder, at, evidence, now)
    elif not outward:  # counted at the desk and given back to the postman
        custody.hand_over(session, papers, custody.post(shipment.carrier), at, evidence, now)
        if shipment.leg is Leg.SEND:
            fault = rejections.judge(session, shipment, verdict, at)
            line.fault, line.fault_reason = fault.party, fault.reason


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


def _all_but_elsewhere(session: Session, shipment: Shipment, agency: str) -> list[DossierPaper]:
    """Return a dossier's papers without those that another agency has, or that were issued while this was away."""
    later = custody.issued_since(session, shipment.dossier_code, shipment.collected_at)
    held = [h for h in custody.holdings(session, shipment.dossier_code) if h.paper.id not in later]
    return [h.paper for h in held if not custody.is_agency(h.holder) or h.holder == custody.agency(agency)]
