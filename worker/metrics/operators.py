"""How the operators answer, and how our connections to them stand, over all processes.

Calls are those of the last five minutes, from the index on their time: a window costs what happened in it, however
long the record is, and every process would count the same. Pages of feeds that were read well are not recorded.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.clock import wall_now
from dispatch.calls import CarrierCall
from dispatch.connections import ConnectionState
from worker.metrics.families import Families, gauge

WINDOW = timedelta(minutes=5)
_FRESH = timedelta(minutes=2)
_CALL = ("carrier", "account", "operation", "outcome")


def calls(session: Session) -> Families:
    """Yield how many calls there were lately, and how long they took together."""
    by = (CarrierCall.carrier, CarrierCall.account, CarrierCall.operation, CarrierCall.outcome)
    query = (
        select(*by, func.count(), func.sum(CarrierCall.duration_ms))
        .where(CarrierCall.started_at >= wall_now() - WINDOW)
        .group_by(*by)
    )
    found = {tuple(key): (number, took) for *key, number, took in session.execute(query)}
    yield gauge(
        "postal_carrier_recent_calls",
        "Calls to an operator that began in the last five minutes, by how they ended",
        _CALL,
        {key: number for key, (number, _) in found.items()},
    )
    yield gauge(
        "postal_carrier_recent_call_seconds",
        "How long the calls of the last five minutes took together",
        _CALL,
        {key: float(took) / 1000 for key, (_, took) in found.items()},
    )


def connections(session: Session) -> Families:
    """Yield how the processes that were there lately see each account."""
    rows = session.scalars(select(ConnectionState).where(ConnectionState.seen_at >= wall_now() - _FRESH)).all()
    enforced = [row for row in rows if row.breaker_enforced]
    yield gauge(
        "postal_carrier_breaker_processes",
        "Processes whose breaker for an account stands so",
        ("account", "state"),
        Counter((row.account, row.breaker.value) for row in enforced),
    )
    under_way: Counter[tuple[str, ...]] = Counter()
    paused: dict[tuple[str, ...], float] = {}
    for row in rows:
        under_way[row.account,] += row.under_way
        paused[row.account,] = max(paused.get((row.account,), 0), row.paused_seconds)
    yield gauge("postal_carrier_calls_under_way", "Calls under way now", ("account",), under_way)
    yield gauge(
        "postal_carrier_paused_seconds", "How long the operator asked us to wait, at the longest", ("account",), paused
    )
