"""Papers that are issued again take the place of those that are gone: these are ended by a fact, whatever turns up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch import custody
from dispatch.dossiers import PaperKind, get_dossier
from dispatch.papers import name_on_list
from dispatch.parties import Party
from tracking.incidents.facts import ReissueDone
from tracking.incidents.fold import Incident
from tracking.incidents.rows import IncidentRow


def take_the_place(session: Session, row: IncidentRow, incident: Incident, fact: ReissueDone, now: datetime) -> None:
    """Let the papers of a step that is done be new ones, with whoever has them.

    What has moved since the incident is not what was lost: somebody had others made before anybody said so.
    """
    dossier = get_dossier(session, row.dossier_code)
    step = next((one.planned for one in incident.steps if one.planned.step == fact.step), None)
    if step is None or incident.found_at is not None:
        return
    names = {name_on_list(name) for name in step.papers}
    for held in custody.holdings(session, dossier.code):
        if name_on_list(held.paper.name) in names and _is_gone(held, incident):
            by_agency = fact.held_by is Party.AGENCY or (fact.held_by is None and held.paper.kind is PaperKind.RESULT)
            holder = custody.agency(dossier.agency_code) if by_agency else custody.CITIZEN
            custody.issue_again(session, held.paper, holder, fact.at, f"{row.id}: {fact.step}"[:180], now)


def _is_gone(held: custody.Holding, incident: Incident) -> bool:
    elsewhere = held.holder != custody.CITIZEN and not custody.is_agency(held.holder)
    return elsewhere and held.since is not None and held.since <= incident.opened.at
