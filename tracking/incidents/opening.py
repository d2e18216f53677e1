"""An incident is opened: with an owner from the first moment, in the transaction of what it was opened for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.context import Context
from dispatch.dossiers import Dossier, DossierPaper, PaperKind
from dispatch.parties import Party
from dispatch.shipments import Leg, Shipment
from tracking.apologies.rows import look_at
from tracking.incidents.facts import GONE, IncidentKind, Opened, ReissuePlanned, ReissueStep
from tracking.incidents.owners import first_owner
from tracking.incidents.records import standing_of_row
from tracking.incidents.rows import IncidentRow, add_fact, new_incident, opened_for
from tracking.incidents.standstill import BY_OPERATOR, keep_time
from tracking.incidents.wording import kind_words
from tracking.notices import tell_citizen
from tracking.office import Office
from tracking.watching.incidents import opened_item
from tracking.watching.items import tell_attention

_OF_THE_POST = custody.post("")
"""How the names of those holders begin that are postal operators."""


@dataclass(frozen=True)
class Alarm:
    """What was noticed. ``cause`` is unique within the dossier: the same cause is the same incident."""

    kind: IncidentKind
    what: str
    cause: str
    at: datetime
    by: str


def open_incident(
    session: Session,
    context: Context,
    office: Office,
    dossier: Dossier,
    shipment: Shipment | None,
    alarm: Alarm,
) -> IncidentRow:
    """Open an incident and tell the one-stop and the citizen. The same cause changes nothing."""
    known = opened_for(session, dossier.code, alarm.cause)
    if known is not None:
        return known
    now = context.clock.now()
    holder = _holder(session, dossier)
    owner = first_owner(alarm.kind, holder, dossier.agency_code, shipment.account if shipment else None)
    opened = Opened(fact_id="opened", at=alarm.at, by=alarm.by, kind=alarm.kind, what=alarm.what, owner=owner)
    number = shipment.order_number if shipment else None
    row = new_incident(session, dossier.code, number, alarm.cause, opened, now)
    by_post = alarm.kind in GONE and (shipment is not None or holder.startswith(_OF_THE_POST))
    if by_post:
        _plan(session, row, dossier, shipment, opened, now)
    look_at(session, dossier.code, now)
    standing = standing_of_row(session, office, row)
    if by_post:
        keep_time(session, context, office, dossier, row, standing.facts, now)
    tell_attention(session, context, opened_item(standing))
    _tell_citizen(session, dossier, row, now, by_post=by_post)
    return row


def _tell_citizen(session: Session, dossier: Dossier, row: IncidentRow, now: datetime, *, by_post: bool) -> None:
    """Tell the citizen, unless what caused the incident does so: the operator's own report, a wrong delivery."""
    if row.cause.startswith(BY_OPERATOR) or row.kind is IncidentKind.WRONG_RECIPIENT:
        return
    if by_post:
        tell_citizen(session, dossier, "papers_reported_lost", row.id, now)
        return
    words = kind_words(row.kind)
    tell_citizen(session, dossier, "incident_opened", row.id, now, kind_vi=words.vi, kind_en=words.en)


def _holder(session: Session, dossier: Dossier) -> str:
    """Return who has the papers: the post where it has any, as it is asked first."""
    holders = [held.holder for held in custody.holdings(session, dossier.code)]
    with_post = next((holder for holder in holders if holder.startswith(_OF_THE_POST)), None)
    return with_post or next(iter(holders), custody.agency(dossier.agency_code))


def _plan(
    session: Session, row: IncidentRow, dossier: Dossier, shipment: Shipment | None, opened: Opened, now: datetime
) -> None:
    """Plan that lost papers are issued again: a result by the agency, a citizen's paper at the citizen's request."""
    papers = _lost_papers(session, dossier, shipment)
    if not papers:
        return
    steps = [
        ReissueStep(
            step=f"{paper.id} {paper.name}"[:100],
            papers=[paper.name],
            applicant=Party.AGENCY if paper.kind is PaperKind.RESULT else Party.CITIZEN,
        )
        for paper in papers
    ]
    plan = ReissuePlanned(fact_id="plan", at=opened.at, by=opened.by, steps=steps)
    add_fact(session, row, plan, now)


def _lost_papers(session: Session, dossier: Dossier, shipment: Shipment | None) -> list[DossierPaper]:
    """Return what the post had; where its collection went unreported, what the leg is for."""
    holdings = custody.holdings(session, dossier.code)
    if shipment is None:
        return [holding.paper for holding in holdings if holding.holder.startswith(_OF_THE_POST)]
    held = custody.held_by(session, dossier.code, custody.post(shipment.carrier))
    kind = PaperKind.RESULT if shipment.leg is Leg.RETURN else PaperKind.SUBMITTED
    return held or [holding.paper for holding in holdings if holding.paper.kind is kind]
