"""When each job last ran, by rows: what stopped running is noticed by those who read, not by the one that stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.clock import wall_now
from config.database import Base, Database, UtcDateTime

HEARTBEAT = "postal.housekeeping.heartbeat"
"""The job that the beat alone asks for, so that its last run speaks for the beat and a worker together."""

_QUIET = 5.0
"""Seconds for which a process does not repeat that a job ran: doorbells wake a lane many times a second."""

log = structlog.get_logger()


class JobRun(Base):
    """The last run of one kind of job, whichever process it was in. All times are real time.

    Attributes:
        expected_since: when a process that knows the job first started.
        ended_at: when it last ran to its end, within a few seconds.
        duration_ms: how long that run took.
        failed_at: when it last broke; ``failure`` is the name of the error.
    """

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    expected_since: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int | None]
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(80))


def expect(session: Session, names: Iterable[str]) -> None:
    """Write down which jobs there are, so that one that never runs is missed, too."""
    known = set(session.scalars(select(JobRun.name)))
    session.add_all(JobRun(name=name, expected_since=wall_now()) for name in names if name not in known)


def last_runs(session: Session) -> dict[str, JobRun]:
    """Return what is known of every job, by name."""
    return {run.name: run for run in session.scalars(select(JobRun))}


def note(database: Database, name: str, *, took: float = 0.0, failure: str | None = None) -> None:
    """Write down that a job has just ended or, with the name of an error, broken."""
    now = wall_now()
    with database.write() as session:
        run = session.get(JobRun, name)
        if run is None:
            run = JobRun(name=name, expected_since=now)
            session.add(run)
        if failure is None:
            run.ended_at, run.duration_ms = now, round(took * 1000)
        else:
            run.failed_at, run.failure = now, failure[:80]


class RunLog:
    """Writes down the runs of this process, each kind once in a few seconds. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._written: dict[tuple[str, bool], float] = {}

    def watched(self, database: Database, name: str, work: Callable[[], int]) -> int:
        """Do the work of a job and write down how it went."""
        started = self._monotonic()
        try:
            done = work()
        except Exception as error:
            self._note(database, name, 0.0, type(error).__name__)
            raise
        self._note(database, name, self._monotonic() - started, None)
        return done

    def _note(self, database: Database, name: str, took: float, failure: str | None) -> None:
        if not self._is_news(name, well=failure is None):
            return
        try:
            note(database, name, took=took, failure=failure)
        except SQLAlchemyError as error:  # that a run cannot be written down must not undo the run
            log.warning("job_run_not_noted", job=name, reason=type(error).__name__)

    def _is_news(self, name: str, *, well: bool) -> bool:
        now = self._monotonic()
        with self._lock:
            if now - self._written.get((name, well), -_QUIET) < _QUIET:
                return False
            self._written[name, well] = now
            return True
