"""What needs a hand: every waiting state has an owner, a limit and a next step, in a clerk's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from carriers.states import ShipmentState
from config.clock import local
from dispatch.context import Context
from dispatch.dossiers import Dossier
from dispatch.feeds import FeedCursor
from dispatch.forms import Direction
from dispatch.handovers import Handover, HandoverLine
from dispatch.news import tell_onestop
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.shipments import BookingState, Leg, Shipment
from tracking.clock_facts import ClockFactRow, ledger_of
from tracking.deadlines.promises import invitations_satisfied
from tracking.events import TrackingEventRow
from tracking.inbox import InboxDelivery, InboxState
from tracking.office import Office

LANE = "housekeeping"
_TOO_MANY_TRIES = 3


@dataclass(frozen=True)
class Attention:
    """One thing that needs a person.

    Attributes:
        key: the same for the same trouble, so that nobody is told of it twice.
        kind: stable slug, for filters and for support.
    """

    key: str
    kind: str
    dossier: str | None
    shipment: str | None
    since: datetime
    what_vi: str
    what_en: str
    next_step_vi: str
    next_step_en: str


def attention(session: Session, context: Context, office: Office) -> list[Attention]:
    """Return everything that needs a hand now, oldest first."""
    found = [
        *_bookings(session, context),
        *_unknown_codes(session),
        *_anomalies(session),
        *_unsigned_handovers(session, context, office),
        *_returns_due(session, office),
        *_parked_deliveries(session),
        *_parked_messages(session),
        *_contradictions(session, office),
        *_silent_feeds(session),
    ]
    return sorted(found, key=lambda item: (item.since, item.key))


def sweep(context: Context, office: Office) -> int:
    """Tell each one-stop, once, of every trouble of its dossiers. Returns how many troubles are open."""
    now = context.clock.now()
    with context.database.write() as session:
        items = attention(session, context, office)
        for item in items:
            dossier = session.get(Dossier, item.dossier) if item.dossier else None
            if dossier is not None:
                data = {
                    "kind": item.kind,
                    "what_vi": item.what_vi,
                    "what_en": item.what_en,
                    "next_step_vi": item.next_step_vi,
                    "next_step_en": item.next_step_en,
                }
                tell_onestop(session, context.accounts, dossier, "postal.attention_needed", item.key, data, now)
        return len(items)


def _bookings(session: Session, context: Context) -> Iterator[Attention]:
    grace = timedelta(minutes=context.settings.unknown_grace_minutes)
    overdue = context.clock.now() - grace
    query = select(Shipment).where(
        or_(
            Shipment.booking == BookingState.PARKED,
            (Shipment.booking == BookingState.OUTCOME_UNKNOWN) & (Shipment.unknown_since <= overdue),
            (Shipment.booking == BookingState.REQUESTED)
            & (Shipment.attempts >= _TOO_MANY_TRIES)
            & Shipment.trouble.is_not(None),
            (Shipment.booking == BookingState.BOOKED) & Shipment.trouble.is_not(None) & Shipment.live,
        )
    )
    for shipment in session.scalars(query):
        yield Attention(
            key=f"booking:{shipment.order_number}:{shipment.booking}",
            kind=f"booking-{shipment.booking}".replace("_", "-"),
            dossier=shipment.dossier_code,
            shipment=shipment.order_number,
            since=shipment.state_since,
            what_vi=f"Đơn {shipment.order_number} chưa được bưu điện xác nhận.",
            what_en=f"Order {shipment.order_number} is not settled with the operator: {shipment.trouble}",
            next_step_vi="Gọi bưu điện, đọc số đơn và hỏi đơn đã có chưa; hệ thống vẫn tự kiểm tra lại.",
            next_step_en="Call the operator with the order number and ask whether it holds the order.",
        )


def _unknown_codes(session: Session) -> Iterator[Attention]:
    query = (
        select(TrackingEventRow, Shipment)
        .join(Shipment, Shipment.order_number == TrackingEventRow.order_number)
        .where(TrackingEventRow.state.is_(None), TrackingEventRow.money_only.is_(False))
    )
    for event, shipment in session.execute(query):
        yield Attention(
            key=f"unknown-code:{shipment.order_number}:{event.key}",
            kind="unknown-code",
            dossier=shipment.dossier_code,
            shipment=shipment.order_number,
            since=event.received_at,
            what_vi=f"Bưu điện báo mã trạng thái chưa biết '{event.code}' cho đơn {shipment.order_number}.",
            what_en=f"The operator reported the unknown status code '{event.code}' for order {shipment.order_number}.",
            next_step_vi="Hỏi bưu điện ý nghĩa của mã và báo bộ phận vận hành; sự kiện đã được lưu.",
            next_step_en="Ask the operator what it means and tell operations to add it to the status table.",
        )


def _anomalies(session: Session) -> Iterator[Attention]:
    for shipment in session.scalars(select(Shipment).where(cast(Shipment.anomalies, Text) != "[]")):
        for anomaly in shipment.anomalies:
            yield Attention(
                key=f"anomaly:{shipment.order_number}:{anomaly['at']}",
                kind="journey-anomaly",
                dossier=shipment.dossier_code,
                shipment=shipment.order_number,
                since=datetime.fromisoformat(anomaly["at"]),
                what_vi=f"Hành trình của đơn {shipment.order_number} có sự kiện mâu thuẫn.",
                what_en=f"Order {shipment.order_number}: {anomaly['what']}.",
                next_step_vi="Đối chiếu với bưu điện nếu giấy tờ chưa ở đúng nơi.",
                next_step_en="Check with the operator if the papers are not where they should be.",
            )


def _unsigned_handovers(session: Session, context: Context, office: Office) -> Iterator[Attention]:
    """Papers the operator calls delivered, and nobody has signed for by the end of the next working day."""
    signed = (
        select(HandoverLine.order_number)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.signed_at.is_not(None), Handover.direction == Direction.TO_AGENCY)
    )
    at_desk = or_(
        (Shipment.leg == Leg.SEND) & (Shipment.state == ShipmentState.DELIVERED.value),
        (Shipment.leg == Leg.RETURN) & (Shipment.state == ShipmentState.RETURNED.value),
    )
    today = local(context.clock.now()).date()
    for shipment in session.scalars(select(Shipment).where(at_desk, Shipment.order_number.not_in(signed))):
        if today > office.working_time.next_working_day(local(shipment.state_since).date()):
            yield Attention(
                key=f"unsigned:{shipment.order_number}",
                kind="handover-unsigned",
                dossier=shipment.dossier_code,
                shipment=shipment.order_number,
                since=shipment.state_since,
                what_vi=f"Bưu điện báo đã giao đơn {shipment.order_number} nhưng chưa có biên bản giao nhận.",
                what_en=f"The operator says {shipment.order_number} is at the desk, but no handover record is signed.",
                next_step_vi="Tìm giấy tờ tại bộ phận một cửa, kiểm đếm và ký biên bản với bưu tá.",
                next_step_en="Find the papers at the desk, count them and sign the record with the postman.",
            )


def _returns_due(session: Session, office: Office) -> Iterator[Attention]:
    """Two invitations far enough apart and nobody came: the result goes back (Circular 17/2017 Art. 5(2)(h))."""
    query = select(Shipment).where(
        Shipment.leg == Leg.RETURN, Shipment.state == ShipmentState.DELIVERY_FAILED.value, Shipment.live
    )
    for shipment in session.scalars(query):
        days = [local(datetime.fromisoformat(at)).date() for at in shipment.failed_attempts]
        if days and invitations_satisfied(days, office.rules, office.working_time):
            yield Attention(
                key=f"return-due:{shipment.order_number}",
                kind="return-due",
                dossier=shipment.dossier_code,
                shipment=shipment.order_number,
                since=shipment.state_since,
                what_vi=f"Đơn {shipment.order_number}: đã mời nhận hai lần, công dân chưa nhận kết quả.",
                what_en=f"Order {shipment.order_number}: invited twice, and nobody has taken the result.",
                next_step_vi="Đề nghị bưu điện chuyển hoàn kết quả về cơ quan và chuẩn bị biên bản nhận lại.",
                next_step_en="Ask the operator to bring the result back and prepare the handover record.",
            )


def _parked_deliveries(session: Session) -> Iterator[Attention]:
    for delivery in session.scalars(select(InboxDelivery).where(InboxDelivery.state == InboxState.PARKED)):
        yield Attention(
            key=f"delivery:{delivery.id}",
            kind="delivery-parked",
            dossier=None,
            shipment=None,
            since=delivery.received_at,
            what_vi=f"Tin nhận từ {delivery.source} chưa xử lý được (số {delivery.id}).",
            what_en=f"Delivery {delivery.id} from {delivery.source} waits: {delivery.reason}.",
            next_step_vi="Không cần làm gì nếu đơn sắp được đăng ký; nếu kéo dài, hỏi bưu điện đơn này của ai.",
            next_step_en="Nothing, if the order is about to be registered; otherwise ask the operator whose it is.",
        )


def _parked_messages(session: Session) -> Iterator[Attention]:
    query = select(OutboxMessage).where(
        or_(
            OutboxMessage.state == OutboxState.PARKED,
            (OutboxMessage.state == OutboxState.PENDING) & (OutboxMessage.attempts > _TOO_MANY_TRIES),
        )
    )
    for message in session.scalars(query):
        yield Attention(
            key=f"message:{message.id}",
            kind="message-undelivered",
            dossier=None,  # the one-stop cannot be told that it cannot be told
            shipment=None,
            since=message.created_at,
            what_vi=f"Chưa gửi được tin '{message.type}' của hồ sơ {message.subject} đến {message.destination}.",
            what_en=f"'{message.type}' of dossier {message.subject} has not reached {message.destination}: "
            f"{message.trouble}.",
            next_step_vi="Kiểm tra kết nối với hệ thống nhận; tin được gửi lại tự động cho đến khi tạm dừng.",
            next_step_en="Check the receiving system; the message is sent again by itself until it is parked.",
        )


def _contradictions(session: Session, office: Office) -> Iterator[Attention]:
    codes = session.scalars(select(ClockFactRow.dossier_code).distinct())
    for code in list(codes):
        for line in ledger_of(session, office, session.get_one(Dossier, code)).contradictions:
            yield Attention(
                key=f"contradiction:{line.fact.id}",
                kind="clock-contradiction",
                dossier=code,
                shipment=None,
                since=line.fact.recorded_at,
                what_vi=f"Hồ sơ {code}: sự kiện về thời hạn mâu thuẫn với các sự kiện khác ({line.contradiction}).",
                what_en=f"Dossier {code}: an event about the time limit contradicts the others ({line.contradiction}).",
                next_step_vi="Kiểm tra lại hồ sơ; hạn trả chưa thay đổi vì sự kiện này.",
                next_step_en="Check the dossier: the due date was not changed by this event.",
            )


def _silent_feeds(session: Session) -> Iterator[Attention]:
    for row in session.scalars(select(FeedCursor).where(FeedCursor.failures >= _TOO_MANY_TRIES)):
        yield Attention(
            key=f"feed:{row.account}",
            kind="feed-failing",
            dossier=None,
            shipment=None,
            since=row.last_polled_at or row.next_poll_at,
            what_vi=f"Không đọc được hành trình từ tài khoản {row.account}.",
            what_en=f"The feed of account {row.account} cannot be read: {row.trouble}.",
            next_step_vi="Chạy `postal doctor`; nếu kéo dài, báo bưu điện.",
            next_step_en="Run `postal doctor`; if it lasts, tell the operator.",
        )
