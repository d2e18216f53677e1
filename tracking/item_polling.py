"""Asking operators about single items: the live ones that are due, as many at once as the operator takes.

A claim moves the time of the next question forward before the question is sent, so that a crash in between costs one
interval and no lease is needed. What the operator says goes into the inbox like everything else. An operator that only
calls us is asked to tell an item's journey again when it has been silent for long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from carriers.capabilities import CanAskForWebhooks, CanTrackItems
from carriers.contract import FeedItem, OrderRef
from carriers.outcomes import CarrierError, Rejected, Retryable
from carriers.states import ShipmentState
from dispatch.context import Context
from dispatch.shipments import BookingState, Shipment
from tracking import inbox
from tracking.apply import CARRIER_SOURCE, TRACKING
from tracking.events import TrackingEventRow

log = structlog.get_logger()

_AT_ONCE = 200
"""Questions of one drain for one account; what is left is due again at the next sweep."""


@dataclass(frozen=True)
class _Plan:
    """How one account's items are asked about: how many at once, how often, and what is done with the claimed ones."""

    account: str
    items_at_once: int
    interval: timedelta
    due: ColumnElement[bool]
    ask: Callable[[list[OrderRef]], int]


def drain(context: Context) -> int:
    """Ask about every item that is due; returns how many documents were new."""
    return sum(_follow(context, plan) for plan in _plans(context))


def due_count(session: Session, context: Context) -> int:
    """Return how many items are due to be asked about."""
    counts = (session.scalar(select(func.count()).select_from(Shipment).where(plan.due)) for plan in _plans(context))
    return sum(count or 0 for count in counts)


def _plans(context: Context) -> list[_Plan]:
    found = (_plan(context, account.id) for account in context.accounts.carrier_accounts)
    return [plan for plan in found if plan is not None]


def _plan(context: Context, account: str) -> _Plan | None:
    carrier, now = context.carriers.get(account), context.clock.now()
    if isinstance(carrier, CanTrackItems):
        track, at_once = carrier.track, carrier.items_at_once
        interval = timedelta(minutes=context.settings.item_poll_minutes)
        return _Plan(
            account, at_once, interval, _due(account, now), lambda orders: _keep(context, account, track(orders))
        )
    if isinstance(carrier, CanAskForWebhooks):
        resend, silence = carrier.resend_journey, timedelta(hours=context.settings.silence_hours)
        due = and_(_due(account, now), _silent_since(now - silence))
        return _Plan(account, 1, silence, due, lambda orders: _have_resent(resend, orders))
    return None


def _due(account: str, now: datetime) -> ColumnElement[bool]:
    followed = or_(Shipment.live, Shipment.state == ShipmentState.LOST.value)
    booked = Shipment.booking == BookingState.BOOKED
    return and_(Shipment.account == account, followed, booked, Shipment.poll_at <= now)


def _silent_since(since: datetime) -> ColumnElement[bool]:
    heard = exists().where(TrackingEventRow.order_number == Shipment.order_number, TrackingEventRow.received_at > since)
    return and_(Shipment.state_since <= since, ~heard)


def _follow(context: Context, plan: _Plan) -> int:
    kept = 0
    for _ in range(_AT_ONCE):
        orders = _claim(context, plan)
        if not orders:
            break
        try:
            kept += plan.ask(orders)
        except CarrierError as error:
            _put_off(context, orders, error)
            break
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
            # What breaks on one account's answer must not hold up the others; its items come again in an interval.
            log.exception("item_polling_broke", account=plan.account)
            break
    return kept


def _claim(context: Context, plan: _Plan) -> list[OrderRef]:
    due = select(Shipment).where(plan.due).order_by(Shipment.poll_at).limit(plan.items_at_once)
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(due).first() is None:
            return []
    with context.database.write() as session:
        shipments = session.scalars(due.with_for_update(skip_locked=True)).all()
        for shipment in shipments:
            shipment.poll_at = context.clock.now() + plan.interval
        return [shipment.ref for shipment in shipments]


def _keep(context: Context, account: str, items: tuple[FeedItem, ...]) -> int:
    now = context.clock.now()
    with context.database.write() as session:
        source = f"{CARRIER_SOURCE}{account}"
        return sum(
            inbox.keep(session, source=source, key=item.id, kind=TRACKING, body=item.raw, now=now) for item in items
        )


def _have_resent(resend: Callable[[OrderRef], None], orders: list[OrderRef]) -> int:
    for order in orders:
        try:
            resend(order)
        except Rejected:
            continue  # it knows no such item, or not yet: its silence goes on and is asked about again
    return 0


def _put_off(context: Context, orders: list[OrderRef], error: CarrierError) -> None:
    """Come back when the operator wants it; the others of the account wait for the next sweep and its limits."""
    pause = error.retry_after if isinstance(error, Retryable) else None
    if pause is None:
        return
    with context.database.write() as session:
        for order in orders:
            session.get_one(Shipment, order.order_number).poll_at = context.clock.now() + timedelta(seconds=pause)
