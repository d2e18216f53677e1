"""The signature under a handover record, and what follows from it: above all, the start of the clock.

"The moment of valid submission is the moment the handover record is signed" (Decision 45/2016/QĐ-TTg Art. 7(4)); it is
never the pickup at the citizen's door.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.checklists import fix
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.fault import SOURCES, FaultReason
from dispatch.forms import Direction, SignatureForm
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.handover_signing import sign
from dispatch.handovers import get_handover
from dispatch.news import tell_onestop
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Leg, Shipment
from dispatch.supplement_form import issue
from dispatch.transfers import transfer_of
from tracking.clock_facts import handover_fact_id, recompute, record_fact
from tracking.counter import handed_back, left_again
from tracking.deadlines.clock import Happening
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.rules import RuleId
from tracking.incidents.facts import IncidentKind
from tracking.incidents.opening import Alarm, open_incident
from tracking.money import fee_falls_due
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.second_sending import send_as_wished

_PAYERS = {
    Party.CITIZEN: ("người nộp", "you pay"),
    Party.AGENCY: ("cơ quan tiếp nhận", "the agency pays"),
    Party.POST: ("bưu điện", "the post pays"),
}


def sign_handover(
    session: Session, context: Context, office: Office, handover_id: int, form: SignatureForm
) -> tuple[Handover, list[HandoverLine]]:
    """Sign a record; accepted papers start (or, as a supplement, restart) their dossier's clock.

    A line that is rejected starts nothing. Signing again with the same signatures changes nothing.

    Raises:
        Problem: as :func:`dispatch.handovers.sign`.
    """
    now = context.clock.now()
    first_time = get_handover(session, handover_id, lock=True).signed_at is None
    handover, lines = sign(session, handover_id, form, now)
    if first_time:
        for line in lines:
            _follow(session, context, office, handover, line, now)
    return handover, lines


def _follow(
    session: Session, context: Context, office: Office, handover: Handover, line: HandoverLine, now: datetime
) -> None:
    shipment = get_shipment(session, line.order_number)
    dossier = get_dossier(session, shipment.dossier_code, lock=True)
    _tell_handed_over(session, context, dossier, handover, line, now)
    if line.discrepancy is not None:
        _alarm(session, context, office, dossier, shipment, handover, IncidentKind.DISCREPANCY, line.discrepancy)
    if handover.direction is Direction.TO_POST:
        if line.accepted and shipment.leg is Leg.RETURN and shipment.generation > 1:
            # The record is the proof; what the operator reports of it may come hours later.
            left_again(session, office, dossier, shipment, handover.signed_at or now, now)
        return
    if shipment.leg is Leg.TRANSFER:
        _transferred(session, dossier, handover, line, shipment, now)
    elif not line.accepted:
        _reject(session, context, office, dossier, handover, line, shipment, now)
    elif shipment.leg is Leg.SEND:
        fix(session, dossier, *_accepted(shipment, handover, now), now)
        _start_clock(session, context, office, dossier, handover, shipment, now)
    else:
        handed_back(session, office, dossier, shipment, handover, now)
        sent_on = None
        with suppress(Problem):  # no operator goes there: what was signed stands, and the result waits at the counter
            sent_on = send_as_wished(session, context, office, dossier, shipment, now)
        if sent_on is None:
            tell_citizen(session, dossier, "result_back", handover.number, now)


def _alarm(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    shipment: Shipment,
    handover: Handover,
    kind: IncidentKind,
    what: str,
) -> None:
    """Both have signed what is wrong with a line: that is an incident (Decision 45/2016/QĐ-TTg Art. 7(2), 14)."""
    alarm = Alarm(
        kind=kind,
        what=what,
        cause=f"{kind}:{handover.number}/{shipment.order_number}",
        at=handover.signed_at or context.clock.now(),
        by=f"{handover.officer} / {handover.postman}"[:300],
    )
    open_incident(session, context, office, dossier, shipment, alarm)


def _accepted(shipment: Shipment, handover: Handover, now: datetime) -> tuple[datetime, str]:
    """Return when papers were first accepted, and by what evidence: by the postman, or else at the counter."""
    if shipment.collected_at is not None:
        return shipment.collected_at, f"{shipment.order_number} collected"
    return handover.signed_at or now, f"{handover.number}/{shipment.order_number}"


def _transferred(
    session: Session, dossier: Dossier, handover: Handover, line: HandoverLine, shipment: Shipment, now: datetime
) -> None:
    """Papers have changed hands between agencies: no clock moves, and the citizen hears where they are."""
    transfer = transfer_of(session, shipment)
    if line.accepted and handover.agency_code == transfer.to_agency:
        about = {"at": handover.signed_at or now, "to": transfer.to_name, "reason": transfer.reason}
        tell_citizen(session, dossier, "papers_transferred", handover.number, now, **about)


def _reject(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    handover: Handover,
    line: HandoverLine,
    shipment: Shipment,
    now: datetime,
) -> None:
    """The counter did not take the papers: it says once and completely what is missing, and the clock has not started.

    Decree 61/2018/NĐ-CP Art. 15(3), 17(1)(a).
    """
    said = (line.reason, line.discrepancy, *(f"thiếu {name}" for name in line.missing_papers))
    reason = "; ".join(filter(None, said))
    if shipment.leg is not Leg.SEND:
        tell_citizen(session, dossier, "papers_rejected", handover.number, now, reason=reason)
        return
    rule = office.rules.at(RuleId.SUPPLEMENT_AT_COUNTER, local(handover.signed_at or now).date())
    form = issue(session, dossier, handover, line, rule.legal_source, now)
    about: dict[str, object] = {"reason": reason, "form": form.number, "legal_source": rule.legal_source}
    if line.fault_reason == FaultReason.LOST_ON_THE_WAY:
        _alarm(session, context, office, dossier, shipment, handover, IncidentKind.MISSING, reason)
    payer = _PAYERS.get(line.fault) if line.fault else None
    if payer is not None:
        about |= {"payer_vi": payer[0], "payer_en": payer[1]}
    kind = "papers_incomplete" if payer is None else "papers_incomplete_paid_by"
    tell_citizen(session, dossier, kind, handover.number, now, **about)
    data = {
        "form": form.number,
        "order_number": line.order_number,
        "items": form.items,
        "reason": form.reason,
        "officer": form.officer,
        "legal_source": form.legal_source,
        "text_vi": form.text_vi,
        "fault": line.fault,
        "fault_reason": line.fault_reason,
        "fault_source": SOURCES[line.fault_reason] if line.fault_reason else None,
    }
    tell_onestop(session, context.accounts, dossier, "postal.supplement_form", form.number, data, now)


def _start_clock(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    handover: Handover,
    shipment: Shipment,
    now: datetime,
) -> None:
    signed_at = handover.signed_at or now
    fact = ClockFact(
        id=handover_fact_id(dossier.code, handover.number),
        kind=FactKind.START,  # whether it starts the clock or ends the wait for papers, the fold says by event time
        at=signed_at,
        rule=RuleId.START_HANDOVER,
        evidence=f"{handover.number}/{shipment.order_number}, {handover.officer} / {handover.postman}",
        recorded_at=now,
        calendar_version=office.calendar_version,
    )
    record_fact(session, dossier.code, fact)
    fee_falls_due(session, dossier, signed_at, fact.evidence, now)
    ledger, version = recompute(session, office, context.accounts, dossier, fact.id, now)
    line = next(one for one in ledger.lines if one.fact.id == fact.id)
    if version is not None and version.due is not None:
        notice = "supplement_received" if line.happening is Happening.RESTARTED else "papers_at_agency"
        tell_citizen(session, dossier, notice, handover.number, now, at=signed_at, due=version.due)
    elif dossier.due_date_owner != "us":
        tell_citizen(session, dossier, "papers_received", handover.number, now, at=signed_at)
    elif line.contradiction is Contradiction.CALENDAR_MISSING:
        tell_citizen(session, dossier, "papers_received_undated", handover.number, now, at=signed_at)


def _tell_handed_over(
    session: Session, context: Context, dossier: Dossier, handover: Handover, line: HandoverLine, now: datetime
) -> None:
    data = {
        "handover": handover.number,
        "order_number": line.order_number,
        "direction": handover.direction.value,
        "accepted": line.accepted,
        "reason": line.reason,
        "missing_papers": line.missing_papers,
        "discrepancy": line.discrepancy,
        "signed_at": handover.signed_at.isoformat() if handover.signed_at else None,
    }
    fact = f"{handover.number}/{line.order_number}"
    tell_onestop(session, context.accounts, dossier, "postal.papers_handed_over", fact, data, now)
