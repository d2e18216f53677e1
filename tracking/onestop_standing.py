"""How a dossier stands now, composed from our rows for the one-stop systems that keep states and not news."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.database import Database
from dispatch.dossiers import Dossier
from dispatch.onestop.standing import Stage, Standing, Supplement
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Leg, Shipment
from dispatch.supplement_form import SupplementForm, forms_of
from tracking.clock_facts import latest_version, ledger_of
from tracking.counter_facts import stay_of
from tracking.deadlines.clock import ClockState, Happening
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.rules import RuleId
from tracking.office import Office
from tracking.onestop_steps import steps_of

_PAUSES: Mapping[str, Stage] = {RuleId.SUPPLEMENT_REQUEST: Stage.SUPPLEMENT, RuleId.PAUSE_FINANCIAL: Stage.PAYMENT}


def standings(database: Database, office: Office) -> Callable[[str], Standing | None]:
    """Return what tells by a dossier's code how it stands at the moment of asking; None for one we do not know."""

    def standing(code: str) -> Standing | None:
        with database.read() as session:
            dossier = session.get(Dossier, code)
            return compose(session, office, dossier) if dossier is not None else None

    return standing


def compose(session: Session, office: Office, dossier: Dossier) -> Standing:
    """Return how a dossier stands.

    Where a ministry's own system sets the due date (Decree 224/2026/NĐ-CP Art. 15(1)(i)), it holds none of ours.
    """
    ledger = ledger_of(session, office, dossier)
    shipments = [one for one in shipments_of(session, dossier.code) if one.state != ShipmentState.CANCELLED]
    refusals = forms_of(session, dossier.code)
    version = latest_version(session, dossier.code)
    ours = dossier.due_date_owner == "us"
    returned_at = _returned_at(session, shipments)
    return Standing(
        code=dossier.code,
        stage=stage_of(ledger, refused=bool(refusals), returned=returned_at is not None),
        source_system=dossier.source_system,
        owner=dossier.due_date_owner,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        agency_code=dossier.agency_code,
        agency_name=dossier.agency_name,
        applicant_name=dossier.applicant_name,
        applicant_phone=dossier.applicant_phone,
        applicant_email=dossier.applicant_email,
        id_number=dossier.applicant_id_number,
        fee_vnd=dossier.fee_vnd,
        filed_at=dossier.filed_at,
        accepted_at=ledger.started_at,
        due=ledger.current_due if ours else None,
        revision=version.revision if version else 0,
        finished_at=ledger.stopped_at if _has_result(ledger) else None,
        returned_at=returned_at,
        sent_by_post=any(one.leg is Leg.SEND for one in shipments),
        returned_by_post=any(one.leg is Leg.RETURN for one in shipments),
        supplements=(*_at_the_counter(refusals, ledger), *_on_the_way(ledger, ours=ours)),
        steps=steps_of(dossier, ledger, shipments, refusals, returned_at, ours=ours),
        filed_through=dossier.filed_through,
    )


def stage_of(ledger: Ledger, *, refused: bool, returned: bool) -> Stage:
    """Return how far the agency has come; ``refused``: papers were sent back before the clock had started."""
    if ledger.state is ClockState.STOPPED:
        if not _has_result(ledger):
            return Stage.WITHDRAWN
        return Stage.RETURNED if returned else Stage.FINISHED
    if ledger.standstill is not None:
        return _PAUSES.get(ledger.standstill.fact.rule, Stage.SUSPENDED)
    if ledger.state is ClockState.RUNNING:
        return Stage.ACCEPTED
    return Stage.SUPPLEMENT if refused else Stage.FILED


def _has_result(ledger: Ledger) -> bool:
    stops = (line.fact.rule for line in reversed(ledger.lines) if line.happening is Happening.STOPPED)
    return ledger.state is ClockState.STOPPED and next(stops, None) != RuleId.STOP_WITHDRAWN


def _returned_at(session: Session, shipments: list[Shipment]) -> datetime | None:
    """Return when the newest result reached the citizen, by post or at the counter."""
    for shipment in reversed([one for one in shipments if one.leg is Leg.RETURN]):
        if shipment.state == ShipmentState.DELIVERED:
            return shipment.delivered_at
        stay = stay_of(session, shipment.order_number)
        if stay is not None and stay.collected_at is not None:
            return stay.collected_at
    return None


def _at_the_counter(refusals: list[SupplementForm], ledger: Ledger) -> list[Supplement]:
    """Form 02: papers were refused before the clock started, and completed when it did."""
    return [
        Supplement(form.issued_at, form.reason or "; ".join(form.items), _after(form.issued_at, ledger), None, None)
        for form in refusals
        if ledger.started_at is None or form.issued_at <= ledger.started_at
    ]


def _after(issued_at: datetime, ledger: Ledger) -> datetime | None:
    return ledger.started_at if ledger.started_at is not None and ledger.started_at >= issued_at else None


def _on_the_way(ledger: Ledger, *, ours: bool) -> list[Supplement]:
    found: list[Supplement] = []
    for place, line in enumerate(ledger.lines):
        if line.happening is not Happening.SUSPENDED or line.fact.rule != RuleId.SUPPLEMENT_REQUEST:
            continue
        end = next((later for later in ledger.lines[place + 1 :] if _ends_pause(later)), None)
        completed = end.fact.at if end else None
        dates = (line.due_before, end.due_after if end else None) if ours else (None, None)
        found.append(Supplement(line.fact.at, line.fact.reason, completed, *dates))
    return found


def _ends_pause(line: LedgerLine) -> bool:
    return line.happening in (Happening.RESTARTED, Happening.RESUMED)
