from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.settings import Settings
from worker.checks import Check, State, Watch, lag_check, patience, worst
from worker.job_runs import HEARTBEAT, JobRun
from worker.lag import Lag
from worker.tasks import JOBS, Job

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SETTINGS = Settings(sweep_seconds=5)
A_MOMENT = timedelta(seconds=2)


def checks(**ended: timedelta | None) -> dict[str, Check]:
    """Return what is found when every job ended a moment ago, but for those named by the end of their names."""
    runs = {}
    for job in JOBS:
        since = ended.get(job.name.rsplit(".", 1)[-1] if job.name not in ended else job.name, A_MOMENT)
        runs[job.name] = JobRun(
            name=job.name, expected_since=NOW - timedelta(days=1), ended_at=None if since is None else NOW - since
        )
    return {check.name: check for check in Watch(JOBS, runs, SETTINGS, NOW).checks()}


def test_all_is_well_when_every_job_ran_a_moment_ago() -> None:
    assert {check.state for check in checks().values()} == {State.OK}
    assert all(check.next_step == "" for check in checks().values())


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_that_missed_three_of_its_periods_is_named_with_its_lane(job: Job) -> None:
    least = timedelta(minutes=1 if job.name == HEARTBEAT else 5)
    limit = max(timedelta(seconds=3 * job.period(SETTINGS)), least)
    assert patience(job, SETTINGS) == limit
    fresh = {one.name: JobRun(name=one.name, expected_since=NOW, ended_at=NOW) for one in JOBS}
    for age, state in ((limit - A_MOMENT, State.OK), (limit, State.DEGRADED)):
        late = {job.name: JobRun(name=job.name, expected_since=NOW - timedelta(days=1), ended_at=NOW - age)}
        check = {one.name: one for one in Watch(JOBS, {**fresh, **late}, SETTINGS, NOW).checks()}["jobs"]
        assert check.state is state
    assert check.detail.startswith(job.name)
    assert job.lane.value in check.next_step


def test_a_beat_that_stopped_is_told_from_a_worker_that_stopped() -> None:
    """The doorbell still wakes the lanes when the beat is gone; only the heartbeat is nobody else's to ask for."""
    found = checks(heartbeat=timedelta(minutes=5))
    assert (found["worker"].state, found["beat"].state) == (State.OK, State.DEGRADED)
    assert "postal beat" in found["beat"].next_step


def test_nobody_worked_for_long() -> None:
    long_ago = timedelta(hours=5)
    silent = {job.name: JobRun(name=job.name, expected_since=NOW - long_ago, ended_at=NOW - long_ago) for job in JOBS}
    found = {check.name: check for check in Watch(JOBS, silent, SETTINGS, NOW).checks()}
    assert {check.state for check in found.values()} == {State.DEGRADED}
    assert found["worker"].detail == "the last job ended 5 h ago"
    assert "postal doctor" in found["worker"].next_step


def test_a_job_that_never_ran_is_missed_once_it_should_have_run() -> None:
    for waited, state in ((timedelta(hours=2), State.OK), (timedelta(hours=3), State.DEGRADED)):
        runs = {job.name: JobRun(name=job.name, expected_since=NOW - waited, ended_at=NOW) for job in JOBS}
        runs["postal.housekeeping.retention"].ended_at = None
        check = {one.name: one for one in Watch(JOBS, runs, SETTINGS, NOW).checks()}["jobs"]
        assert check.state is state
    assert check.detail == "postal.housekeeping.retention last ended never"


def test_a_job_that_no_process_has_announced_is_missed_at_once() -> None:
    found = {check.name: check for check in Watch(JOBS, {}, SETTINGS, NOW).checks()}
    assert HEARTBEAT in found["jobs"].detail


def test_work_that_nobody_does_in_time_is_named_with_its_lane_and_age() -> None:
    lags = {"inbox": Lag(7, timedelta(minutes=16)), "outbox": Lag(3, timedelta(minutes=14))}
    check = lag_check(lags, SETTINGS)
    assert (check.state, check.detail) == (State.DEGRADED, "inbox: due for 16 min, 7 rows")
    assert lag_check({"inbox": Lag(7, timedelta(minutes=15))}, SETTINGS).state is State.OK


def test_the_worst_check_is_the_state_of_the_whole() -> None:
    def state(*states: State) -> State:
        return worst(Check("one", state, "") for state in states)

    assert state() is state(State.OK) is State.OK
    assert state(State.OK, State.DEGRADED) is State.DEGRADED
    assert state(State.DEGRADED, State.DOWN, State.OK) is State.DOWN
