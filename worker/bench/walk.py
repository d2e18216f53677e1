"""The obvious way of counting working time: one day after the other, one session after the other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from config.calendars import OfficeCalendar
from config.clock import VIETNAM

_DAY = timedelta(days=1)


def walk_days(calendar: OfficeCalendar, day: date, days: int) -> date:
    """Return the ``days``-th working day after ``day``."""
    while days:
        day += _DAY
        days -= bool(calendar.sessions_on(day))
    return day


def walk_time(calendar: OfficeCalendar, start: datetime, left: timedelta) -> datetime:
    """Return the first instant by which ``left`` of open time has passed since ``start`` (in Vietnam's zone)."""
    day = start.date()
    while True:
        for session in calendar.sessions_on(day):
            opens = max(start, datetime.combine(day, session.opens, VIETNAM))
            closes = datetime.combine(day, session.closes, VIETNAM)
            if closes - opens >= left:
                return opens + left
            left -= max(closes - opens, timedelta())
        day += _DAY
