"""An office's calendar in the only words that the libraries understand: weekdays, one set of sessions, days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.calendars import OfficeCalendar, Session

_WITHOUT = "without make-up days"
_WITH = "make-up days as one more weekday, with all its other days off"


@dataclass(frozen=True)
class PlainWeek:
    """The same sessions on each of ``weekdays`` (0 is Monday), except on ``days_off``; known until ``last_day``.

    ``blind_to`` are the days, in order, on which this and the office's calendar do not agree.
    """

    name: str
    sessions: tuple[Session, ...]
    weekdays: frozenset[int]
    days_off: frozenset[date]
    last_day: date
    blind_to: tuple[date, ...]

    @property
    def mask(self) -> str:
        """The weekdays as seven digits, Monday first: 1111100."""
        return "".join(str(int(weekday in self.weekdays)) for weekday in range(7))


def plain_weeks(calendar: OfficeCalendar) -> list[PlainWeek]:
    """Return how a library can be told ``calendar``: the plain way and, where there are make-up days, in full.

    A library has no make-up days. It can be told that every Saturday is worked and that nearly all of them are off.
    """
    weekly = calendar.years[0].weekly
    weekdays = frozenset(weekday for weekday, sessions in enumerate(weekly) if sessions)
    without = _plain_week(_WITHOUT, calendar, weekdays)
    if not without.blind_to:
        return [without]
    return [without, _plain_week(_WITH, calendar, weekdays | {day.weekday() for day in _made_up(calendar)})]


def _plain_week(name: str, calendar: OfficeCalendar, weekdays: frozenset[int]) -> PlainWeek:
    sessions = next(filter(None, calendar.years[0].weekly))
    in_week = [day for day in calendar.days() if day.weekday() in weekdays]
    days_off = frozenset(day for day in in_week if not calendar.sessions_on(day))
    worked = frozenset(in_week) - days_off
    blind_to = tuple(day for day in calendar.days() if calendar.sessions_on(day) != (sessions if day in worked else ()))
    return PlainWeek(name, sessions, weekdays, days_off, calendar.last_day, blind_to)


def _made_up(calendar: OfficeCalendar) -> list[date]:
    return [made_up.day for year in calendar.years for made_up in year.make_up_days]
