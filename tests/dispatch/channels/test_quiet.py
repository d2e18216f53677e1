"""Quiet hours: no telephone rings at night, whichever side of midnight it is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM, local
from dispatch.channels.quiet import wakes_at

_NIGHT = (time(21), time(7))
_INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
_HOURS = st.times().map(lambda clock: clock.replace(microsecond=0))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2026-03-02 20:59:59", "2026-03-02 20:59:59"),
        ("2026-03-02 21:00", "2026-03-03 07:00"),
        ("2026-03-02 23:59:59", "2026-03-03 07:00"),
        ("2026-03-03 00:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", "2026-03-03 07:00"),
        ("2026-12-31 22:00", "2027-01-01 07:00"),
    ],
)
def test_a_night_spans_midnight(now: str, goes: str) -> None:
    assert wakes_at(at(now), *_NIGHT) == at(goes)


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    noon = (time(11, 30), time(13, 30))
    assert wakes_at(at("2026-03-02 12:00"), *noon) == at("2026-03-02 13:30")
    assert wakes_at(at("2026-03-02 14:00"), *noon) == at("2026-03-02 14:00")
    assert wakes_at(at("2026-03-02 12:00"), time(12), time(12)) == at("2026-03-02 12:00")


@given(_INSTANTS, _HOURS, _HOURS)
def test_nothing_waits_for_a_day_and_whoever_woke_is_awake(now: datetime, begin: time, end: time) -> None:
    goes = wakes_at(now, begin, end)
    assert now <= goes < now + timedelta(days=1)
    assert wakes_at(goes, begin, end) == goes
    assert goes == now or local(goes).time() == end
