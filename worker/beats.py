"""Several beats: one leads by a lease and asks for every job, the others stand by and take over when it is gone."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery import Celery
from celery.beat import Service

from config.database import Database
from config.settings import Settings
from worker import leases
from worker.schedule import Intervals

LEASE = "beat"
_LEASE_SECONDS = 15.0
_LONGEST_NAP = 1.0
log = structlog.get_logger()


def lead_or_stand_by(app: Celery, settings: Settings, database: Database) -> None:
    """Beat until told to stop, while this process holds the lease; give it up at the end, so that nobody waits."""
    owner = leases.new_owner()
    service = Service(
        app,
        max_interval=min(_LONGEST_NAP, settings.sweep_seconds),
        scheduler_cls=guarded_by(partial(leases.hold, database, LEASE, owner), _LEASE_SECONDS),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: service.stop())
    service.start()
    leases.give_up(database, LEASE, owner)


class Guarded(Intervals):
    """The same for several beats: only the one that :attr:`may_beat` lets asks for anything, the others stand by.

    Two beats at once do no harm, since every job is harmless when run twice; they only do work for nothing.
    """

    may_beat: Callable[[], bool]

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Ask for what is due, and return how many seconds to sleep."""
        if not self.may_beat():
            return float(self.max_interval)
        return float(super().tick(*arguments, **options))


class Turn:
    """Whether it is this beat's turn: renews a lease well before it ends, and asks no more often than that."""

    def __init__(self, hold: Callable[[float], bool], seconds: float, timer: Callable[[], float]) -> None:
        self._hold = hold
        self._seconds = seconds
        self._timer = timer
        self._sure_until = float("-inf")
        self._had_it = False

    def __call__(self) -> bool:
        now = self._timer()
        if now < self._sure_until:
            return True
        has_it = self._ask()
        # Counted from before the question: the lease may be up earlier than we think, never later.
        self._sure_until = now + self._seconds / 3 if has_it else float("-inf")
        if has_it != self._had_it:
            log.info("beat_leads" if has_it else "beat_stands_by")
        self._had_it = has_it
        return has_it

    def _ask(self) -> bool:
        try:
            return self._hold(self._seconds)
        except Exception as error:  # noqa: BLE001  # without the database there is no work to ask for either
            log.warning("beat_lease_failed", reason=type(error).__name__)
            return False


def guarded_by(hold: Callable[[float], bool], seconds: float) -> type[Guarded]:
    """Return a scheduler that beats only while ``hold(seconds)`` says that this process leads."""
    return type("GuardedByLease", (Guarded,), {"may_beat": staticmethod(Turn(hold, seconds, time.monotonic))})
