"""Hints: news that nobody vouches for, such as an unsigned webhook. They make us ask the operator, and move nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from carriers.contract import TrackingEvent
from tracking.events import journey_events

HINT = "tracking.hint"
_SAME = timedelta(minutes=10)
"""Webhook and tracking of one operator may date the same event a little apart."""


def has_been_shown(session: Session, order_number: str, event: TrackingEvent) -> bool:
    """Whether the journey holds the event, by the operator's own tracking."""
    return any(
        abs(known.event_time - event.event_time) <= _SAME
        # an operator's webhook and tracking may have codes of their own for the same state
        and (known.code == event.code or (event.state is not None and known.state is event.state))
        for known in journey_events(session, order_number)
    )
