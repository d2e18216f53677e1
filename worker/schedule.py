"""What the beat asks for: every job, every so many sweeps. Intervals only, so that a jump of the clock does no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import Scheduler

from config.settings import Settings
from worker.lanes import queue_name
from worker.tasks import JOBS, Job

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Intervals(Scheduler):  # type: ignore[misc]  # celery is untyped
    """Celery's scheduler, kept in memory: after a start every job is asked for at once, and then every interval anew.

    Else a beat that is started again more often than hourly would never ask for what is due every hour.
    """

    def adjust(self, n: float | None, drift: float = 0.0) -> float | None:
        """Return how long to sleep. Celery wakes 10 ms early and then spins, which short intervals cannot afford."""
        adjusted: float | None = super().adjust(n, drift)
        return adjusted


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the beat's entries."""
    return {job.name: _entry(settings, job) for job in JOBS}


def _entry(settings: Settings, job: Job) -> dict[str, Any]:
    seconds = job.period(settings)
    return {
        "task": job.name,
        "schedule": timedelta(seconds=seconds),
        "last_run_at": _NEVER,
        # A sweep that nobody took up in time is worthless: the next one says the same.
        "options": {"queue": queue_name(settings.queue_prefix, job.lane), "expires": max(1.0, seconds)},
    }
