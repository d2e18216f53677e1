"""An office's calendar laid out as tables, so that no computation walks from day to day. Pure.

Days are numbered from the calendar's first day, working days and sessions from its first working day and session.
Each table of what lies before has one entry more than there are days or sessions: the last one is the total.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import accumulate

from config.calendars.model import OfficeCalendar
from config.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The tables.

    Attributes:
        first: proleptic ordinal of day 0.
        ends: of each day, when its work is over; the last instant of a day without work.
        working: of each working day, the number of the day.
        closings: of each working day, its closing time.
        days_before: of each day, the working days before it.
        sessions_before: of each day, the sessions before it.
        opens, closes: of each session, its bounds.
        open_before: of each session, the open time before it.
    """

    first: int
    ends: list[datetime]
    working: list[int]
    closings: list[datetime]
    days_before: list[int]
    sessions_before: list[int]
    opens: list[datetime]
    closes: list[datetime]
    open_before: list[timedelta]


def unroll(calendar: OfficeCalendar) -> Unrolled:
    """Lay out every day of ``calendar``; its instants are in Vietnam's zone."""
    days = [(day, calendar.sessions_on(day)) for day in calendar.days()]
    opens = [datetime.combine(day, session.opens, VIETNAM) for day, sessions in days for session in sessions]
    closes = [datetime.combine(day, session.closes, VIETNAM) for day, sessions in days for session in sessions]
    clocks = [sessions[-1].closes if sessions else time.max for _, sessions in days]
    ends = [datetime.combine(day, clock, VIETNAM) for (day, _), clock in zip(days, clocks, strict=True)]
    working = [number for number, (_, sessions) in enumerate(days) if sessions]
    lengths = (close - open_ for open_, close in zip(opens, closes, strict=True))
    return Unrolled(
        first=calendar.first_day.toordinal(),
        ends=ends,
        working=working,
        closings=[ends[number] for number in working],
        days_before=list(accumulate((bool(sessions) for _, sessions in days), initial=0)),
        sessions_before=list(accumulate((len(sessions) for _, sessions in days), initial=0)),
        opens=opens,
        closes=closes,
        open_before=list(accumulate(lengths, initial=timedelta())),
    )
