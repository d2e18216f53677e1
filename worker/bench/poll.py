"""The poll planner: what it takes to claim the next items to ask about, of very many and of few.

Ours goes down the index of what is due. The naive way judges by when each shipment was last asked about, as a tracker
that keeps only such a time has to: the database reads all that are live, sorts them, and gives the first. The ceiling
is ours on a hundredth of the shipments. What a round claimed is put back outside the time that is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from config.database import Database
from dispatch.shipments import BookingState, Shipment
from tracking import poll_claims
from tracking.poll_plan import Tempo
from worker import migrate
from worker.bench.figures import Figures, Setting, in_turns, middle_ratio, own_database
from worker.bench.poll_shipments import ACCOUNT, NOW, fill

_SHIPMENTS = 1_000_000
_CLAIMED = 500
_FEWEST = 12 * _CLAIMED
"""Of which a tenth is due, which is a little more than one claim takes."""
_BY_SIZE = ("ours", "tenth", "ceiling")
_GOAL = 1.5
_HALF_AN_HOUR = timedelta(minutes=30)
_TEMPO = Tempo.of_items(_HALF_AN_HOUR, trusted=None)
_ASKED = update(Shipment).where(Shipment.order_number == bindparam("number")).values(asked_at=bindparam("asked"))

Way = Callable[[int], float]


def run(setting: Setting) -> Figures:
    """Measure claims of the next 500, in milliseconds: the ratios are of times, and less is better."""
    shipments = setting.n or _SHIPMENTS
    sizes = [max(shipments // share, _FEWEST) for share in (1, 10, 100)]
    with ExitStack() as stack:
        full, tenth, hundredth = (stack.enter_context(_filled(setting.database, size)) for size in sizes)
        ways: dict[str, Way] = {
            "ours": lambda _: _timed_claim(full),
            "naive": lambda _: _timed_naive(full),
            "ceiling": lambda _: _timed_claim(hundredth),
            "tenth": lambda _: _timed_claim(tenth),
        }
        for way in ways.values():  # once before it counts: what has just been filled is in nobody's cache
            way(0)
        measured = in_turns(ways, setting.rounds)
    return _figures(setting, sizes, measured)


def _figures(setting: Setting, sizes: list[int], measured: dict[str, list[float]]) -> Figures:
    ours, naive, ceiling = measured["ours"], measured["naive"], measured["ceiling"]
    over_ceiling = middle_ratio(ours, ceiling)
    growth = {f"ms_of_{size}": round(median(measured[way]), 2) for size, way in zip(sizes, _BY_SIZE, strict=True)}
    return Figures(
        name="poll",
        unit=f"milliseconds to claim the next {_CLAIMED}",
        n=sizes[0],
        rounds=setting.rounds,
        ours=round(median(ours), 2),
        naive=round(median(naive), 2),
        ceiling=round(median(ceiling), 2),
        ours_over_naive=round(middle_ratio(ours, naive), 4),
        ours_over_ceiling=round(over_ceiling, 3),
        database=setting.database_name,
        broker=setting.broker_name,
        goals={f"ours_over_ceiling <= {_GOAL}": over_ceiling <= _GOAL},
        more={"claimed": _CLAIMED, "naive_over_ours": round(middle_ratio(naive, ours), 1), **growth},
    )


@contextmanager
def _filled(server: str, shipments: int) -> Iterator[Database]:
    with own_database(server) as (url, key):
        database = Database(url, key)
        migrate.upgrade(database)
        fill(database, shipments)
        try:
            yield database
        finally:
            database.dispose()


def _timed_claim(database: Database) -> float:
    started = time.perf_counter()
    with database.write() as session:
        claimed = poll_claims.claim(session, ACCOUNT, _TEMPO, NOW, _CLAIMED)
    took = time.perf_counter() - started
    _expect(len(claimed))
    with database.write() as session:
        poll_claims.give_back(session, claimed)
    return took * 1000


def _timed_naive(database: Database) -> float:
    started = time.perf_counter()
    with database.write() as session:
        rows = _longest_unasked(session)
        session.connection().execute(_ASKED, [{"number": row.order_number, "asked": NOW} for row in rows])
    took = time.perf_counter() - started
    _expect(len(rows))
    with database.write() as session:
        before = [{"number": row.order_number, "asked": row.asked_at} for row in rows]
        session.connection().execute(_ASKED, before)
    return took * 1000


def _longest_unasked(session: Session) -> list[Row[str, datetime | None]]:
    query = (
        select(Shipment.order_number, Shipment.asked_at)
        .where(Shipment.account == ACCOUNT, Shipment.live, Shipment.booking == BookingState.BOOKED)
        .where(Shipment.asked_at <= NOW - _HALF_AN_HOUR)
        .order_by(Shipment.asked_at)
        .limit(_CLAIMED)
        .with_for_update(skip_locked=True)
    )
    return list(session.execute(query))


def _expect(claimed: int) -> None:
    if claimed != _CLAIMED:
        raise RuntimeError(f"{claimed} shipments were claimed instead of {_CLAIMED}; measure with a larger --n")
