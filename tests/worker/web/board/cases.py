"""What clerks meet: orders in doubt, lost papers, papers at the desk."""

from __future__ import annotations

from datetime import timedelta

from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState
from tests.support.desk import MONDAY, TestDesk


def lost(desk: TestDesk, code: str) -> str:
    """Let the operator lose papers."""
    (number,) = desk.order("send", dossier=code)
    with desk.context.database.write() as session:
        shipment = get_shipment(session, number)
        shipment.state, shipment.state_since = "lost", MONDAY
    return number


def in_doubt(desk: TestDesk, code: str) -> str:
    """Order something of which nobody knows whether the operator has it."""
    (number,) = desk.order("send", dossier=code)
    with desk.context.database.write() as session:
        shipment = get_shipment(session, number)
        shipment.booking, shipment.next_at = BookingState.OUTCOME_UNKNOWN, None
        shipment.state = shipment.booking.value
        shipment.unknown_since = MONDAY - timedelta(days=1)
        shipment.trouble = "no answer within 2 s"
    return number


def at_the_desk(desk: TestDesk, code: str, service: str = "send") -> str:
    """Let the postman bring a citizen's papers to the desk; he says so in the feed."""
    number = desk.order(service, dossier=code)[0]
    desk.work()
    desk.report(number, 2, desk.clock.now())
    desk.report(number, 4, desk.clock.now() + timedelta(minutes=1))
    desk.poll()
    return number
