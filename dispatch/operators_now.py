"""How the accounts at operators are doing, for people: connection, calls, reading of news, and promises kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from carriers.breaker import BreakerState
from config.accounts import Accounts
from config.clock import wall_now
from dispatch.calls import CarrierCall
from dispatch.connections import states_of
from dispatch.feeds import FeedCursor
from dispatch.shipments import Shipment

_CALLS_OF = timedelta(hours=1)
_PROMISES_OF = timedelta(days=30)
_WORST = (BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN)


@dataclass(frozen=True, slots=True)
class AccountNow:
    """One account.

    Attributes:
        breaker: as the process that sees it worst; None where no process has used it lately.
        paused_seconds: how long the operator asked us to wait, at the longest.
        calls, failed: of the last hour of real time; ``mean_ms`` is how long they took.
        read_at: when its feed was last read; None where it has none.
        kept, arrived: parcels of the last thirty days that came in time, and that came.
    """

    account: str
    carrier: str
    breaker: BreakerState | None
    paused_seconds: int
    calls: int
    failed: int
    mean_ms: int | None
    read_at: datetime | None
    failures: int
    trouble: str | None
    kept: int
    arrived: int


def accounts_now(session: Session, accounts: Accounts, now: datetime) -> list[AccountNow]:
    """Return how every configured account is doing; ``now`` in domain time."""
    calls, promises = _calls(session), _promises(session, now)
    feeds = {row.account: row for row in session.scalars(select(FeedCursor))}
    return [
        _account(session, one.id, one.carrier, calls, promises, feeds.get(one.id)) for one in accounts.carrier_accounts
    ]


def _account(
    session: Session,
    account: str,
    carrier: str,
    calls: dict[str, tuple[int, int, int]],
    promises: dict[str, tuple[int, int]],
    feed: FeedCursor | None,
) -> AccountNow:
    seen = states_of(session, account)
    number, failed, took = calls.get(account, (0, 0, 0))
    arrived, kept = promises.get(account, (0, 0))
    return AccountNow(
        account=account,
        carrier=carrier,
        breaker=max((one.breaker for one in seen if one.breaker_enforced), key=_WORST.index, default=None),
        paused_seconds=max((one.paused_seconds for one in seen), default=0),
        calls=number,
        failed=failed,
        mean_ms=took // number if number else None,
        read_at=feed.last_polled_at if feed else None,
        failures=feed.failures if feed else 0,
        trouble=feed.trouble if feed else None,
        kept=kept,
        arrived=arrived,
    )


def _calls(session: Session) -> dict[str, tuple[int, int, int]]:
    failed = func.sum(case((CarrierCall.outcome == "ok", 0), else_=1))
    query = select(CarrierCall.account, func.count(), failed, func.sum(CarrierCall.duration_ms))
    lately = query.where(CarrierCall.started_at >= wall_now() - _CALLS_OF).group_by(CarrierCall.account)
    return {account: (number, int(bad), int(took)) for account, number, bad, took in session.execute(lately)}


def _promises(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    kept = func.sum(case((Shipment.transit_kept.is_(True), 1), else_=0))
    query = select(Shipment.account, func.count(), kept)
    judged = query.where(Shipment.created_at >= now - _PROMISES_OF, Shipment.transit_kept.is_not(None))
    return {
        account: (number, int(good)) for account, number, good in session.execute(judged.group_by(Shipment.account))
    }
