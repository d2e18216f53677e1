"""Hints: news that nobody vouches for, such as an unsigned webhook. They make us ask the operator, and move nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from carriers.contract import TrackingEvent
from tracking.events import TrackingEventRow
from tracking.inbox import InboxDelivery, InboxState

HINT = "tracking.hint"
_SAME = timedelta(minutes=10)
"""Webhook and tracking of one operator may date the same event a little apart."""


def has_been_shown(session: Session, order_number: str, event: TrackingEvent) -> bool:
    """Whether the journey holds the event, by the operator's own tracking."""
    same: ColumnElement[bool] = TrackingEventRow.code == event.code
    if event.state is not None:  # an operator's webhook and tracking may have codes of their own for it
        same = or_(same, TrackingEventRow.state == event.state)
    query = select(TrackingEventRow.id).where(
        TrackingEventRow.order_number == order_number,
        same,
        TrackingEventRow.event_time.between(event.event_time - _SAME, event.event_time + _SAME),
    )
    return session.scalars(query.limit(1)).first() is not None


def wake_hints(session: Session, order_number: str, now: datetime) -> None:
    """Look again at the hints about a shipment of which there is news."""
    waiting = (
        InboxDelivery.subject == order_number,
        InboxDelivery.kind == HINT,
        InboxDelivery.state == InboxState.PARKED,
    )
    session.execute(update(InboxDelivery).where(*waiting).values(try_at=now))
