"""From what is stored to the promises of a dossier: its due dates, its parcels, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.dossiers import Dossier
from dispatch.parties import Party
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Shipment
from tracking.apologies.decision import Failing
from tracking.apologies.promises import Harm, Mishap, Parcel, Promises, promised_dates
from tracking.apologies.rows import apologies_of, facts_of
from tracking.apologies.standing import Doing, State
from tracking.clock_facts import ledger_of
from tracking.deadlines.promises import Zone
from tracking.events import journey_events
from tracking.incidents.facts import IncidentKind
from tracking.incidents.records import standing_of
from tracking.incidents.rows import incidents_of
from tracking.office import Office

_HARMS = {
    IncidentKind.MISSING: Harm.LOST,
    IncidentKind.LOST: Harm.LOST,
    IncidentKind.STRAYED: Harm.LOST,
    IncidentKind.WRONG_RECIPIENT: Harm.WRONG_DELIVERY,
    IncidentKind.TORN: Harm.DAMAGED,
    IncidentKind.WET: Harm.DAMAGED,
    IncidentKind.OPENED: Harm.DAMAGED,
}
"""What an incident means for what was promised; a count that differs is nobody's word broken yet."""

_TURNED_ROUND = frozenset({ShipmentState.RETURNING, ShipmentState.RETURNED, ShipmentState.CANCELLED})


def promises_of(session: Session, office: Office, dossier: Dossier) -> Promises:
    """Return what was promised about a dossier; where a ministry's system sets the date, none of ours was."""
    shipments = shipments_of(session, dossier.code)
    parcels, mishaps = tuple(_parcels(session, shipments)), tuple(_mishaps(session, office, dossier.code, shipments))
    if dossier.due_date_owner != "us":
        return Promises(parcels=parcels, mishaps=mishaps)
    ledger = ledger_of(session, office, dossier)
    dates, late_dates = promised_dates(ledger), _late_dates(session, dossier.code)
    return Promises(dates, ledger.extensions, late_dates, parcels, mishaps)


def _late_dates(session: Session, dossier_code: str) -> int:
    """Count the new dates that were named in letters signed after the due day."""
    signed = (
        fact
        for apology in apologies_of(session, dossier_code)
        if apology.failing is Failing.LATE and apology.state is State.SIGNED
        for fact in facts_of(session, apology)
    )
    return sum(1 for fact in signed if fact.doing is Doing.SIGNED and fact.read()["new_due"])


def _parcels(session: Session, shipments: list[Shipment]) -> Iterator[Parcel]:
    for one in shipments:
        if one.transit_due is None:
            continue
        turned_on = None
        if one.transit_kept is None and one.state in _TURNED_ROUND:
            events = journey_events(session, one.order_number)
            turned = [event.event_time for event in events if event.state in _TURNED_ROUND]
            turned_on = local(min(turned, default=one.state_since)).date()
        yield Parcel(one.order_number, Zone(one.zone), one.transit_due, one.transit_kept, turned_on)


def _mishaps(session: Session, office: Office, code: str, shipments: list[Shipment]) -> Iterator[Mishap]:
    """Harm by the incidents of a dossier, and losses by the operator's own word, as long as they stand."""
    legs = {one.order_number: one for one in shipments}
    faults: dict[tuple[Harm, str], Party | None] = {}
    for row in incidents_of(session, code):
        harm, leg = _HARMS.get(row.kind), legs.get(row.order_number or "")
        if harm is None or leg is None:
            continue
        incident = standing_of(session, office, row.id).incident
        fault = incident.finding.party_at_fault if incident.finding else None
        faults[harm, leg.order_number] = fault
        if harm is not Harm.LOST or incident.found_at is None:
            yield Mishap(harm, leg.order_number, Zone(leg.zone), local(row.opened_at).date(), fault)
    for one in shipments:
        if one.state == ShipmentState.LOST.value and (Harm.LOST, one.order_number) not in faults:
            yield Mishap(Harm.LOST, one.order_number, Zone(one.zone), local(one.state_since).date())
