"""Incidents as they stand, and what is added to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier, get_dossier
from dispatch.parties import Party
from dispatch.shipments import Shipment
from tracking.apologies.rows import look_at
from tracking.deadlines.promises import Zone
from tracking.incidents import facts as f
from tracking.incidents.checks import check
from tracking.incidents.deadlines import Circumstances, Deadlines, NextStep, deadlines, next_step
from tracking.incidents.fold import Incident, Stated, fold
from tracking.incidents.money import (
    REFUND_COUNTED,
    count_refund,
    record_claims,
    record_payment,
    record_surplus,
    settle_lateness,
)
from tracking.incidents.reissue import take_the_place
from tracking.incidents.rows import (
    IncidentRow,
    add_fact,
    incident_row,
    incidents_of,
    lock_row,
    note_closed,
    said_of,
    stated,
)
from tracking.incidents.standstill import keep_time, posts_loss
from tracking.incidents.wording import dong
from tracking.notices import tell_citizen
from tracking.office import Office


@dataclass(frozen=True)
class Standing:
    """An incident, its facts in event time, its last days and what is due next."""

    row: IncidentRow
    facts: tuple[Stated, ...]
    incident: Incident
    last: Deadlines
    next: NextStep | None


def standings(session: Session, office: Office, rows: Iterable[IncidentRow]) -> list[Standing]:
    """Return how incidents stand."""
    rows = list(rows)
    said = stated(session, [row.id for row in rows])
    return [_standing(session, office, row, said[row.id]) for row in rows]


def standing_of(session: Session, office: Office, incident_id: str) -> Standing:
    """Return how an incident stands.

    Raises:
        Problem: there is none with this id.
    """
    return standing_of_row(session, office, incident_row(session, incident_id))


def standing_of_row(session: Session, office: Office, row: IncidentRow) -> Standing:
    """Return how an incident stands, together with what this transaction has added to it."""
    return _standing(session, office, row, said_of(session, row))


def report(
    session: Session, context: Context, office: Office, incident_id: str, fact: f.Evidence | f.Reportable
) -> Standing:
    """Add a fact to an incident; the same fact again changes nothing.

    Raises:
        Problem: the incident is unknown, the fact cannot follow from those that are there, or its id was used for
            another one.
    """
    row = incident_row(session, incident_id)
    dossier = get_dossier(session, row.dossier_code, lock=isinstance(fact, f.Found | f.ReissueDone))
    return add(session, context, office, dossier, row, fact)


def add(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    row: IncidentRow,
    fact: f.Evidence | f.Reportable,
) -> Standing:
    """Add a fact as :func:`report` does, of a dossier that the transaction has locked where the fact may stop its time.

    Raises:
        Problem: as :func:`report`.
    """
    now = context.clock.now()
    lock_row(session, row)
    before = standing_of_row(session, office, row)
    if all(one.form.fact_id != fact.fact_id for one in before.facts):
        check(before.incident, fact, before.last, office.rules, now)
    if not add_fact(session, row, fact, now):
        return before
    after = standing_of_row(session, office, row)
    look_at(session, row.dossier_code, now)
    record_claims(session, row, after.incident, office.rules, now)
    after = _let_refunds_count(session, office, after, fact, now)
    match fact:
        case f.CompensationPaid() | f.CompensationWaived():
            record_payment(session, row, fact, now)
        case f.Found() if posts_loss(session, row):
            keep_time(session, context, office, dossier, row, after.facts, now)
        case f.ReissueDone():
            take_the_place(session, row, after.incident, fact, now)
        case f.Closed():
            note_closed(session, row.id, fact.at)
            record_surplus(session, row, after.incident, now)
        case _:
            pass
    _tell(session, row, after, fact, now)
    return after


def _let_refunds_count(session: Session, office: Office, after: Standing, fact: f.FactForm, now: datetime) -> Standing:
    """Bring refunds for lateness in line with a finding; the proof on which compensation depends may come after it."""
    if after.incident.finding is None:
        return after
    settle_lateness(session, after.row, now)
    counted = count_refund(session, after.row, after.incident, office.rules, fact.at, now)
    if not counted:
        return after
    told = f.RefundCounted(fact_id=REFUND_COUNTED, at=fact.at, by=fact.by, amount_vnd=counted)
    add_fact(session, after.row, told, now)
    return standing_of_row(session, office, after.row)


def papers_restored(
    session: Session, context: Context, office: Office, dossier_code: str, at: datetime, by: str
) -> None:
    """Complete the re-issue plans of a dossier's open incidents: the one-stop has its papers again."""
    for row in incidents_of(session, dossier_code):
        for step in standing_of_row(session, office, row).incident.open_steps if row.closed_at is None else ():
            fact_id = f"restored-{step.step}"[:100]
            done = f.ReissueDone(fact_id=fact_id, at=at, by=by, step=step.step, held_by=Party.AGENCY)
            report(session, context, office, row.id, done)


def _standing(session: Session, office: Office, row: IncidentRow, facts: list[Stated]) -> Standing:
    incident = fold(facts, office.rules)
    last = deadlines(incident, _circumstances(session, row), office.rules, office.working_time)
    return Standing(row, tuple(facts), incident, last, next_step(incident, last))


def _circumstances(session: Session, row: IncidentRow) -> Circumstances:
    shipment = session.get(Shipment, row.order_number) if row.order_number else None
    if shipment is None:
        return Circumstances()
    delivered_on = local(shipment.delivered_at).date() if shipment.delivered_at else None
    return Circumstances(Zone(shipment.zone), shipment.transit_due, delivered_on)


def _tell(session: Session, row: IncidentRow, after: Standing, fact: f.FactForm, now: datetime) -> None:
    """Tell the citizen what concerns them: the papers are found, money is awarded or paid, the matter is closed."""
    told: dict[str, object]
    match fact:
        case f.Finding() if owed := sum(amount for _, to, amount in after.incident.outstanding if to is Party.CITIZEN):
            kind, told = "compensation_due", {"amount": dong(owed), "until": after.last.compensation}
        case f.CompensationPaid(to=Party.CITIZEN):
            kind, told = "compensation_paid", {"amount": dong(fact.amount_vnd)}
        case f.Found(found=True):
            kind, told = "papers_found", {}
        case f.Closed() if after.incident.resolution is not None:
            kind, told = "incident_closed", {"resolution": after.incident.resolution.resolution}
        case _:
            return
    tell_citizen(session, get_dossier(session, row.dossier_code), kind, f"{row.id}:{fact.fact_id}", now, **told)
