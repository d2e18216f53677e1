"""Where an undeliverable result stands, read from what is known of its leg."""

from __future__ import annotations

from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.context import Context
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Leg, Shipment
from tracking.counter_facts import stay_of
from tracking.effects import journey_of
from tracking.office import Office
from tracking.undeliverable import ReturnFacts, Standing, judge


def standing_of(session: Session, context: Context, office: Office, shipment: Shipment) -> Standing | None:
    """Return where the result of a return leg stands; None while nothing has failed, or after its delivery."""
    journey = journey_of(session, shipment)
    stay = stay_of(session, shipment.order_number)
    facts = ReturnFacts(
        attempts=journey.attempts,
        delivered_at=journey.delivered_at,
        turned_back_at=journey.turned_back_at,
        returned_at=journey.returned_at,
        asked_back=shipment.recall_asked_at is not None,
        counted_at=stay.since if stay is not None else None,
        collected_at=stay.collected_at if stay is not None else None,
    )
    return judge(facts, local(context.clock.now()).date(), office.rules, office.working_time)


def newest_standing(session: Session, context: Context, office: Office, code: str) -> tuple[Shipment, Standing] | None:
    """Return the newest return leg of a dossier that stands anywhere; legs that were cancelled say nothing."""
    for shipment in reversed([s for s in shipments_of(session, code) if s.leg is Leg.RETURN]):
        standing = standing_of(session, context, office, shipment)
        if standing is not None:
            return shipment, standing
        if shipment.state != ShipmentState.CANCELLED and shipment.collected_at is not None:
            return None  # it is on its way once more, or delivered: earlier troubles are over
    return None
