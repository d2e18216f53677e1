"""A year of an office's calendar on one page: twelve small months, and each special day with its document."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from config.calendars import (
    CalendarYear,
    DayOff,
    MakeUpDay,
    MissingCalendarYear,
    OfficeCalendar,
    Reception,
    ReceptionDay,
    Session,
)

_LEGEND = "* day off   + make-up day, worked   ~ papers are taken in, but no time limit counts the day"

_Entry = DayOff | MakeUpDay | ReceptionDay


def year_of(calendar: OfficeCalendar, year: int) -> CalendarYear:
    """Return one year of ``calendar``.

    Raises:
        MissingCalendarYear: it is not there.
    """
    for known in calendar.years:
        if known.year == year:
            return known
    raise MissingCalendarYear(calendar.office, year)


def as_json(calendar: OfficeCalendar, year: CalendarYear) -> dict[str, Any]:
    """Return the year for a machine; sessions are written as in the calendar's file."""
    return {
        "office": calendar.office,
        "year": year.year,
        "calendar": calendar.version,
        "working_days": _working_days(calendar, _days(calendar, year.year)),
        "weekly": _week_as_json(year.weekly),
        "days_off": [_entry_as_json(off) for off in year.days_off],
        "make_up_days": [_entry_as_json(made_up) for made_up in year.make_up_days],
        "reception": _reception_as_json(year.reception) if year.reception else None,
    }


def as_page(calendar: OfficeCalendar, year: CalendarYear) -> RenderableType:
    """Return the year for people; the marks read without colour too."""
    total = _working_days(calendar, _days(calendar, year.year))
    heading = Text(f"{calendar.office} {year.year}: {total} working days ({calendar.version})", style="bold")
    grids = [_month(calendar, year.year, month) for month in range(1, 13)]
    return Group(heading, *_open_hours(year), Text(_LEGEND), Columns(grids, padding=(1, 3)), _table(year))


def _days(calendar: OfficeCalendar, year: int) -> list[date]:
    return [day for day in calendar.days() if day.year == year]


def _working_days(calendar: OfficeCalendar, days: list[date]) -> int:
    return sum(bool(calendar.sessions_on(day)) for day in days)


def _reception_as_json(reception: Reception) -> dict[str, Any]:
    return {"weekly": _week_as_json(reception.weekly), "days": [_entry_as_json(day) for day in reception.days]}


def _week_as_json(weekly: Sequence[tuple[Session, ...] | None]) -> dict[str, list[str] | None]:
    """Return the hours by weekday; None where a weekday has no reception hours of its own."""
    return {
        name.lower(): None if sessions is None else [_hours(session) for session in sessions]
        for name, sessions in zip(months.day_name, weekly, strict=True)
    }


def _entry_as_json(entry: _Entry) -> dict[str, Any]:
    told = {**asdict(entry), "weekday": months.day_name[entry.day.weekday()].lower()}
    return told if isinstance(entry, DayOff) else {**told, "sessions": [_hours(session) for session in entry.sessions]}


def _hours(session: Session) -> str:
    return f"{session.opens:%H:%M}-{session.closes:%H:%M}"


def _open_hours(year: CalendarYear) -> Iterator[Text]:
    yield from _week("Works", year.weekly)
    if year.reception:
        yield from _week("Takes papers in", year.reception.weekly)


def _week(what: str, weekly: Sequence[tuple[Session, ...] | None]) -> Iterator[Text]:
    """Give one line for each set of hours: which weekdays have it."""
    for sessions in dict.fromkeys(filter(None, weekly)):
        names = (name for name, hours in zip(months.day_abbr, weekly, strict=True) if hours == sessions)
        yield Text(f"{what} {' '.join(names)}  {_hours_of(sessions)}")


def _hours_of(sessions: Sequence[Session]) -> str:
    return " and ".join(_hours(session) for session in sessions)


def _month(calendar: OfficeCalendar, year: int, month: int) -> Table:
    weeks = months.Calendar().monthdatescalendar(year, month)
    own = [day for week in weeks for day in week if day.month == month]
    title = f"{month:02}/{year} · {_working_days(calendar, own)} working days"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 0, 0, 1))
    for name in months.day_abbr:
        table.add_column(f"{name[:2]} ", justify="right")
    for week in weeks:
        table.add_row(*(_cell(calendar, day) if day.month == month else Text() for day in week))
    return table


def _cell(calendar: OfficeCalendar, day: date) -> Text:
    if calendar.make_up_day(day):
        return Text(f"{day.day}+", style="bold green")
    if calendar.reception_on(day) and not calendar.sessions_on(day):
        return Text(f"{day.day}~", style="yellow")
    if calendar.day_off(day):
        return Text(f"{day.day}*", style="bold red")
    return Text(f"{day.day} ", style="" if calendar.sessions_on(day) else "dim")


def _table(year: CalendarYear) -> Table:
    table = Table()
    for heading in ("Day", "", "Tiếng Việt / English", "Document", "Announced", "Certainty"):
        table.add_column(heading, overflow="fold")
    for entry in _entries(year):
        table.add_row(
            f"{entry.day:%a %d/%m}",
            _mark(entry),
            "\n".join(_lines(entry)),
            entry.document,
            f"{entry.announced:%d/%m/%Y}" if entry.announced else "-",
            entry.certainty,
        )
    return table


def _entries(year: CalendarYear) -> list[_Entry]:
    reception = year.reception.days if year.reception else ()
    entries: list[_Entry] = [*year.days_off, *year.make_up_days, *reception]
    return sorted(entries, key=lambda entry: entry.day)


def _lines(entry: _Entry) -> tuple[str, ...]:
    names = (entry.name_vi, entry.name_en)
    return names if isinstance(entry, DayOff) else (*names, _hours_of(entry.sessions))


def _mark(entry: _Entry) -> str:
    match entry:
        case DayOff():
            return "*"
        case MakeUpDay():
            return "+"
        case ReceptionDay():
            return "~"
