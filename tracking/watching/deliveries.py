"""Deliveries that nobody can show, that were none, or that contradict what is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Select, select

from carriers.states import ShipmentState
from config.clock import local
from dispatch.recipients import DeliveryRecordForm
from dispatch.shipments import Shipment
from tracking.deadlines.rules import RuleId
from tracking.delivery_proof import contradiction_of
from tracking.doorstep import NOT_WITH_POST, DeliveryRecord
from tracking.watching.items import Attention, View, of_shipment

_NEWS = timedelta(days=30)
"""How long a contradiction is shown that nobody can settle: it stays with the shipment for good."""


def unproven(view: View) -> Iterator[Attention]:
    """Results called delivered without a record of who received them, where the account requires one."""
    days = view.office.rules.at(RuleId.DELIVERY_SIGNATURE, view.today).number("record_working_days")
    for shipment in view.session.scalars(select(Shipment).where(Shipment.proof_wanted)):
        at = shipment.delivered_at
        if at and view.today > view.office.working_time.add_working_days(local(at).date(), days):
            yield of_shipment(shipment, "delivery-unproven", at)


def refused(view: View) -> Iterator[Attention]:
    """Attempts that were no delivery, while the parcel is still to be delivered."""
    may_fit = DeliveryRecord.contradiction.is_(None) | (DeliveryRecord.contradiction == NOT_WITH_POST)
    query = _records().where(DeliveryRecord.refused.is_not(None), may_fit, Shipment.live)
    for record, shipment in view.session.execute(query):
        fits = contradiction_of(view.session, shipment, record) is None
        if fits and shipment.journey == ShipmentState.DELIVERY_FAILED:
            said = {"at": f"{local(record.at):%H:%M %d/%m/%Y}", "lacks": record.refused}
            yield of_shipment(shipment, "delivery-refused", record.at, f":{record.record_id}", **said)


def contradictions(view: View) -> Iterator[Attention]:
    """Deliveries of what the post had not collected, as long as that is so, and of what was received before."""
    query = _records().where(DeliveryRecord.contradiction.is_not(None), DeliveryRecord.at >= view.now - _NEWS)
    for record, shipment in view.session.execute(query):
        if (what := contradiction_of(view.session, shipment, record)) is None:
            continue
        postman = DeliveryRecordForm.model_validate_json(record.said).postman
        said = {"at": f"{local(record.at):%H:%M %d/%m/%Y}", "what": what, "postman": postman}
        yield of_shipment(shipment, "delivery-contradiction", record.at, f":{record.record_id}", **said)


def _records() -> Select[DeliveryRecord, Shipment]:
    return select(DeliveryRecord, Shipment).join(Shipment, Shipment.order_number == DeliveryRecord.order_number)
