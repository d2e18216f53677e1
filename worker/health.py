"""Whether this process can take what comes, and whether what stands behind it works: two questions, two answers."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.clock import wall_now
from config.errors import ConfigurationError
from dispatch import booking, outbox
from dispatch.context import Context
from tracking import inbox, polling
from worker import job_runs, migrate
from worker.checks import Check, State, Watch, lag_check, worst
from worker.lag import lags
from worker.probe import HangsError, Probe
from worker.tasks import JOBS

log = structlog.get_logger()

_LEAST_FREE = 512 * 1024 * 1024
_WRITE_STAYS_TRUE = 10.0
"""Seconds for which a write that went well is believed; every probe would cost a commit otherwise."""


@dataclass(frozen=True)
class Readiness:
    """``backlog`` counts, per lane, the rows that are due now or being worked on; empty when nobody can know."""

    checks: tuple[Check, ...]
    worker_seen_at: datetime | None
    backlog: dict[str, int]

    @property
    def state(self) -> State:
        return worst(self.checks)

    @property
    def ready(self) -> bool:
        """Whether this process may be given deliveries. Whoever is behind it may be away: they are kept."""
        return self.state is not State.DOWN


class Health:
    """The health of one process. Thread-safe; a database that hangs hangs nobody who asks."""

    def __init__(self, context: Context, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._written_at: float | None = None
        self._reading = Probe(self._read)
        self._writing = Probe(self._write)

    def readiness(self) -> Readiness:
        """Look at everything there is to look at."""
        try:
            seen = self._reading()
        except (HangsError, SQLAlchemyError) as error:
            return Readiness((_no_database(error),), None, {})
        except ConfigurationError as error:
            step = "Run `postal db upgrade`, or install the version that belongs to the schema."
            return Readiness((Check("schema", State.DOWN, str(error), step),), None, {})
        return Readiness((*seen.checks, self._writable()), seen.worker_seen_at, seen.backlog)

    def _read(self) -> Readiness:
        context = self._context
        migrate.require_current(context.database)
        with context.database.read() as session:
            runs = job_runs.last_runs(session)
            checks = (
                Check("database", State.OK, context.database.engine.dialect.name),
                Check("schema", State.OK, "current"),
                *Watch(JOBS, runs, context.settings, wall_now()).checks(),
                lag_check(lags(session, context), context.settings),
                *_disk(context),
            )
            seen = max((run.ended_at for run in runs.values() if run.ended_at), default=None)
            return Readiness(checks, seen, backlog(session, context))

    def _writable(self) -> Check:
        with self._lock:
            known = self._written_at is not None and self._monotonic() - self._written_at < _WRITE_STAYS_TRUE
        if not known:
            try:
                self._writing()
            except HangsError as error:  # it reads, so it is there: somebody else is writing for long
                return Check("writing", State.DEGRADED, str(error), "See what holds the database's locks.")
            except SQLAlchemyError as error:
                step = "Make room on the database's disk, or see why it is read-only; senders repeat what we refuse."
                return Check("writing", State.DOWN, _named(error), step)
        return Check("writing", State.OK, "a write was committed lately")

    def _write(self) -> None:
        """Write a row as it is: a full disk and a read-only database both read very well."""
        known = job_runs.JobRun
        with self._context.database.write() as session:
            same = {"expected_since": known.expected_since}
            session.execute(update(known).where(known.name == job_runs.HEARTBEAT).values(same))
        with self._lock:
            self._written_at = self._monotonic()


def backlog(session: Session, context: Context) -> dict[str, int]:
    """Return per lane how many rows are due now or being worked on."""
    now = context.clock.now()
    return {
        "booking": booking.due_count(session, now),
        "inbox": inbox.due_count(session, now),
        "outbox": outbox.due_count(session, now),
        "polling": polling.due_count(session, context),
    }


def _disk(context: Context) -> Iterator[Check]:
    """Yield how much room there is, where the database is a file of this machine."""
    if not context.settings.embedded_database:
        return
    free = shutil.disk_usage(context.settings.home).free
    well = free > _LEAST_FREE
    step = "" if well else "Make room, or move POSTAL_HOME: deliveries are refused once the disk is full."
    yield Check("disk", State.OK if well else State.DEGRADED, f"{free // 2**20} MiB are free", step)


def _no_database(error: Exception) -> Check:
    step = "Check POSTAL_DATABASE_URL, the network and that the server runs; `postal doctor` looks at everything."
    return Check("database", State.DOWN, _named(error), step)


def _named(error: Exception) -> str:
    """Return what kind of trouble it is; the driver's own words name hosts and users, and are for the log alone."""
    if isinstance(error, HangsError):
        return str(error)
    cause = getattr(error, "orig", None) or error
    log.warning("database_trouble", reason=str(cause).strip()[:300])
    return type(cause).__name__
