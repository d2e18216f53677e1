"""Asking operators about single items: the live ones that are due, as many at once as the operator takes.

A claim moves the time of the next question forward before the question is sent, so that a crash in between costs one
interval and no lease is needed. What the operator says goes into the inbox like everything else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from carriers.capabilities import CanTrackItems
from carriers.contract import OrderRef
from carriers.outcomes import CarrierError, Retryable
from carriers.states import ShipmentState
from dispatch.context import Context
from dispatch.shipments import BookingState, Shipment
from tracking import inbox
from tracking.apply import CARRIER_SOURCE, TRACKING

_AT_ONCE = 200
"""Questions of one drain for one account; what is left is due again at the next sweep."""


def drain(context: Context) -> int:
    """Ask about every item that is due; returns how many documents were new."""
    return sum(_ask_for(context, account) for account in _accounts(context))


def due_count(session: Session, context: Context) -> int:
    """Return how many items are due to be asked about."""
    query = select(func.count()).select_from(Shipment)
    return session.scalar(query.where(Shipment.account.in_(_accounts(context)), _due(context.clock.now()))) or 0


def _accounts(context: Context) -> list[str]:
    accounts = context.accounts.carrier_accounts
    return [account.id for account in accounts if isinstance(context.carriers.get(account.id), CanTrackItems)]


def _ask_for(context: Context, account: str) -> int:
    carrier = context.carriers.get(account)
    kept = 0
    if not isinstance(carrier, CanTrackItems):
        return kept
    for _ in range(_AT_ONCE):
        orders = _claim(context, account, carrier.items_at_once)
        if not orders:
            break
        try:
            kept += _keep(context, account, carrier, orders)
        except CarrierError as error:
            _put_off(context, orders, error)
            break
    return kept


def _claim(context: Context, account: str, most: int) -> list[OrderRef]:
    now = context.clock.now()
    due = select(Shipment).where(Shipment.account == account, _due(now)).order_by(Shipment.poll_at).limit(most)
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(due).first() is None:
            return []
    with context.database.write() as session:
        shipments = session.scalars(due.with_for_update(skip_locked=True)).all()
        for shipment in shipments:
            shipment.poll_at = now + timedelta(minutes=context.settings.item_poll_minutes)
        return [shipment.ref for shipment in shipments]


def _due(now: datetime) -> ColumnElement[bool]:
    followed = or_(Shipment.live, Shipment.state == ShipmentState.LOST.value)
    return and_(followed, Shipment.booking == BookingState.BOOKED, Shipment.poll_at <= now)


def _keep(context: Context, account: str, carrier: CanTrackItems, orders: list[OrderRef]) -> int:
    items = carrier.track(orders)
    now = context.clock.now()
    with context.database.write() as session:
        source = f"{CARRIER_SOURCE}{account}"
        return sum(
            inbox.keep(session, source=source, key=item.id, kind=TRACKING, body=item.raw, now=now) for item in items
        )


def _put_off(context: Context, orders: list[OrderRef], error: CarrierError) -> None:
    """Come back when the operator wants it; the others of the account wait for the next sweep and its limits."""
    pause = error.retry_after if isinstance(error, Retryable) else None
    if pause is None:
        return
    with context.database.write() as session:
        for order in orders:
            session.get_one(Shipment, order.order_number).poll_at = context.clock.now() + timedelta(seconds=pause)
