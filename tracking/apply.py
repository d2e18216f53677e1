"""From the inbox into the journeys: decode, find the shipment, add what is new, and let the consequences follow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from carriers.capabilities import CanTrackItems
from carriers.contract import Carrier, TrackingEvent, Undecodable
from config.errors import ConfigurationError
from config.tracing import following, trace_of
from dispatch.context import Context
from dispatch.shipments import Shipment
from tracking.effects import journey_of, move_on
from tracking.events import add_event
from tracking.hints import HINT, has_been_shown, wake_hints
from tracking.inbox import UNDONE, InboxDelivery, InboxState, park
from tracking.journey import Journey
from tracking.office import Office

LANE = "intake"
TRACKING = "tracking"
CARRIER_SOURCE = "carrier:"
_BATCH = 50
_CLOCK_SKEW = timedelta(hours=1)
_LONGEST_NAME = 40
"""Of a code or waybill; what the columns hold."""
log = structlog.get_logger()


@dataclass(frozen=True)
class _Work:
    """One delivery while it is applied; ``before`` are the journeys of the shipments that got new events."""

    session: Session
    context: Context
    office: Office
    delivery: InboxDelivery
    now: datetime
    before: dict[str, Journey] = field(default_factory=dict)


def drain(context: Context, office: Office, *, limit: int = 1000) -> int:
    """Apply deliveries that wait, in batches of one transaction each; returns how many were looked at."""
    done = 0
    while done < limit and not context.closing.is_set() and _anything_due(context):
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
    waiting = (
        UNDONE,
        InboxDelivery.kind.in_((TRACKING, HINT)),
        InboxDelivery.try_at <= now,
    )
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
            with following(trace_of(delivery.source, delivery.key)):
                _apply_alone(session, context, office, delivery, now)
        return len(deliveries)


def _apply_alone(session: Session, context: Context, office: Office, delivery: InboxDelivery, now: datetime) -> None:
    """Apply one delivery in a savepoint: what breaks on one parks it and leaves its neighbours alone."""
    delivery.attempts += 1
    try:
        with session.begin_nested():
            reason = _apply(_Work(session, context, office, delivery, now))
    except OperationalError:
        raise  # a deadlock or a lost connection is nobody's fault: the whole batch is taken up again
    except Exception as error:
        log.exception("delivery_failed", delivery=delivery.id, source=delivery.source)
        reason = f"applying it failed ({type(error).__name__}); operations: see the log for delivery {delivery.id}"
    if reason is None:
        delivery.state, delivery.applied_at, delivery.reason = InboxState.APPLIED, now, None
        log.info("delivery_applied", delivery=delivery.id, source=delivery.source)
    else:
        park(delivery, reason, now)
        log.info("delivery_parked", delivery=delivery.id, source=delivery.source, reason=reason)


def _apply(work: _Work) -> str | None:
    """Return why the delivery must wait, or None when all of it is in the journeys."""
    account = work.delivery.source.removeprefix(CARRIER_SOURCE)
    try:
        carrier = work.context.carriers.get(account)
    except ConfigurationError as error:
        return str(error)
    take = _confirm if work.delivery.kind == HINT else _add
    reasons = []
    for event in carrier.normalise(json.loads(work.delivery.body)):
        if isinstance(event, Undecodable):
            reasons.append(f"cannot be read: {event.reason}")
        elif why := _misplaced(work, event) or take(work, carrier, event):
            reasons.append(why)
    for number, before in work.before.items():
        move_on(work.session, work.context, work.office, work.session.get_one(Shipment, number), before)
        wake_hints(work.session, number, work.now)
    return "; ".join(reasons) or None


def _misplaced(work: _Work, event: TrackingEvent) -> str | None:
    """Return why the event can belong to none of our shipments, or None."""
    shipment = _find(work.session, event)
    if shipment is None:
        return f"no shipment has order number '{event.order_number}' or waybill '{event.waybill or '-'}'"
    if work.context.accounts.carrier_account_by_id(shipment.account).customer_code != event.account_ref:
        return f"order '{shipment.order_number}' belongs to another account than '{event.account_ref}'"
    if max(len(event.code), len(event.waybill or "")) > _LONGEST_NAME:
        return f"its code or waybill is longer than {_LONGEST_NAME} characters, as none is"
    if event.event_time > work.delivery.received_at + _CLOCK_SKEW:
        return f"its time {event.event_time.isoformat()} lies in the future; ask the operator to correct it"
    if event.event_time < shipment.created_at - _CLOCK_SKEW:
        return f"its time {event.event_time.isoformat()} lies before the order was made; ask the operator to correct it"
    return None


def _add(work: _Work, _carrier: Carrier, event: TrackingEvent) -> None:
    """Put the event into its journey."""
    session, delivery, shipment = work.session, work.delivery, _found(work.session, event)
    _note_waybill(shipment, event.waybill)
    before = work.before.get(shipment.order_number) or journey_of(session, shipment)
    times = {"received_at": delivery.received_at, "now": work.now}
    if add_event(session, shipment.order_number, event, delivery_id=delivery.id, **times):
        work.before[shipment.order_number] = before


def _note_waybill(shipment: Shipment, waybill: str | None) -> None:
    """Learn the item's number; a second one means that the operator may have made the order twice."""
    if waybill is not None and shipment.waybill not in (None, waybill):
        shipment.other_waybill = waybill
    else:
        shipment.waybill = waybill or shipment.waybill


def _confirm(work: _Work, carrier: Carrier, event: TrackingEvent) -> str | None:
    """Let a hint be followed up: nothing rests on it until the operator's own tracking has shown the same."""
    shipment = _found(work.session, event)
    work.delivery.subject = shipment.order_number
    if has_been_shown(work.session, shipment.order_number, event):
        return None
    if not isinstance(carrier, CanTrackItems):
        return "nobody vouches for it, and this operator cannot be asked; call the operator"
    if shipment.waybill is None and event.waybill is not None:
        shipment.hinted_waybill = event.waybill
    shipment.poll_at = work.now
    work.context.ring("polling")
    return "nobody vouches for it; it counts when the operator's own tracking shows the same"


def _found(session: Session, event: TrackingEvent) -> Shipment:
    shipment = _find(session, event)
    if shipment is None:
        raise LookupError(f"the shipment of {event.order_number} is gone")
    return shipment


def _find(session: Session, event: TrackingEvent) -> Shipment | None:
    shipment = session.get(Shipment, event.order_number, with_for_update=True)
    if shipment is not None and shipment.carrier == event.carrier:
        return shipment
    if event.waybill is None:
        return None
    query = select(Shipment).where(Shipment.carrier == event.carrier, Shipment.waybill == event.waybill)
    return session.scalars(query.order_by(Shipment.created_at.desc()).with_for_update()).first()
