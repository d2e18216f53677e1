"""When the postman is expected to come for a result: planned with every due date, and again when that moves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from config.calendars import MissingCalendarYear
from config.clock import local
from dispatch.shipment_queries import awaiting_result
from dispatch.shipments import Shipment
from tracking.deadlines.promises import Zone, expected_delivery, result_pickup
from tracking.office import Office


def plan_pickup(session: Session, office: Office, dossier_code: str, due: datetime | None) -> None:
    """Plan the pickup of a result that is still awaited, for the working day after it is due.

    The operator is told with the booking, once the result is there; until then the plan is for the desk. Without a due
    date, or where the next year's calendar is not known yet, there is no plan.
    """
    shipment = awaiting_result(session, dossier_code)
    if shipment is None:
        return
    try:
        shipment.pickup_on = pickup_day(shipment, local(due).date(), office) if due else None
    except MissingCalendarYear:
        shipment.pickup_on = None


def pickup_day(shipment: Shipment, result_day: date, office: Office) -> date:
    """Return when the postman should come for a result that is at the desk on ``result_day``.

    That of a same-day procedure is collected and delivered at once (Decision 45/2016/QĐ-TTg Art. 16(3)(c)).
    """
    return result_day if shipment.priority else result_pickup(result_day, office.rules, office.working_time)


def expected_at_home(shipment: Shipment, result_day: date, office: Office) -> date:
    """Return the day by which the citizen may expect a result that is at the desk on ``result_day``."""
    return expected_delivery(result_day, Zone(shipment.zone), office.rules, office.working_time)
