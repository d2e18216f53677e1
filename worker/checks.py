"""What the readiness answer is made of: each check with its state, what was seen, and the next step.

``down``: this process can take nothing now, so it is to be given nothing. ``degraded``: it takes everything and keeps
it, but something behind it needs a person. See ADR 0017.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.settings import Settings
from worker.job_runs import HEARTBEAT, JobRun
from worker.lag import Lag
from worker.tasks import Job

_PERIODS = 3
_SHORTEST = timedelta(minutes=5)
"""A job may take long when an operator is slow, and short periods are missed without harm."""

_HEART_STOPS = timedelta(minutes=1)


class State(StrEnum):
    """How a check stands; the worst one is the state of the whole."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``next_step`` is empty when all is well."""

    name: str
    state: State
    detail: str
    next_step: str = ""


def worst(checks: Iterable[Check]) -> State:
    """Return the state of the whole."""
    states = {check.state for check in checks}
    return next((state for state in (State.DOWN, State.DEGRADED) if state in states), State.OK)


def patience(job: Job, settings: Settings) -> timedelta:
    """Return how long a job may be silent: three periods and at least some minutes; the heart only one."""
    least = _HEART_STOPS if job.name == HEARTBEAT else _SHORTEST
    return max(timedelta(seconds=_PERIODS * job.period(settings)), least)


@dataclass(frozen=True)
class Watch:
    """The dead man's check: what is known of the jobs' last runs, and by when each should have run again."""

    jobs: tuple[Job, ...]
    runs: Mapping[str, JobRun]
    settings: Settings
    now: datetime

    def checks(self) -> Iterator[Check]:
        """Yield whether a worker works, whether the beat asks, and whether every job runs."""
        yield self._worker()
        yield self._beat()
        yield self._every_job()

    def silent(self) -> list[Job]:
        """Return the jobs that have not run for too long; one that never ran counts from when it was expected."""
        return [job for job in self.jobs if not self._ran_lately(job)]

    def _worker(self) -> Check:
        latest = max((run.ended_at for run in self.runs.values() if run.ended_at), default=None)
        return _check(
            "worker",
            latest is not None and self.now - latest < patience(self._heart(), self.settings),
            f"the last job ended {self._ago(latest)}",
            "See that `postal worker` and `postal beat` run and reach the broker; `postal doctor` tells which is away.",
        )

    def _beat(self) -> Check:
        return _check(
            "beat",
            self._heart() not in self.silent(),
            f"the heartbeat last ended {self._ago(self._end(self._heart()))}",
            "Start `postal beat`, and see that a worker takes the lane 'housekeeping'.",
        )

    def _every_job(self) -> Check:
        silent = self.silent()
        names = "; ".join(f"{job.name} last ended {self._ago(self._end(job))}" for job in silent)
        lanes = ", ".join(sorted({job.lane.value for job in silent}))
        return _check(
            "jobs",
            not silent,
            names or f"all {len(self.jobs)} jobs ran lately",
            f"See that a worker takes the lanes {lanes}, and look for the jobs' names in its log.",
        )

    def _heart(self) -> Job:
        return next(job for job in self.jobs if job.name == HEARTBEAT)

    def _ran_lately(self, job: Job) -> bool:
        run = self.runs.get(job.name)
        return run is not None and self.now - (run.ended_at or run.expected_since) < patience(job, self.settings)

    def _end(self, job: Job) -> datetime | None:
        run = self.runs.get(job.name)
        return run.ended_at if run else None

    def _ago(self, instant: datetime | None) -> str:
        return "never" if instant is None else f"{_length(self.now - instant)} ago"


def lag_check(lags: Mapping[str, Lag], settings: Settings) -> Check:
    """Return whether work that is due gets done in time."""
    limit = timedelta(minutes=settings.behind_minutes)
    late = {lane: lag for lane, lag in lags.items() if lag.oldest > limit}
    return _check(
        "lag",
        not late,
        "; ".join(f"{lane}: due for {_length(lag.oldest)}, {lag.rows} rows" for lane, lag in late.items())
        or f"nothing has been due for more than {_length(limit)}",
        "Start more workers for the lane, or see in the log and on /v1/attention what holds it up.",
    )


def _check(name: str, well: bool, detail: str, next_step: str) -> Check:
    return Check(name, State.OK if well else State.DEGRADED, detail, "" if well else next_step)


def _length(time: timedelta) -> str:
    seconds = max(round(time.total_seconds()), 0)
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
