"""The office's calendar in the middle of a run: a working day is declared off, and everybody is told of it late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from config.calendars import load_calendar
from config.calendars.model import OfficeCalendar
from config.clock import VIETNAM
from worker.simulation.chance import Chance

OFFICE = "caobang"
_DAY_OFF = """
[[days_off]]
dates = [{day}]
name_vi = "Nghỉ theo thông báo của tỉnh"
name_en = "Day off announced by the province"
document = "Công văn 1/UBND-NC"
announced = {announced}
certainty = "high"
"""


@dataclass(frozen=True)
class Calendars:
    """What the oracle knows of calendars: the one before, and the one after the change where there is one."""

    before: OfficeCalendar
    after: OfficeCalendar
    changed_at: datetime | None = None

    def at(self, moment: datetime) -> OfficeCalendar:
        """Return the calendar that was in force at a moment."""
        return self.before if self.changed_at is None or moment < self.changed_at else self.after


def unchanged() -> Calendars:
    """Return the packaged calendar."""
    packaged = load_calendar(OFFICE)
    return Calendars(packaged, packaged)


def announce(folder: Path, chance: Chance, now: datetime, is_working_day: Callable[[date], bool]) -> Calendars:
    """Write a calendar into ``folder`` by which one of the coming working days is off, from now on."""
    day = now.date() + timedelta(days=chance.of("day off").randint(2, 12))
    while not is_working_day(day):
        day += timedelta(days=1)
    packaged = (files("config.calendars") / OFFICE / f"{day.year}.toml").read_text(encoding="utf-8")
    place = folder / OFFICE / f"{day.year}.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(packaged + _DAY_OFF.format(day=day, announced=now.date()), encoding="utf-8")
    return Calendars(load_calendar(OFFICE), load_calendar(OFFICE, folder), now)


def end_of(day: date, calendar: OfficeCalendar) -> datetime:
    """Return when the office closes on a working day."""
    return datetime.combine(day, max(session.closes for session in calendar.sessions_on(day)), VIETNAM)


def first_working_day(day: date, calendar: OfficeCalendar) -> date:
    """Return a day, or the next one on which the office works."""
    while not calendar.sessions_on(day):
        day += timedelta(days=1)
    return day
