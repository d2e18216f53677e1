"""What clerks meet: orders in doubt, lost papers, papers at the desk, incidents."""

from __future__ import annotations

from datetime import timedelta

from config.clock import local
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.handovers import draw_up
from dispatch.routing import note_price
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState
from tests.support.desk import ACCOUNT, AGENCY, CARRIER, MONDAY, TestDesk
from tests.tracking.case import COLLECTED, Case
from tracking.acceptance import sign_handover
from tracking.incidents.facts import IncidentKind
from tracking.incidents.forms import IncidentForm
from tracking.incidents.reports import report_incident


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


def incident(desk: TestDesk, code: str, kind: IncidentKind = IncidentKind.LOST) -> str:
    """Let the postman report that something went wrong with papers that he has; returns the incident's id."""
    (number,) = desk.order("send", dossier=code)
    desk.work()
    now = desk.clock.now()
    Case(desk, code).reported(number, COLLECTED, f"{local(now):%Y-%m-%d %H:%M}")
    said = {"report_id": code, "dossier": code, "order_number": number, "what": "mất túi thư", "by": "Lý Văn Hải"}
    form = IncidentForm.model_validate({**said, "kind": kind, "at": now})
    with desk.context.database.write() as session:
        return report_incident(session, desk.context, desk.office, form, "tests").row.id


def collected(desk: TestDesk, code: str) -> str:
    """Let the postman collect the fee with the papers; returns the order's number."""
    with desk.context.database.write() as session:
        note_price(session, ACCOUNT, ("04", "04"), 30_000, MONDAY)
    case = Case(desk, code)
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, f"{local(desk.clock.now()):%Y-%m-%d %H:%M}")
    return case.s1
