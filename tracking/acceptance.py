"""The signature under a handover record, and what follows from it: above all, the start of the clock.

"The moment of valid submission is the moment the handover record is signed" (Decision 45/2016/QĐ-TTg Art. 7(4)); it is
never the pickup at the citizen's door.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Direction, SignatureForm
from dispatch.handovers import Handover, HandoverLine, get_handover, sign
from dispatch.news import tell_onestop
from dispatch.shipments import Leg, Shipment, get_shipment
from tracking.clock_facts import handover_fact_id, recompute, record_fact
from tracking.deadlines.clock import Happening
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.rules import RuleId
from tracking.notices import tell_citizen
from tracking.office import Office


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
    if handover.direction is Direction.TO_POST:
        return
    if not line.accepted:
        reason = "; ".join(filter(None, [line.reason, *(f"thiếu {name}" for name in line.missing_papers)]))
        tell_citizen(session, dossier, "papers_rejected", handover.number, now, reason=reason)
    elif shipment.leg is Leg.SEND:
        _start_clock(session, context, office, dossier, handover, shipment, now)
    else:
        tell_citizen(session, dossier, "result_back", handover.number, now)


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
        "signed_at": handover.signed_at.isoformat() if handover.signed_at else None,
    }
    fact = f"{handover.number}/{line.order_number}"
    tell_onestop(session, context.accounts, dossier, "postal.papers_handed_over", fact, data, now)
