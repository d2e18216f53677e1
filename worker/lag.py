"""How far each lane is behind: rows that are due, and for how long the longest-waiting one has been.

Asked at every scrape and every probe, so each question goes down an index from its old end and counts no further than
:data:`MOST`: the cost grows with what waits, and only up to there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from dispatch.context import Context
from dispatch.feeds import FeedCursor
from dispatch.outbox import OutboxMessage
from dispatch.outbox_lines import PENDING
from dispatch.shipments import ASKABLE, UNSETTLED, Shipment
from tracking.inbox import UNDONE, InboxDelivery
from tracking.onestop_positions import OnestopPosition
from tracking.poll_accounts import PollAccount

MOST = 10_000


@dataclass(frozen=True)
class Lag:
    """``rows`` is at most :data:`MOST`; ``oldest`` is how long the longest-waiting row has been due."""

    rows: int
    oldest: timedelta

    def and_(self, other: Lag) -> Lag:
        """Return both together."""
        return Lag(min(self.rows + other.rows, MOST), max(self.oldest, other.oldest))


_NONE = Lag(0, timedelta(0))
_DueColumn = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def lags(session: Session, context: Context) -> dict[str, Lag]:
    """Return how far each lane is behind. What was put off to a later time on purpose is not behind."""
    now = context.clock.now()
    wants = or_(Shipment.booking.in_(UNSETTLED), Shipment.cancel_wanted, Shipment.new_citizen.is_not(None))
    return {
        "booking": _lag(session, now, Shipment.next_at, wants),
        "inbox": _lag(session, now, InboxDelivery.try_at, UNDONE),
        "outbox": _lag(session, now, OutboxMessage.due_at, PENDING),
        "polling": _polling(session, context, now),
    }


def _polling(session: Session, context: Context, now: datetime) -> Lag:
    lag = _NONE
    resting = set(session.scalars(select(PollAccount.account).where(PollAccount.rests_until > now)))
    for account in (one.id for one in context.accounts.carrier_accounts):
        lag = lag.and_(_lag(session, now, FeedCursor.next_poll_at, FeedCursor.account == account))
        if account not in resting:
            lag = lag.and_(_lag(session, now, Shipment.poll_at, and_(Shipment.account == account, ASKABLE)))
    for system in (one.id for one in context.accounts.onestops):
        lag = lag.and_(_lag(session, now, OnestopPosition.next_look_at, OnestopPosition.system == system))
    return lag


def _lag(session: Session, now: datetime, due: _DueColumn, condition: ColumnElement[bool] | TextClause) -> Lag:
    waiting = (condition, due <= now)
    first = session.scalar(select(due).where(*waiting).order_by(due).limit(1))
    if first is None:
        return _NONE
    rows = session.scalar(select(func.count()).select_from(select(due).where(*waiting).limit(MOST).subquery("at_most")))
    return Lag(rows or 0, max(now - first, timedelta(0)))
