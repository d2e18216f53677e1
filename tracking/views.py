"""What people are shown of a dossier: shipments with their next step, papers with their holder, the story so far."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.contract import Certainty
from carriers.states import ShipmentState
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Direction
from dispatch.handovers import Handover, HandoverLine
from dispatch.onestop.callbacks import CITIZEN
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.routing import RoutingDecision
from dispatch.shipments import BookingState, Leg, Shipment, shipments_of
from tracking.clock_facts import ledger_of
from tracking.deadlines.explain import explain_ledger
from tracking.events import StoredEvent, events_of
from tracking.office import Office


@dataclass(frozen=True)
class Moment:
    """One entry of a dossier's story. ``at`` is when it happened, not when we heard of it."""

    at: datetime
    source: str
    what_vi: str
    what_en: str


_STATES_VI = {
    ShipmentState.BOOKED: "bưu điện đã nhận đơn",
    ShipmentState.COLLECTING: "bưu tá đang đến nhận",
    ShipmentState.COLLECTION_FAILED: "chưa thu gom được",
    ShipmentState.IN_TRANSIT: "đang vận chuyển",
    ShipmentState.OUT_FOR_DELIVERY: "đang phát",
    ShipmentState.DELIVERY_FAILED: "phát chưa thành công",
    ShipmentState.DELIVERED: "đã phát",
    ShipmentState.RETURNING: "đang chuyển hoàn",
    ShipmentState.RETURNED: "đã chuyển hoàn",
    ShipmentState.CANCELLED: "đã huỷ",
    ShipmentState.LOST: "thất lạc",
}


def next_step(shipment: Shipment) -> str | None:
    """Return what happens next with a shipment, or None when nothing is left to happen."""
    if not shipment.live:
        return None
    if shipment.cancel_wanted:
        return "the operator is being asked to cancel"
    if shipment.booking is BookingState.REQUESTED and shipment.book_at is None:
        return "booked when the result is ready"
    steps = {
        BookingState.REQUESTED: "booked at the operator",
        BookingState.BOOKING: "the operator is being called",
        BookingState.OUTCOME_UNKNOWN: "looked up at the operator; never booked again blindly",
        BookingState.PARKED: f"a person decides: {shipment.trouble}",
    }
    return steps.get(shipment.booking, "followed until the operator reports the next event")


def timeline(session: Session, office: Office, code: str) -> list[Moment]:
    """Return everything that happened to a dossier, in the order in which it happened.

    Raises:
        Problem: the dossier is unknown.
    """
    dossier = get_dossier(session, code)
    moments = [
        Moment(dossier.filed_at, "one-stop", "Công dân nộp hồ sơ", "Filed by the citizen"),
        *_choices(session, code),
        *_journeys(session, code),
        *_handovers(session, code),
        *_clock(session, office, dossier),
        *_messages(session, code),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _choices(session: Session, code: str) -> list[Moment]:
    query = (
        select(RoutingDecision)
        .join(Shipment, Shipment.order_number == RoutingDecision.order_number)
        .where(Shipment.dossier_code == code)
    )
    return [
        Moment(
            decision.decided_at,
            "routing",
            f"{decision.order_number}: chọn tài khoản {decision.account} ({_reasons(decision, 'vi')})",
            f"{decision.order_number}: account {decision.account} was chosen ({_reasons(decision, 'en')})",
        )
        for decision in session.scalars(query)
    ]


def _reasons(decision: RoutingDecision, language: str) -> str:
    chosen = next(one for one in decision.considered if one["account"] == decision.account)
    return "; ".join(reason[language] for reason in chosen["reasons"])


def _journeys(session: Session, code: str) -> list[Moment]:
    found = []
    for shipment in shipments_of(session, code):
        leg_vi = "gửi hồ sơ" if shipment.leg is Leg.SEND else "trả kết quả"
        for event in events_of(session, shipment.order_number):
            state_vi, state_en = _said(event)
            where = f" ({event.location})" if event.location else ""
            found.append(
                Moment(
                    event.event_time,
                    shipment.carrier,
                    f"{shipment.order_number} ({leg_vi}): {state_vi}{where}",
                    f"{shipment.order_number} ({shipment.leg}): {state_en}{where}",
                )
            )
    return found


def _said(event: StoredEvent) -> tuple[str, str]:
    meaning = event.meaning
    if meaning.state is not None:
        return _STATES_VI.get(meaning.state, meaning.state), meaning.state
    if meaning.money_only:
        return f"tin về tiền, mã '{event.code}'", f"about money only, code '{event.code}'"
    if meaning.certainty is not Certainty.UNKNOWN:
        return f"tin không làm thay đổi vị trí giấy tờ, mã '{event.code}'", f"moves nothing, code '{event.code}'"
    return f"mã chưa biết '{event.code}'", f"unknown code '{event.code}', kept"


def _handovers(session: Session, code: str) -> list[Moment]:
    query = (
        select(Handover, HandoverLine)
        .join(HandoverLine, HandoverLine.handover_id == Handover.id)
        .join(Shipment, Shipment.order_number == HandoverLine.order_number)
        .where(Shipment.dossier_code == code, Handover.signed_at.is_not(None))
    )
    found = []
    for handover, line in session.execute(query):
        inward = handover.direction is Direction.TO_AGENCY
        verdict_vi = "đã nhận" if line.accepted else f"từ chối: {line.reason or ', '.join(line.missing_papers)}"
        verdict_en = "accepted" if line.accepted else f"rejected: {line.reason or ', '.join(line.missing_papers)}"
        found.append(
            Moment(
                handover.signed_at or handover.drawn_up_at,
                f"{handover.officer} / {handover.postman}",
                f"Ký biên bản {handover.number} ({'nhận vào' if inward else 'giao bưu điện'}): {verdict_vi}",
                f"Handover record {handover.number} signed ({'inward' if inward else 'outward'}): {verdict_en}",
            )
        )
    return found


def _clock(session: Session, office: Office, dossier: Dossier) -> list[Moment]:
    ledger = ledger_of(session, office, dossier)
    lines = explain_ledger(ledger, office.calendars, office.rules)
    return [
        Moment(datetime.fromisoformat(line["at"]), "due date", line["text_vi"], line["text_en"])
        for line in lines
        if line["evidence"] is not None
    ]


def _messages(session: Session, code: str) -> list[Moment]:
    query = select(OutboxMessage).where(
        OutboxMessage.subject == code,
        OutboxMessage.destination == CITIZEN,
        OutboxMessage.state == OutboxState.SENT,
        OutboxMessage.sent_at.is_not(None),
    )
    return [
        Moment(message.created_at, "message", f"Đã nhắn: {data['text_vi']}", f"Citizen told: {data['text_en']}")
        for message in session.scalars(query)
        for data in [json.loads(message.payload)["data"]]
    ]
