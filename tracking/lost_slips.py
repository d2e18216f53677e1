"""Appointment slips that a recipient states to be lost: an incident of the desk (Circular 17/2017 Art. 5(2)(đ))."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.recipients import DeliveryRecordForm, judge
from dispatch.shipments import Shipment
from tracking.doorstep import NOT_WITH_POST, DeliveryRecord
from tracking.incidents.facts import IncidentKind
from tracking.incidents.opening import Alarm, open_incident
from tracking.office import Office


def note_lost_slip(
    session: Session, context: Context, office: Office, dossier: Dossier, shipment: Shipment, form: DeliveryRecordForm
) -> None:
    """Open an incident for the papers that a record of delivery states to be lost; once for each record."""
    lost = judge(form).lost_papers
    if not lost:
        return
    alarm = Alarm(
        kind=IncidentKind.SLIP_LOST,
        what=f"{', '.join(lost)}: {form.statement}"[:300],
        cause=f"record:{shipment.order_number}:{form.record_id}"[:200],
        at=form.at,
        by=form.postman,
    )
    open_incident(session, context, office, dossier, shipment, alarm)


def note_earlier_slips(
    session: Session, context: Context, office: Office, dossier: Dossier, shipment: Shipment
) -> None:
    """Do so for the deliveries that were recorded before anybody had heard of the collection."""
    early = (DeliveryRecord.contradiction == NOT_WITH_POST, DeliveryRecord.refused.is_(None))
    query = select(DeliveryRecord).where(DeliveryRecord.order_number == shipment.order_number, *early)
    for record in session.scalars(query):
        note_lost_slip(session, context, office, dossier, shipment, DeliveryRecordForm.model_validate_json(record.said))
