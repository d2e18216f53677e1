"""From the inbox into the journeys: decode, find the shipment, add what is new, and let the consequences follow."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from carriers.contract import TrackingEvent, Undecodable
from config.errors import ConfigurationError
from dispatch.context import Context
from dispatch.shipments import Shipment
from tracking.effects import move_on
from tracking.events import TrackingEventRow, add_event, events_of
from tracking.inbox import InboxDelivery, InboxState
from tracking.office import Office

LANE = "intake"
TRACKING = "tracking"
CARRIER_SOURCE = "carrier:"
_BATCH = 50
_CLOCK_SKEW = timedelta(hours=1)
_PATIENCE = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))

log = structlog.get_logger()


@dataclass
class _Touched:
    """Shipments of a batch that got new events."""

    added: dict[str, list[TrackingEventRow]] = field(default_factory=lambda: defaultdict(list))


def drain(context: Context, office: Office, *, limit: int = 1000) -> int:
    """Apply deliveries that wait, in batches of one transaction each; returns how many were looked at."""
    done = 0
    while done < limit and _anything_due(context):
        count = _apply_batch(context, office)
        done += count
        if count < _BATCH:
            break
    return done


def _anything_due(context: Context) -> bool:
    """Look without taking the write lock, which on SQLite is one for all."""
    with context.database.read() as session:
        return session.scalars(_due(context.clock.now()).limit(1)).first() is not None


def _due(now: datetime) -> Select[InboxDelivery]:
    waiting = (InboxDelivery.state != InboxState.APPLIED, InboxDelivery.kind == TRACKING, InboxDelivery.try_at <= now)
    return (
        select(InboxDelivery)
        .where(*waiting)
        .order_by(InboxDelivery.try_at, InboxDelivery.id)
        .with_for_update(skip_locked=True)
    )


def _apply_batch(context: Context, office: Office) -> int:
    now = context.clock.now()
    with context.database.write() as session:
        deliveries = list(session.scalars(_due(now).limit(_BATCH)))
        for delivery in deliveries:
            _apply_alone(session, context, office, delivery, now)
        return len(deliveries)


def _apply_alone(session: Session, context: Context, office: Office, delivery: InboxDelivery, now: datetime) -> None:
    """Apply one delivery in a savepoint: what breaks on one parks it and leaves its neighbours alone."""
    delivery.attempts += 1
    try:
        with session.begin_nested():
            reason = _apply(session, context, office, delivery, now)
    except OperationalError:
        raise  # a deadlock or a lost connection is nobody's fault: the whole batch is taken up again
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.id, source=delivery.source)
        reason = f"applying it failed ({type(error).__name__}); operations: see the log for delivery {delivery.id}"
    if reason is None:
        delivery.state, delivery.applied_at, delivery.reason = InboxState.APPLIED, now, None
    else:
        delivery.state, delivery.reason = InboxState.PARKED, reason[:300]
        delivery.try_at = now + _PATIENCE[min(delivery.attempts, len(_PATIENCE)) - 1]


def _apply(session: Session, context: Context, office: Office, delivery: InboxDelivery, now: datetime) -> str | None:
    """Return why the delivery must wait, or None when all of it is in the journeys."""
    account = delivery.source.removeprefix(CARRIER_SOURCE)
    try:
        carrier = context.carriers.get(account)
    except ConfigurationError as error:
        return str(error)
    touched = _Touched()
    reasons = []
    for event in carrier.normalise(json.loads(delivery.body)):
        if isinstance(event, Undecodable):
            reasons.append(f"cannot be read: {event.reason}")
        elif why := _add(session, context, event, delivery, now, touched):
            reasons.append(why)
    for number, rows in touched.added.items():
        move_on(session, context, office, session.get_one(Shipment, number), rows)
    return "; ".join(reasons) or None


def _add(
    session: Session,
    context: Context,
    event: TrackingEvent,
    delivery: InboxDelivery,
    now: datetime,
    touched: _Touched,
) -> str | None:
    shipment = _find(session, event)
    if shipment is None:
        return f"no shipment has order number '{event.order_number}' or waybill '{event.waybill or '-'}'"
    if context.accounts.carrier_account_by_id(shipment.account).customer_code != event.account_ref:
        return f"order '{event.order_number}' belongs to another account than '{event.account_ref}'"
    if event.event_time > delivery.received_at + _CLOCK_SKEW:
        return f"its time {event.event_time.isoformat()} lies in the future; ask the operator to correct it"
    shipment.waybill = event.waybill or shipment.waybill
    number = shipment.order_number
    if add_event(session, number, event, delivery_id=delivery.id, received_at=delivery.received_at, now=now):
        touched.added[number] = [row for row in events_of(session, number) if row.delivery_id == delivery.id]
    return None


def _find(session: Session, event: TrackingEvent) -> Shipment | None:
    shipment = session.get(Shipment, event.order_number, with_for_update=True)
    if shipment is not None and shipment.carrier == event.carrier:
        return shipment
    if event.waybill is None:
        return None
    query = select(Shipment).where(Shipment.carrier == event.carrier, Shipment.waybill == event.waybill)
    return session.scalars(query.order_by(Shipment.created_at.desc()).with_for_update()).first()
