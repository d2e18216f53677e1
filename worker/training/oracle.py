"""What the law makes of the same facts, worked out slowly and apart from the engine that is being checked.

Days are walked one by one and minutes one by one: no prefix tables, no ledger. Only the calendar is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from config.calendars.model import OfficeCalendar
from config.clock import VIETNAM, local

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def due_date(calendar: OfficeCalendar, start: datetime, term: tuple[int, str]) -> datetime:
    """Return when ``term`` ends that began ``start``: closing time of the due day, or the exact minute for hours.

    Args:
        start: aware; the signature, or the moment at which the supplement was complete.
        term: amount and unit, as in a dossier's ``time_limit``.
    """
    amount, unit = term
    begins = _taken_up(calendar, local(start))
    if unit == "working_hours":
        return _walk_minutes(calendar, begins, amount * 60)
    if unit == "working_days":
        return _closing(calendar, _walk_days(calendar, begins.date(), amount))
    if unit == "calendar_days":
        return _closing(calendar, _first_working_day(calendar, local(start).date() + amount * _DAY))
    return _closing(calendar, begins.date())


def _taken_up(calendar: OfficeCalendar, at: datetime) -> datetime:
    while not _inside_session(calendar, at):
        at = at.replace(second=0, microsecond=0) + _MINUTE
    return at


def _inside_session(calendar: OfficeCalendar, at: datetime) -> bool:
    return any(session.opens <= at.time() <= session.closes for session in calendar.sessions_on(at.date()))


def _walk_days(calendar: OfficeCalendar, day: date, count: int) -> date:
    while count:
        day += _DAY
        count -= bool(calendar.sessions_on(day))
    return day


def _walk_minutes(calendar: OfficeCalendar, at: datetime, count: int) -> datetime:
    while count:
        count -= _inside_session(calendar, at) and _inside_session(calendar, at + _MINUTE)
        at += _MINUTE
    return at


def _first_working_day(calendar: OfficeCalendar, day: date) -> date:
    while not calendar.sessions_on(day):
        day += _DAY
    return day


def _closing(calendar: OfficeCalendar, day: date) -> datetime:
    return datetime.combine(day, max(session.closes for session in calendar.sessions_on(day)), VIETNAM)


def last_known_state(reports: Iterable[tuple[datetime, str]]) -> str | None:
    """Return the last state in event time that anybody could understand, out of pairs of event time and state."""
    understood = [(at, state) for at, state in reports if state != "unexplained"]
    return max(understood, key=lambda report: report[0])[1] if understood else None
