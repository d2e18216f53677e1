from __future__ import annotations

from datetime import timedelta

from celery import Celery
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from worker.lanes import Lane, queue_name
from worker.schedule import Intervals, schedule
from worker.tasks import JOBS


def test_every_job_is_asked_for_now_and_then_in_its_own_lane() -> None:
    entries = schedule(Settings(queue_prefix="cao-bang"))
    assert {name: entry["options"]["queue"] for name, entry in entries.items()} == {
        job.name: queue_name("cao-bang", job.lane) for job in JOBS
    }
    assert {entry["options"]["queue"] for entry in entries.values()} == {queue_name("cao-bang", lane) for lane in Lane}


def test_no_message_carries_a_time_to_run_at_because_due_times_are_rows() -> None:
    for entry in schedule(Settings()).values():
        assert not {"eta", "countdown"} & (entry.keys() | entry["options"].keys())
        assert isinstance(entry["schedule"], timedelta)


@given(sweep=st.floats(min_value=0.001, max_value=3600))
def test_a_sweep_nobody_took_up_expires_and_never_before_the_next(sweep: float) -> None:
    for entry in schedule(Settings(sweep_seconds=sweep)).values():
        assert entry["schedule"].total_seconds() > 0
        assert entry["options"]["expires"] >= max(1.0, entry["schedule"].total_seconds() - 1e-6)


def test_the_heart_does_not_beat_faster_when_the_sweeps_do() -> None:
    assert schedule(Settings(sweep_seconds=0.01))["postal.housekeeping.heartbeat"]["schedule"] == timedelta(seconds=2)


def test_the_beat_sleeps_until_the_next_entry_is_due() -> None:
    assert Intervals.adjust(object.__new__(Intervals), 0.25) == 0.25


def test_a_beat_that_is_started_again_asks_for_everything_at_once_also_for_what_is_hourly() -> None:
    app = Celery("beats", broker="memory://", set_as_current=False)
    app.conf.update(timezone="UTC", beat_schedule=schedule(Settings(sweep_seconds=5)))
    scheduler = Intervals(app, max_interval=1, lazy=True)
    scheduler.setup_schedule()
    assert {name for name, entry in scheduler.schedule.items() if scheduler.is_due(entry).is_due} == {
        job.name for job in JOBS
    }
