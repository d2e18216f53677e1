from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM, DrivenClock, SystemClock, local, open_clock, wall_now

_START = datetime(2026, 2, 13, 1, 0, tzinfo=UTC)


def test_a_driven_clock_stands_still_until_somebody_moves_it(tmp_path: Path) -> None:
    clock = DrivenClock(tmp_path / "world" / "clock", start=_START)
    assert (clock.now(), clock.now()) == (_START, _START)
    clock.advance_to(_START + timedelta(days=3))
    assert clock.now() == _START + timedelta(days=3)


def test_every_reader_of_the_file_sees_the_same_time(tmp_path: Path) -> None:
    mover = DrivenClock(tmp_path / "clock", start=_START)
    reader = DrivenClock(tmp_path / "clock", start=_START - timedelta(days=9))
    mover.advance_to(_START + timedelta(hours=1))
    assert reader.now() == _START + timedelta(hours=1)


def test_the_time_outlives_the_process_that_moved_it(tmp_path: Path) -> None:
    script = (
        "import os, sys; from datetime import timedelta, datetime, UTC; from pathlib import Path\n"
        "from config.clock import DrivenClock\n"
        "clock = DrivenClock(Path(sys.argv[1]), start=datetime(2026, 2, 13, 1, 0, tzinfo=UTC))\n"
        "clock.advance_to(clock.now() + timedelta(days=1)); os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "clock")], check=False)
    assert killed.returncode == -9
    assert DrivenClock(tmp_path / "clock").now() == _START + timedelta(days=1)


def test_a_clock_never_runs_backwards(tmp_path: Path) -> None:
    clock = DrivenClock(tmp_path / "clock", start=_START)

    @given(st.lists(st.integers(-1000, 1000), max_size=20))
    def story(minutes: list[int]) -> None:
        for minute in minutes:
            before = clock.now()
            clock.advance_to(_START + timedelta(minutes=minute))
            assert clock.now() == max(before, _START + timedelta(minutes=minute))

    story()


def test_a_clock_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="start the demo, or unset POSTAL_CLOCK_FILE"):
        open_clock(tmp_path / "clock")


def test_without_a_file_it_is_the_machines_clock() -> None:
    clock = open_clock(None)
    assert isinstance(clock, SystemClock)
    assert abs(clock.now() - wall_now()) < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_local_time_is_the_same_instant_seven_hours_ahead(instant: datetime) -> None:
    assert local(instant) == instant
    assert local(instant).utcoffset() == timedelta(hours=7)
    assert local(instant).tzinfo is VIETNAM
