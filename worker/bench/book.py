"""Bookings a second at an operator that takes its time: ours, the naive way, and what the operator's limit allows."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from carriers import registry
from carriers.contract import Carrier
from carriers.plugin import Runtime as CarrierRuntime
from carriers.simulation import account_at
from config.accounts import Accounts, Desk
from config.clock import SystemClock
from config.database import Database
from config.settings import Settings
from dispatch import booking
from dispatch.calls import recorder
from dispatch.context import CarrierPool, Context
from worker import migrate
from worker.bench.book_naive import NaiveWorker
from worker.bench.book_operator import counts, slow_operator
from worker.bench.book_orders import Orders
from worker.bench.figures import Figures, Setting, in_turns, middle_ratio, own_database

SECONDS = 0.2
"""What the operator takes over an order."""

AT_ONCE = 64
"""How many orders it takes at once: its limit."""

_N = 1920
_NAIVE_SHARE = 24
_DESK = Desk(phone="02063852136", address="Trung tâm Phục vụ hành chính công", province_code="04")
_GOAL = 0.90


@dataclass
class _Race:
    """The ways and what they run on.

    ``most`` is the largest number of orders that the operator had in hand, ``cpu_ms`` what a booking of ours costs this
    process: on a machine that is busy with something else, the one thing that can be told.
    """

    context: Context
    orders: Orders
    naive: NaiveWorker
    operator: str
    n: int
    most: dict[str, int] = field(default_factory=lambda: {"ours": 0, "naive": 0})
    cpu_ms: list[float] = field(default_factory=list)

    def ours(self, _turn: int) -> float:
        """Let our booking lane find orders that are due."""
        numbers = self.orders.place(self.n, due=True)
        started, worked = time.perf_counter(), time.process_time()
        booking.drain(self.context, limit=self.n)
        seconds = time.perf_counter() - started
        self.cpu_ms.append((time.process_time() - worked) * 1000 / self.n)
        return self._rate("ours", numbers, seconds)

    def naively(self, _turn: int) -> float:
        """Send a task for every order, of fewer orders: it would take too long otherwise."""
        numbers = self.orders.place(max(self.n // _NAIVE_SHARE, 1), due=False)
        return self._rate("naive", numbers, self.naive.book(numbers))

    def _rate(self, way: str, numbers: list[str], seconds: float) -> float:
        most, orders = counts(self.operator)
        if self.orders.booked(numbers) != len(numbers) or orders != len(numbers):
            raise RuntimeError(f"of {len(numbers)} orders {orders} reached the operator ({way})")
        self.most[way] = max(self.most[way], most)
        return len(numbers) / seconds


def run(setting: Setting) -> Figures:
    """Measure."""
    n = setting.n or _N
    with (
        slow_operator(SECONDS) as operator,
        own_database(setting.database) as (url, key),
        _prepared(setting, operator, url, key, n) as race,
    ):
        race.ours(-1)  # connections are opened and statements compiled before anybody is timed
        race.naively(-1)
        measured = in_turns({"ours": race.ours, "naive": race.naively}, setting.rounds)
        return _figures(setting, race, measured["ours"], measured["naive"])


def _figures(setting: Setting, race: _Race, ours: list[float], naive: list[float]) -> Figures:
    ceiling = AT_ONCE / SECONDS
    share = middle_ratio(ours, [ceiling] * len(ours))
    kept = race.most["ours"] <= AT_ONCE
    return Figures(
        name="book",
        unit="bookings a second",
        n=race.n,
        rounds=setting.rounds,
        ours=median(ours),
        naive=median(naive),
        ceiling=ceiling,
        ours_over_naive=middle_ratio(ours, naive),
        ours_over_ceiling=share,
        database=setting.database_name,
        broker=setting.broker_name,
        goals={f"ours_over_ceiling >= {_GOAL}": share >= _GOAL, f"most_at_once <= {AT_ONCE}": kept},
        more={
            "most_at_once": race.most["ours"],
            "naive_at_once": race.most["naive"],
            "limit": AT_ONCE,
            "cpu_ms_a_booking": round(median(race.cpu_ms), 2),
        },
    )


@contextmanager
def _prepared(setting: Setting, operator: str, url: str, key: str, n: int) -> Iterator[_Race]:
    database = Database(url, key)
    migrate.upgrade(database)
    account = account_at("vnpost_ngsp", operator, account_id="bench", desk=_DESK)
    options = {**account.options, "transport": {"concurrency": AT_ONCE}}
    accounts = Accounts(carrier_accounts=(account.model_copy(update={"options": options}),))
    runtime = CarrierRuntime(record=recorder(database), timeout=20.0)
    pool = CarrierPool(accounts, lambda one: registry.build(one, runtime))
    settings = Settings(home=Path("unused"), booking_in_flight=AT_ONCE)
    context = Context(database, SystemClock(), settings, accounts, pool)
    carrier: Carrier = registry.build(accounts.carrier_accounts[0], CarrierRuntime(lambda _call: None, 20.0))
    naive = NaiveWorker(url, setting.broker, f"bench-{secrets.token_hex(4)}", accounts, carrier)
    try:
        yield _Race(context, Orders(database, accounts), naive, operator, n)
    finally:
        naive.close()
        carrier.close()
        pool.close()
        database.dispose()
