"""How fast due dates are computed, beside the obvious way: walking the calendar day by day.

Both ways take the same instants in turn, so that a busy machine slows both, and must give the same dates.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

from config.calendars.load import load_calendar
from config.calendars.model import OfficeCalendar
from config.clock import VIETNAM
from tracking.deadlines.terms import Term, Unit
from tracking.deadlines.working_time import WorkingTime

_ROUNDS = 7
_DATES_A_ROUND = 2000
_WORKING_DAYS = 20


def test_due_dates_come_faster_than_by_walking_the_calendar() -> None:
    calendar = load_calendar("caobang")
    working_time, term = WorkingTime(calendar), Term(_WORKING_DAYS, Unit.WORKING_DAYS)
    instants = _instants_in_opening_hours(working_time, random.Random(20261123))
    ours, walking = [], []
    for _ in range(_ROUNDS):
        ours.append(_timed(lambda at: working_time.due(at, term), instants))
        walking.append(_timed(lambda at: _walk(calendar, at), instants))
    assert [dates for _, dates in ours] == [dates for _, dates in walking]
    our_rate, walking_rate = _rate(ours), _rate(walking)
    print(
        f"\n{_WORKING_DAYS} working days: {our_rate:,.0f} due dates a second; day by day {walking_rate:,.0f}; "
        f"{our_rate / walking_rate:.1f} times as fast (median of {_ROUNDS} rounds of {_DATES_A_ROUND})"
    )
    assert our_rate > walking_rate


def _instants_in_opening_hours(working_time: WorkingTime, chance: random.Random) -> list[datetime]:
    start = datetime(2025, 1, 2, 8, tzinfo=VIETNAM)
    anywhere = (start + timedelta(minutes=chance.randrange(600 * 24 * 60)) for _ in range(_DATES_A_ROUND))
    return [working_time.normalise(at) for at in anywhere]


def _walk(calendar: OfficeCalendar, at: datetime) -> datetime:
    """Return the closing time of the 20th working day after ``at``, found one day at a time."""
    day, left = at.date(), _WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= bool(calendar.sessions_on(day))
    return datetime.combine(day, calendar.sessions_on(day)[-1].closes, VIETNAM)


def _timed(due: Callable[[datetime], datetime], instants: list[datetime]) -> tuple[float, list[datetime]]:
    begun = perf_counter()
    dates = [due(at) for at in instants]
    return perf_counter() - begun, dates


def _rate(rounds: list[tuple[float, list[datetime]]]) -> float:
    """Return due dates per second in the median round."""
    return _DATES_A_ROUND / median(seconds for seconds, _ in rounds)
