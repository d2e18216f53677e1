"""Calendars to tell stories with: the official one, the one before a late announcement, and variations."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from config.calendars import CalendarYear, Certainty, DayOff, MakeUpDay, OfficeCalendar, load_calendar
from tracking.deadlines import WorkingTime

OFFICE = WorkingTime(load_calendar("caobang"))


def with_days(off: date | None = None, made_up: date | None = None) -> WorkingTime:
    """The office with one more day off, or one more make-up day."""
    years = []
    for year in OFFICE.calendar.years:
        if off is not None and off.year == year.year:
            year = replace(year, days_off=(*year.days_off, DayOff(off, "", "", "", None, Certainty.LOW)))
        if made_up is not None and made_up.year == year.year:
            worked = MakeUpDay(made_up, "", "", "", None, Certainty.LOW, year.weekly[0])
            year = replace(year, make_up_days=(*year.make_up_days, worked))
        years.append(year)
    return WorkingTime(OfficeCalendar("caobang", tuple(years)))


def _as_it_was(year: CalendarYear) -> CalendarYear:
    swap = "12729/VPCP-KGVX"
    return replace(
        year,
        days_off=tuple(off for off in year.days_off if swap not in off.document),
        make_up_days=tuple(made_up for made_up in year.make_up_days if swap not in made_up.document),
    )


# On 25 December 2025 it was announced that Friday 2 January 2026 is off and Saturday 10 January is worked for it.
BEFORE_THE_SWAP = WorkingTime(OfficeCalendar("caobang", tuple(map(_as_it_was, OFFICE.calendar.years))))
OLD, NEW = BEFORE_THE_SWAP.calendar.version, OFFICE.calendar.version


class Versions:
    """Both versions, of which one is the usual."""

    def __init__(self, usual: WorkingTime) -> None:
        self._known: Mapping[str, WorkingTime] = {"": usual, OLD: BEFORE_THE_SWAP, NEW: OFFICE}

    def of(self, version: str) -> WorkingTime:
        return self._known[version]
