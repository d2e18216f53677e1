"""What needs a hand: every waiting state has an owner, a limit and a next step, in a clerk's words (``watch.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Select, Text, cast, or_, select
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
from dispatch.shipments import BEFORE_COLLECTION, BookingState, Leg, Shipment
from tracking.clock_facts import ClockContradiction
from tracking.deadlines.promises import invitations_satisfied
from tracking.events import TrackingEventRow
from tracking.inbox import InboxDelivery, InboxState
from tracking.office import Office

_TOO_MANY_TRIES = 3


@dataclass(frozen=True)
class Attention:
    """One thing that needs a person.

    Attributes:
        key: the same for the same trouble, so that nobody is told of it twice.
        kind: stable slug, for filters and for support; its words are in ``watch.toml``.
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


@dataclass(frozen=True)
class _View:
    session: Session
    context: Context
    office: Office

    @property
    def now(self) -> datetime:
        return self.context.clock.now()

    @property
    def today(self) -> date:
        return local(self.now).date()


def attention(session: Session, context: Context, office: Office) -> list[Attention]:
    """Return everything that needs a hand now, oldest first."""
    view = _View(session, context, office)
    found = [item for find in _FINDERS for item in find(view)]
    return sorted(found, key=lambda item: (item.since, item.key))


def sweep(context: Context, office: Office) -> int:
    """Tell each one-stop, once, of every trouble of its dossiers. Returns how many troubles are open."""
    now = context.clock.now()
    with context.database.write() as session:
        items = attention(session, context, office)
        for item in items:
            dossier = session.get(Dossier, item.dossier) if item.dossier else None
            if dossier is not None:
                data = {name: value for name, value in asdict(item).items() if name in _TOLD}
                tell_onestop(session, context.accounts, dossier, "postal.attention_needed", item.key, data, now)
        return len(items)


_TOLD = ("kind", "what_vi", "what_en", "next_step_vi", "next_step_en")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("watch.toml").read_text(encoding="utf-8"))


def _item(kind: str, key: str, since: datetime, values: Mapping[str, object], dossier: str | None = None) -> Attention:
    said = {name: text.format_map({**values, "dossier": dossier}) for name, text in _words()[kind].items()}
    order = values.get("order")
    return Attention(f"{kind}:{key}", kind, dossier, str(order) if order else None, since, **said)


def _of(shipment: Shipment, kind: str, since: datetime, key: str = "", **values: object) -> Attention:
    number = shipment.order_number
    return _item(kind, f"{number}{key}", since, {**values, "order": number}, shipment.dossier_code)


def _bookings(view: _View) -> Iterator[Attention]:
    overdue = view.now - timedelta(minutes=view.context.settings.unknown_grace_minutes)
    troubled = Shipment.trouble.is_not(None)
    query = select(Shipment).where(
        or_(
            Shipment.booking == BookingState.PARKED,
            (Shipment.booking == BookingState.OUTCOME_UNKNOWN) & (Shipment.unknown_since <= overdue),
            (Shipment.booking == BookingState.REQUESTED) & (Shipment.attempts >= _TOO_MANY_TRIES) & troubled,
            (Shipment.booking == BookingState.BOOKED) & Shipment.live & troubled,
        )
    )
    for shipment in view.session.scalars(query):
        kind = f"booking-{shipment.booking.replace('_', '-')}"
        yield _of(shipment, kind, shipment.state_since, trouble=shipment.trouble)


def _unknown_codes(view: _View) -> Iterator[Attention]:
    query = (
        select(TrackingEventRow, Shipment)
        .join(Shipment, Shipment.order_number == TrackingEventRow.order_number)
        .where(TrackingEventRow.state.is_(None), TrackingEventRow.money_only.is_(False))
    )
    for event, shipment in view.session.execute(query):
        yield _of(shipment, "unknown-code", event.received_at, f":{event.key}", code=event.code)


def _anomalies(view: _View) -> Iterator[Attention]:
    for shipment in view.session.scalars(select(Shipment).where(cast(Shipment.anomalies, Text) != "[]")):
        for anomaly in shipment.anomalies:
            at = datetime.fromisoformat(anomaly["at"])
            yield _of(shipment, "journey-anomaly", at, f":{anomaly['at']}", what=anomaly["what"])


def _late_collections(view: _View) -> Iterator[Attention]:
    """Booked, and nobody came by the working day after the one that was agreed, or after the booking."""
    early = [state.value for state in BEFORE_COLLECTION if state is not None]
    query = select(Shipment).where(Shipment.booking == BookingState.BOOKED, Shipment.live, Shipment.state.in_(early))
    for shipment in view.session.scalars(query):
        asked_for = shipment.pickup_on or local(shipment.book_at or shipment.created_at).date()
        expected = view.office.working_time.next_working_day(asked_for)
        if view.today > expected:
            yield _of(shipment, "not-collected", shipment.state_since, expected=f"{expected:%d/%m/%Y}")


def _late_in_transit(view: _View) -> Iterator[Attention]:
    """Beyond J+n and not there (Circular 17/2017/TT-BTTTT Art. 7)."""
    query = select(Shipment).where(
        Shipment.live, Shipment.transit_due < view.today, Shipment.transit_kept.is_(None), Shipment.journey.is_not(None)
    )
    for shipment in view.session.scalars(query):
        since = shipment.collected_at or shipment.state_since
        yield _of(shipment, "transit-late", since, due=f"{shipment.transit_due:%d/%m/%Y}")


def _unsigned_handovers(view: _View) -> Iterator[Attention]:
    """Papers the operator calls delivered, and nobody has signed for by the end of the next working day."""
    at_desk = or_(
        (Shipment.leg == Leg.SEND) & (Shipment.state == ShipmentState.DELIVERED.value),
        (Shipment.leg == Leg.RETURN) & (Shipment.state == ShipmentState.RETURNED.value),
    )
    for shipment in view.session.scalars(select(Shipment).where(at_desk, Shipment.order_number.not_in(_signed_in()))):
        if view.today > view.office.working_time.next_working_day(local(shipment.state_since).date()):
            yield _of(shipment, "handover-unsigned", shipment.state_since)


def _signed_in() -> Select[str]:
    return (
        select(HandoverLine.order_number)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.signed_at.is_not(None), Handover.direction == Direction.TO_AGENCY)
    )


def _returns_due(view: _View) -> Iterator[Attention]:
    """Two invitations far enough apart and nobody came: the result goes back (Circular 17/2017 Art. 5(2)(h))."""
    query = select(Shipment).where(
        Shipment.leg == Leg.RETURN, Shipment.state == ShipmentState.DELIVERY_FAILED.value, Shipment.live
    )
    for shipment in view.session.scalars(query):
        days = [local(datetime.fromisoformat(at)).date() for at in shipment.failed_attempts]
        if days and invitations_satisfied(days, view.office.rules, view.office.working_time):
            yield _of(shipment, "return-due", shipment.state_since)


def _parked_deliveries(view: _View) -> Iterator[Attention]:
    for delivery in view.session.scalars(select(InboxDelivery).where(InboxDelivery.state == InboxState.PARKED)):
        values = {"source": delivery.source, "delivery": delivery.id, "reason": delivery.reason}
        yield _item("delivery-parked", str(delivery.id), delivery.received_at, values)


def _undelivered_messages(view: _View) -> Iterator[Attention]:
    """The dossier is left open on purpose: the one-stop cannot be told that it cannot be told."""
    late = (OutboxMessage.state == OutboxState.PENDING) & (OutboxMessage.attempts > _TOO_MANY_TRIES)
    for message in view.session.scalars(
        select(OutboxMessage).where(or_(OutboxMessage.state == OutboxState.PARKED, late))
    ):
        values = {name: getattr(message, name) for name in ("type", "subject", "destination", "trouble")}
        yield _item("message-undelivered", message.id, message.created_at, values)


def _contradictions(view: _View) -> Iterator[Attention]:
    for row in view.session.scalars(select(ClockContradiction)):
        yield _item("clock-contradiction", row.fact_id, row.recorded_at, {"what": row.what}, row.dossier_code)


def _silent_feeds(view: _View) -> Iterator[Attention]:
    for row in view.session.scalars(select(FeedCursor).where(FeedCursor.failures >= _TOO_MANY_TRIES)):
        since = row.last_polled_at or row.next_poll_at
        yield _item("feed-failing", row.account, since, {"account": row.account, "trouble": row.trouble})


_FINDERS = (
    _bookings,
    _unknown_codes,
    _anomalies,
    _late_collections,
    _late_in_transit,
    _unsigned_handovers,
    _returns_due,
    _parked_deliveries,
    _undelivered_messages,
    _contradictions,
    _silent_feeds,
)
