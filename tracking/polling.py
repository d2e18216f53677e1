"""Asking the operators: their feeds, with one reader per account and a cursor that moves only with what has been kept,
and, at those without a feed, their items one by one (:mod:`tracking.item_polling`). Some cannot be asked at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import structlog
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from carriers.capabilities import CanTrackFeed
from carriers.contract import FeedPage
from carriers.outcomes import CarrierError, Retryable
from config.accounts import CarrierAccount
from config.batch import insert_or_update
from config.clock import wall_now
from dispatch.context import Context
from dispatch.feeds import FeedCursor
from tracking import inbox, item_polling
from tracking.apply import CARRIER_SOURCE, TRACKING
from tracking.poll_plan import backed_off, spread

log = structlog.get_logger()

LANE = "polling"
_PAGE = 500
_PAGES_AT_ONCE = 50
_LONGEST_WAIT = timedelta(hours=2)
_SHORTEST_PAUSE = timedelta(seconds=1)


def prepare(context: Context) -> None:
    """Give every account with a feed its row; called once at the start of a process."""
    now = context.clock.now()
    with context.database.write() as session:
        for account in _feed_accounts(context):
            unread = insert_or_update(session, FeedCursor).values(
                account=account.id, cursor=None, next_poll_at=now, failures=0
            )
            session.execute(unread.on_conflict_do_nothing())


def drain(context: Context) -> int:
    """Read every feed that is due, each up to its end, and ask about items; returns how many documents were new."""
    kept = item_polling.drain(context)
    while (account := _claim(context)) is not None:
        kept += _read(context, account)
    if kept:
        context.ring("intake")
    return kept


def due_count(session: Session, context: Context) -> int:
    """Return how many feeds and items are due to be asked for, or are being read."""
    in_work = FeedCursor.lease_until > wall_now()
    query = select(func.count()).where(or_(FeedCursor.next_poll_at <= context.clock.now(), in_work))
    return (session.scalar(query) or 0) + item_polling.due_count(session, context)


def _feed_accounts(context: Context) -> list[CarrierAccount]:
    accounts = context.accounts.carrier_accounts
    return [account for account in accounts if isinstance(context.carriers.get(account.id), CanTrackFeed)]


def _claim(context: Context) -> str | None:
    if context.closing.is_set():
        return None
    with context.database.read() as session:  # a look without the write lock, which on SQLite is one for all
        if session.scalars(_due(context)).first() is None:
            return None
    with context.database.write() as session:
        row = session.scalars(_due(context)).first()
        if row is None:
            return None
        row.lease_until = wall_now() + timedelta(seconds=context.settings.lease_seconds)
        return row.account


def _due(context: Context) -> Select[FeedCursor]:
    configured = [account.id for account in context.accounts.carrier_accounts]
    free = or_(FeedCursor.lease_until.is_(None), FeedCursor.lease_until <= wall_now())
    return (
        select(FeedCursor)
        .where(FeedCursor.next_poll_at <= context.clock.now(), FeedCursor.account.in_(configured), free)
        .order_by(FeedCursor.next_poll_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _read(context: Context, account: str) -> int:
    kept = 0
    try:
        for page in _pages(context, account):
            kept += _keep(context, account, page)
    except CarrierError as error:
        _failed(context, account, error)
    else:
        _finished(context, account)
    return kept


def _pages(context: Context, account: str) -> Iterator[FeedPage]:
    """Yield pages until an empty one; the cursor is read anew each time, because the page before has moved it."""
    carrier = context.carriers.get(account)
    if not isinstance(carrier, CanTrackFeed):
        return
    for _ in range(_PAGES_AT_ONCE):
        page = _page(carrier, _cursor(context, account))
        if not page.items:
            return
        yield page


def _page(carrier: CanTrackFeed, cursor: str | None) -> FeedPage:
    try:
        return carrier.feed_page(cursor, _PAGE)
    except CarrierError:
        raise
    except Exception as error:  # what breaks on one account's answer must not hold up the others
        log.exception("feed_broke")
        broken = f"The operator's page broke something here ({type(error).__name__}); operations: see the log."
        raise Retryable(broken, code="feed_broke") from error


def _cursor(context: Context, account: str) -> str | None:
    with context.database.read() as session:
        return session.get_one(FeedCursor, account).cursor


def _keep(context: Context, account: str, page: FeedPage) -> int:
    """Keep a page and move the cursor in one transaction: a crash between the two is not possible."""
    now = context.clock.now()
    with context.database.write() as session:
        new = inbox.keep_items(session, f"{CARRIER_SOURCE}{account}", TRACKING, page.items, now)
        row = session.get_one(FeedCursor, account)
        row.cursor = page.next_cursor
        row.lease_until = wall_now() + timedelta(seconds=context.settings.lease_seconds)
        return new


def _finished(context: Context, account: str) -> None:
    now = context.clock.now()
    with context.database.write() as session:
        row = session.get_one(FeedCursor, account)
        row.lease_until, row.failures, row.trouble, row.last_polled_at = None, 0, None, now
        row.next_poll_at = now + timedelta(minutes=context.settings.poll_minutes)


def _failed(context: Context, account: str, error: CarrierError) -> None:
    now = context.clock.now()
    with context.database.write() as session:
        row = session.get_one(FeedCursor, account)
        row.lease_until, row.failures, row.trouble = None, row.failures + 1, str(error)[:1000]
        usual = timedelta(minutes=context.settings.poll_minutes)
        wait = backed_off(usual * 2, row.failures, _LONGEST_WAIT, spread(account))
        if isinstance(error, Retryable) and error.retry_after is not None:
            wait = max(timedelta(seconds=error.retry_after), _SHORTEST_PAUSE)
        row.next_poll_at = now + wait
