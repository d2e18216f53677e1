"""When the system has something to do next, by its own rows: between two such moments a sweep would find nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, bindparam, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from config.database import UtcDateTime
from dispatch.feeds import FeedCursor
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.shipments import ASKABLE, UNSETTLED, Shipment
from tracking.inbox import InboxDelivery, InboxState
from worker.lanes import Lane


def due_by_lane(session: Session, followed: Collection[str]) -> dict[Lane, datetime]:
    """Return, for each lane with rows that wait, the earliest moment at which one is due and free.

    Args:
        followed: the accounts whose items are asked about one by one.
    """
    moments = session.execute(_ALL, {"followed": list(followed)}).one()
    found: dict[Lane, datetime] = {}
    for (lane, _), at in zip(_QUERIES, moments, strict=True):
        if at is not None:
            found[lane] = min(at, found.get(lane, at))
    return found


def _earliest(due: Any, lease: Any, *conditions: Any) -> ScalarSelect[datetime]:
    at = case((lease > due, lease), else_=due) if lease is not None else due
    return select(type_coerce(func.min(at), UtcDateTime)).where(*conditions).scalar_subquery()


_BOOKINGS = _earliest(
    Shipment.next_at,
    Shipment.lease_until,
    or_(Shipment.booking.in_(UNSETTLED), Shipment.cancel_wanted, Shipment.new_citizen.is_not(None)),
)
_FOLLOWED = Shipment.account.in_(bindparam("followed", expanding=True))
_ITEMS = _earliest(func.coalesce(Shipment.poll_at, Shipment.created_at), None, ASKABLE, _FOLLOWED)
_FEEDS = _earliest(FeedCursor.next_poll_at, FeedCursor.lease_until)
_INBOX = _earliest(InboxDelivery.try_at, None, InboxDelivery.state.in_((InboxState.NEW, InboxState.PARKED)))
_OUTBOX = _earliest(OutboxMessage.due_at, OutboxMessage.lease_until, OutboxMessage.state == OutboxState.PENDING)
_QUERIES = (
    (Lane.BOOKING, _BOOKINGS),
    (Lane.POLLING, _ITEMS),
    (Lane.POLLING, _FEEDS),
    (Lane.INTAKE, _INBOX),
    (Lane.NOTICES, _OUTBOX),
)
_ALL = select(*(query.label(f"due_{number}") for number, (_, query) in enumerate(_QUERIES)))
