"""Arithmetic of working time on one office's calendar, exact to the microsecond and constant in time per date.

The calendar is laid out once as tables (:mod:`tracking.deadlines.unrolled`). Adding is then a look-up (days, half days)
or one bisection (hours); no function here walks from day to day.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from typing import Protocol

from config.calendars.model import MissingCalendarYear, OfficeCalendar
from config.clock import VIETNAM
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.unrolled import unroll

_HOUR = timedelta(hours=1)

# Reading a member off its enumeration costs more than a due date's whole arithmetic.
_WORKING_HOURS, _HALF_DAYS, _CALENDAR_DAYS = Unit.WORKING_HOURS, Unit.HALF_DAYS, Unit.CALENDAR_DAYS
_SAME_DAY, _END_OF_DAY = Unit.SAME_DAY, DueTime.END_OF_DAY


class Calendars(Protocol):
    """The versions of an office's calendar, each as working time."""

    def of(self, version: str) -> WorkingTime:
        """Return the working time of one version; of the usual one where ``version`` is empty."""
        ...


class WorkingTime:
    """Working days and working hours of one office.

    Every instant that goes in must be aware; every instant that comes out is in Vietnam's zone. Every method raises
    ``MissingCalendarYear`` when it touches a day outside the calendar, ``NaiveTimeError`` for a time without a zone.
    """

    def __init__(self, calendar: OfficeCalendar) -> None:
        self.calendar = calendar
        self._tables = unroll(calendar)

    def of(self, _version: str) -> WorkingTime:
        """Return this very calendar: where there is only one, it serves for every version."""
        return self

    def receives(self, at: datetime) -> bool:
        """Return whether the desk takes in papers ``at``, which may be on a day that no time limit counts."""
        moment = vietnam_time(at)
        clock, sessions = moment.time(), self.calendar.reception_on(moment.date())
        return any(session.opens <= clock <= session.closes for session in sessions)

    def is_working_day(self, day: date) -> bool:
        before, number = self._tables.days_before, self._number(day)
        return before[number + 1] > before[number]

    def opening(self, day: date) -> datetime:
        """Return when the working day ``day`` begins."""
        return self._tables.opens[self._tables.sessions_before[self._number(day)]]

    def closing(self, day: date) -> datetime:
        """Return when the working day ``day`` ends."""
        return self._tables.ends[self._number(day)]

    def add_working_days(self, day: date, days: int) -> date:
        """Return the ``days``-th working day after ``day``, which itself is not counted (Civil Code 2015, Art. 147(2)).

        Zero gives ``day`` or the last working day before it; a negative number counts back from there.
        """
        place = self._tables.days_before[self._number(day) + 1] - 1 + days
        if not 0 <= place < len(self._tables.working):
            raise self._beyond(before=place < 0)
        return date.fromordinal(self._tables.first + self._tables.working[place])

    def add_calendar_days(self, day: date, days: int) -> date:
        """Return the day ``days`` after ``day``, rolled forward to a working day (Civil Code 2015, Art. 148(5))."""
        number = self._number(day) + days
        if not 0 <= number < len(self._tables.ends):
            raise self._beyond(before=number < 0)
        return self.on_or_after(date.fromordinal(self._tables.first + number))

    def add_half_days(self, at: datetime, half_days: int) -> datetime:
        """Return the end of the ``half_days``-th session after the one in which something that came ``at`` is taken up.

        A session is half a working day, however long it is, and a day with one session has one half. This is our
        reading: no text says what half a day is, and internal steps alone are counted so. They never add up to the
        legal date, which follows from the procedure's whole time limit.
        """
        place = self._sessions_begun(self.normalise(at)) - 1 + half_days
        if not 0 <= place < len(self._tables.closes):
            raise self._beyond(before=place < 0)
        return self._tables.closes[place]

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
        before = self._tables.days_before
        return before[self._number(end) + 1] - before[self._number(start) + 1]

    def half_days_between(self, start: datetime, end: datetime) -> int:
        """Return the number of sessions that begin after ``start`` and not after ``end``; negative when reversed."""
        return self._sessions_begun(vietnam_time(end)) - self._sessions_begun(vietnam_time(start))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from ``start`` to ``end``; negative when reversed."""
        return self._open_until(vietnam_time(end)) - self._open_until(vietnam_time(start))

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant by which ``duration`` of open time has passed since ``start``.

        No duration gives the last instant of work not after ``start``; a negative one counts back.
        """
        return self._when_open(self._open_until(vietnam_time(start)) + duration)

    def normalise(self, at: datetime) -> datetime:
        """Return when something that arrived ``at`` is taken up: at once, or when the office next opens.

        Closing time itself, at noon and in the evening, still belongs to the session.
        """
        moment = vietnam_time(at)
        begun = self._sessions_begun(moment)
        if begun and moment <= self._tables.closes[begun - 1]:
            return moment
        if begun == len(self._tables.opens):
            raise self._beyond(before=False)
        return self._tables.opens[begun]

    def effective(self, at: datetime, cutoff: time | None = None) -> datetime:
        """Return the instant from which a term counts: ``at`` normalised, or the next opening when after ``cutoff``.

        ``cutoff`` is Vietnam local time and strict: 15:00:00 sharp is not yet after 15:00.
        """
        start = self.normalise(at)
        arrived = vietnam_time(at)
        if cutoff is not None and start.date() == arrived.date() and arrived.time() > cutoff:
            return self.opening(self.next_working_day(start.date()))
        return start

    def due(self, at: datetime, term: Term, *, cutoff: time | None = None, due_time: DueTime = _END_OF_DAY) -> datetime:
        """Return when ``term`` ends that began with an event ``at``.

        Working hours and half days end at their own instant, whatever ``due_time`` says. Calendar days count from the
        day of the event itself and roll forward to a working day.
        """
        start = vietnam_time(at) if cutoff is None else self.effective(at, cutoff)
        unit = term.unit
        if unit is _WORKING_HOURS:
            return self._when_open(self._open_until(start) + _HOUR * term.amount)
        if unit is _HALF_DAYS:
            return self.add_half_days(start, term.amount)
        if unit is _CALENDAR_DAYS:
            day = self.add_calendar_days(vietnam_time(at).date(), term.amount)
            return self.at_due_time(day, self.normalise(start).time(), due_time)
        closing = self._closing_after(start, 0 if unit is _SAME_DAY else term.amount)
        if due_time is _END_OF_DAY:
            return closing
        return self.at_due_time(closing.date(), self.normalise(start).time(), due_time)

    def at_due_time(self, day: date, clock: time, due_time: DueTime) -> datetime:
        """Return the due instant on the working day ``day``: closing time, or ``clock`` where that is earlier."""
        closing = self.closing(day)
        if due_time is _END_OF_DAY:
            return closing
        return min(datetime.combine(day, clock, VIETNAM), closing)

    def _closing_after(self, moment: datetime, days: int) -> datetime:
        """Return closing time of the ``days``-th working day after the one on which ``moment`` is taken up."""
        tables, number = self._tables, self._number(moment)
        place = tables.days_before[number] + (moment > tables.ends[number]) + days
        if place >= len(tables.closings):
            raise self._beyond(before=False)
        return tables.closings[place]

    def _open_until(self, moment: datetime) -> timedelta:
        """Return the open time from the calendar's first midnight to ``moment``, which is in Vietnam's zone."""
        tables, session = self._tables, self._sessions_begun(moment) - 1
        if session < 0 or moment >= tables.closes[session]:
            return tables.open_before[session + 1]
        return tables.open_before[session] + (moment - tables.opens[session])

    def _when_open(self, wanted: timedelta) -> datetime:
        """Return the first instant by which ``wanted`` open time has passed since the calendar's first midnight."""
        tables = self._tables
        session = bisect_left(tables.open_before, wanted) - 1
        if not 0 <= session < len(tables.opens):
            raise self._beyond(before=session < 0)
        return tables.opens[session] + (wanted - tables.open_before[session])

    def _sessions_begun(self, moment: datetime) -> int:
        """Return how many sessions have begun by ``moment``, in Vietnam's zone; one that opens just then included."""
        tables, number = self._tables, self._number(moment)
        begun, before_today = tables.sessions_before[number + 1], tables.sessions_before[number]
        while begun > before_today and moment < tables.opens[begun - 1]:
            begun -= 1
        return begun

    def _number(self, day: date) -> int:
        number = day.toordinal() - self._tables.first
        if not 0 <= number < len(self._tables.ends):
            raise MissingCalendarYear(self.calendar.office, day.year)
        return number

    def _beyond(self, *, before: bool) -> MissingCalendarYear:
        year = self.calendar.first_day.year - 1 if before else self.calendar.last_day.year + 1
        return MissingCalendarYear(self.calendar.office, year)
