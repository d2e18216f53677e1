"""What people are shown of a dossier: shipments with their next step, papers with their holder, the story so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from carriers.contract import Certainty
from carriers.states import ShipmentState
from dispatch.dossiers import Dossier, get_dossier
from dispatch.forms import Direction, Service
from dispatch.handover_lines import Handover, HandoverLine
from dispatch.orders import PostalOrder
from dispatch.routing import RoutingDecision
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import BookingState, Leg, Shipment
from tracking.apologies.letters import what_happened
from tracking.apologies.rows import apologies_of, facts_of
from tracking.apologies.standing import Doing
from tracking.citizen.changes import changes_of
from tracking.citizen.words import CHANGED
from tracking.clock_facts import ledger_of
from tracking.counter_facts import CounterFact
from tracking.counter_stay import CounterEvent
from tracking.deadlines.explain import explain_ledger
from tracking.deadlines.wording import Text
from tracking.events import StoredEvent, journeys_of
from tracking.incidents.rows import incidents_of, stated
from tracking.incidents.wording import fact_words
from tracking.office import Office
from tracking.stop_notices import notices_of
from tracking.telling.told import told


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


_COUNTER_VI = {
    CounterEvent.WAITING: "kết quả chờ tại bộ phận một cửa",
    CounterEvent.REMINDED: "đã nhắc công dân đến nhận",
    CounterEvent.COLLECTED: "công dân đã nhận tại quầy",
    CounterEvent.SENT_AGAIN: "bưu điện đã nhận để gửi lại",
}
_LEGS_VI = {Leg.SEND: "gửi hồ sơ", Leg.RETURN: "trả kết quả", Leg.TRANSFER: "chuyển giữa các cơ quan"}
_SERVICES = {
    Service.SEND: ("Đăng ký gửi hồ sơ qua bưu điện", "Sending the papers by post was ordered"),
    Service.RECEIVE: ("Đăng ký nhận kết quả qua bưu điện", "Delivery of the result by post was ordered"),
    Service.BOTH: ("Đăng ký gửi hồ sơ và nhận kết quả qua bưu điện", "Sending and delivery by post were ordered"),
}


def next_step(shipment: Shipment) -> str | None:
    """Return what happens next with a shipment, or None when nothing is left to happen."""
    words = next_step_words(shipment)
    return words[1] if words is not None else None


def next_step_words(shipment: Shipment) -> tuple[str, str] | None:
    """Return what happens next with a shipment, in Vietnamese and English; None when nothing is left to happen."""
    if not shipment.live:
        return None
    if shipment.cancel_wanted:
        return "đang yêu cầu bưu điện huỷ", "the operator is being asked to cancel"
    if shipment.recall_asked_at is not None:
        return "bưu điện phải chuyển hoàn giấy tờ", "the operator is to bring the papers back"
    if shipment.new_citizen is not None:
        return "đang báo địa chỉ mới cho bưu điện", "the operator is being told the new address"
    if shipment.booking is BookingState.REQUESTED and shipment.book_at is None:
        return "đặt đơn khi có kết quả", "booked when the result is ready"
    trouble, parcel = shipment.trouble, shipment.rides_with
    steps = {
        BookingState.REQUESTED: ("sẽ đặt đơn tại bưu điện", "booked at the operator"),
        BookingState.BOOKING: ("đang gọi bưu điện", "the operator is being called"),
        BookingState.OUTCOME_UNKNOWN: (
            "đang tra cứu tại bưu điện; không tự đặt lại khi chưa rõ",
            "looked up at the operator; never booked again blindly",
        ),
        BookingState.PARKED: (f"cán bộ quyết định: {trouble}", f"a person decides: {trouble}"),
        BookingState.RIDING: (f"đi cùng bưu gửi của {parcel}", f"goes in the parcel of {parcel}"),
    }
    followed = "theo dõi đến khi bưu điện báo tin tiếp theo", "followed until the operator reports the next event"
    return steps.get(shipment.booking, followed)


def timeline(session: Session, office: Office, code: str) -> list[Moment]:
    """Return everything that happened to a dossier, in the order in which it happened.

    Raises:
        Problem: the dossier is unknown.
    """
    dossier = get_dossier(session, code)
    moments = [
        Moment(dossier.filed_at, "one-stop", "Công dân nộp hồ sơ", "Filed by the citizen"),
        *_by_the_citizen(session, code),
        *_choices(session, code),
        *_journeys(session, code),
        *_handovers(session, code),
        *_incidents(session, code),
        *_clock(session, office, dossier),
        *_messages(session, code),
        *_apologies(session, code),
        *_at_the_counter(session, code),
        *_stop_notices(session, code),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _by_the_citizen(session: Session, code: str) -> list[Moment]:
    query = select(PostalOrder).where(PostalOrder.dossier_code == code, PostalOrder.service.in_(_SERVICES))
    placed = session.scalars(query)
    said = [
        *((order.placed_at, Text(*_SERVICES[order.service])) for order in placed),
        *((one.at, CHANGED[one.change]) for one in changes_of(session, code)),
    ]
    return [Moment(at, "citizen", text.vi, text.en) for at, text in said]


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
    for shipment, event, place in journeys_of(session, shipments_of(session, code)):
        state_vi, state_en = _said(event)
        where_vi, where_en = (f" ({place.vi})", f" ({place.en})") if place is not None else ("", "")
        found.append(
            Moment(
                event.event_time,
                shipment.carrier,
                f"{shipment.order_number} ({_LEGS_VI[shipment.leg]}): {state_vi}{where_vi}",
                f"{shipment.order_number} ({shipment.leg}): {state_en}{where_en}",
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


def _incidents(session: Session, code: str) -> list[Moment]:
    said = stated(session, [row.id for row in incidents_of(session, code)])
    return [
        Moment(one.form.at, one.form.by, f"{incident}: {words.vi}", f"{incident}: {words.en}")
        for incident, facts in said.items()
        for one in facts
        for words in [fact_words(one.form)]
    ]


def _at_the_counter(session: Session, code: str) -> list[Moment]:
    query = select(CounterFact).join(Shipment, Shipment.order_number == CounterFact.order_number)
    return [
        Moment(
            fact.at,
            fact.officer or "one-stop",
            f"{fact.order_number}: {_COUNTER_VI[fact.kind]} ({fact.evidence})",
            f"{fact.order_number}: at the counter, {fact.kind.replace('_', ' ')} ({fact.evidence})",
        )
        for fact in session.scalars(query.where(Shipment.dossier_code == code))
    ]


def _stop_notices(session: Session, code: str) -> list[Moment]:
    said = "Stop notice (form 05) issued: the applicant has withdrawn the dossier"
    return [Moment(notice.at, notice.officer, notice.text_vi, said) for notice in notices_of(session, code)]


def _clock(session: Session, office: Office, dossier: Dossier) -> list[Moment]:
    ledger = ledger_of(session, office, dossier)
    lines = explain_ledger(ledger, office.calendars, office.rules)
    return [
        Moment(datetime.fromisoformat(line["at"]), "due date", line["text_vi"], line["text_en"])
        for line in lines
        if line["evidence"] is not None
    ]


def _apologies(session: Session, code: str) -> list[Moment]:
    found = []
    for apology in apologies_of(session, code):
        for fact in facts_of(session, apology):
            vi, en = _SAID_OF_LETTERS[fact.doing]
            about_vi, about_en = what_happened(apology.failing)
            what_vi = f"Văn bản xin lỗi {apology.number} ({about_vi}): {vi}"
            found.append(Moment(fact.at, "apology", what_vi, f"Letter {apology.number} ({about_en}): {en}"))
    return found


_SAID_OF_LETTERS = {
    Doing.DRAFTED: ("đã dự thảo", "drafted"),
    Doing.VOIDED: ("không còn phải gửi", "owed no longer"),
    Doing.DISMISSED: ("không phải xin lỗi, theo ghi nhận của cán bộ", "dismissed by an officer"),
    Doing.SIGNED: ("đã ký và gửi", "signed and sent"),
}


def _messages(session: Session, code: str) -> list[Moment]:
    return [
        Moment(one.at, "message", f"Đã nhắn: {one.text_vi}", f"Citizen told: {one.text_en}")
        for one in told(session, code)
    ]
