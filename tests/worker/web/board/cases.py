"""What clerks meet: orders in doubt, lost papers, papers at the desk."""

from __future__ import annotations

from datetime import timedelta

from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handovers import draw_up
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState
from tests.support.desk import AGENCY, CARRIER, MONDAY, TestDesk
from tracking.acceptance import sign_handover


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


def result_with_the_post(desk: TestDesk, code: str, *events: int) -> str:
    """Let the postman carry a result, and report what becomes of it (VNPost's codes), each a minute after the other."""
    (number,) = desk.order("receive", dossier=code, carrier=CARRIER)
    desk.tell("accepted", "a1", code=code)
    desk.tell("result_ready", "r1", code=code, result_papers=[{"name": "Trích lục", "originals": 1}])
    desk.work()
    for event in (2, *events):
        desk.report(number, event, desk.clock.now())
        desk.clock.forward(minutes=1)
    desk.poll()
    return number


def result_brought_back(desk: TestDesk, code: str) -> str:
    """Let a result be tried once in vain and be brought back, which is too early; nobody has counted it."""
    return result_with_the_post(desk, code, 5, 6, 7)


def result_at_the_counter(desk: TestDesk, code: str) -> str:
    """Let a result be brought back and counted: it waits at the counter."""
    number = result_brought_back(desk, code)
    signed = {"signed_at": desk.clock.now(), "officer": "Hà Thị Mai", "postman": "Lý Văn Hải"}
    signature = SignatureForm.model_validate({**signed, "lines": [{"order": number, "accepted": True}]})
    record = HandoverForm(agency=AGENCY, carrier=CARRIER, direction=Direction.TO_AGENCY, orders=[number])
    with desk.context.database.write() as session:
        drawn, _ = draw_up(session, record, desk.clock.now())
        sign_handover(session, desk.context, desk.office, drawn.id, signature)
    return number
