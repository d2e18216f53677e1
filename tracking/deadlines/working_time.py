"""Arithmetic of working time on one office's calendar, exact to the microsecond and constant in time per date.

The calendar is unrolled once into prefix sums over its days: how many working days, and how much open time, lie before
each. Adding is then a look-up (days) or one bisection (hours); no function here walks from day to day.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import assert_never

from config.calendars.model import MissingCalendarYear, OfficeCalendar
from config.clock import VIETNAM
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_MICROSECOND = timedelta(microseconds=1)


def _clock(moment: datetime | time) -> int:
    """Return microseconds since midnight."""
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * _SECOND + moment.microsecond


def _at(day: date, clock: int) -> datetime:
    return datetime.combine(day, time.min, VIETNAM) + timedelta(microseconds=clock)


class WorkingTime:
    """Working days and working hours of one office.

    Every instant that goes in must be aware; every instant that comes out is in Vietnam's zone. Every method raises
    ``MissingCalendarYear`` when it touches a day outside the calendar, ``NaiveTimeError`` for a time without a zone.
    """

    def __init__(self, calendar: OfficeCalendar) -> None:
        self.calendar = calendar
        self._first = calendar.first_day.toordinal()
        self._spans = [
            tuple((_clock(session.opens), _clock(session.closes)) for session in calendar.sessions_on(day))
            for day in calendar.days()
        ]
        self._working = [index for index, spans in enumerate(self._spans) if spans]
        self._days_before = list(accumulate(map(bool, self._spans), initial=0))
        open_time = (sum(closes - opens for opens, closes in spans) for spans in self._spans)
        self._open_before = list(accumulate(open_time, initial=0))

    def is_working_day(self, day: date) -> bool:
        return bool(self._spans[self._index(day)])

    def opening(self, day: date) -> datetime:
        """Return when the working day ``day`` begins."""
        return _at(day, self._spans[self._index(day)][0][0])

    def closing(self, day: date) -> datetime:
        """Return when the working day ``day`` ends."""
        return _at(day, self._spans[self._index(day)][-1][1])

    def add_working_days(self, day: date, days: int) -> date:
        """Return the ``days``-th working day after ``day``, which itself is not counted (Civil Code 2015, Art. 147(2)).

        Zero gives ``day`` or the last working day before it; a negative number counts back from there.
        """
        place = self._days_before[self._index(day) + 1] - 1 + days
        if not 0 <= place < len(self._working):
            raise self._beyond(before=place < 0)
        return self._day(self._working[place])

    def add_calendar_days(self, day: date, days: int) -> date:
        """Return the day ``days`` after ``day``, rolled forward to a working day (Civil Code 2015, Art. 148(5))."""
        index = self._index(day) + days
        if not 0 <= index < len(self._spans):
            raise self._beyond(before=index < 0)
        return self.on_or_after(self._day(index))

    def next_working_day(self, day: date) -> date:
        """Return the first working day after ``day``."""
        return self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """Return the last working day before ``day``."""
        return self.add_working_days(day, -1 if self.is_working_day(day) else 0)

    def on_or_after(self, day: date) -> date:
        """Return ``day``, or the next working day when there is no work on it (Civil Code 2015, Art. 148(5))."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def working_days_between(self, start: date, end: date) -> int:
        """Return the number of working days after ``start`` up to and including ``end``; negative when reversed."""
        return self._days_before[self._index(end) + 1] - self._days_before[self._index(start) + 1]

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from ``start`` to ``end``; negative when reversed."""
        return timedelta(microseconds=self._open_until(end) - self._open_until(start))

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant by which ``duration`` of open time has passed since ``start``.

        No duration gives the last instant of work not after ``start``; a negative one counts back.
        """
        return self._when_open(self._open_until(start) + duration // _MICROSECOND)

    def normalise(self, at: datetime) -> datetime:
        """Return when something that arrived ``at`` is taken up: at once, or when the office next opens.

        Closing time itself, at noon and in the evening, still belongs to the session.
        """
        moment = vietnam_time(at)
        clock = _clock(moment)
        for opens, closes in self._spans[self._index(moment.date())]:
            if clock <= closes:
                return moment if clock >= opens else _at(moment.date(), opens)
        return self.opening(self.next_working_day(moment.date()))

    def effective(self, at: datetime, cutoff: time | None = None) -> datetime:
        """Return the instant from which a term counts: ``at`` normalised, or the next opening when after ``cutoff``.

        ``cutoff`` is Vietnam local time and strict: 15:00:00 sharp is not yet after 15:00.
        """
        start = self.normalise(at)
        arrived = vietnam_time(at)
        if cutoff is not None and start.date() == arrived.date() and arrived.time() > cutoff:
            return self.opening(self.next_working_day(start.date()))
        return start

    def due(
        self, at: datetime, term: Term, *, cutoff: time | None = None, due_time: DueTime = DueTime.END_OF_DAY
    ) -> datetime:
        """Return when ``term`` ends that began with an event ``at``.

        Working hours end at their own instant, whatever ``due_time`` says. Calendar days count from the day of the
        event itself and roll forward to a working day.
        """
        start = self.effective(at, cutoff)
        match term.unit:
            case Unit.WORKING_HOURS:
                return self._when_open(self._open_until(start) + term.amount * _HOUR)
            case Unit.WORKING_DAYS:
                day = self.add_working_days(start.date(), term.amount)
            case Unit.CALENDAR_DAYS:
                day = self.add_calendar_days(vietnam_time(at).date(), term.amount)
            case Unit.SAME_DAY:
                day = start.date()
            case unreachable:
                assert_never(unreachable)
        return self.at_due_time(day, start.time(), due_time)

    def at_due_time(self, day: date, clock: time, due_time: DueTime) -> datetime:
        """Return the due instant on the working day ``day``: closing time, or ``clock`` where that is earlier."""
        closing = self.closing(day)
        if due_time is DueTime.END_OF_DAY:
            return closing
        return min(datetime.combine(day, clock, VIETNAM), closing)

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first
        if not 0 <= index < len(self._spans):
            raise MissingCalendarYear(self.calendar.office, day.year)
        return index

    def _day(self, index: int) -> date:
        return date.fromordinal(self._first + index)

    def _beyond(self, *, before: bool) -> MissingCalendarYear:
        year = self.calendar.first_day.year - 1 if before else self.calendar.last_day.year + 1
        return MissingCalendarYear(self.calendar.office, year)

    def _open_until(self, at: datetime) -> int:
        """Return the open time from the calendar's first midnight to ``at``, in microseconds."""
        moment = vietnam_time(at)
        clock = _clock(moment)
        index = self._index(moment.date())
        today = sum(min(clock, closes) - opens for opens, closes in self._spans[index] if clock > opens)
        return self._open_before[index] + today

    def _when_open(self, wanted: int) -> datetime:
        """Return the first instant by which ``wanted`` microseconds of open time have passed."""
        if not 0 < wanted <= self._open_before[-1]:
            raise self._beyond(before=wanted <= 0)
        index = bisect_left(self._open_before, wanted) - 1
        left = wanted - self._open_before[index]
        for opens, closes in self._spans[index]:
            if left <= closes - opens:
                break
            left -= closes - opens
        return _at(self._day(index), opens + left)
