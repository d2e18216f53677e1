"""The office whose hours and rules count: calendar, working time and the law as data, loaded once per process."""

from __future__ import annotations

from dataclasses import dataclass

from config.calendars import load_calendar
from config.database import Database
from config.settings import Settings
from tracking.calendar_versions import KeptCalendars
from tracking.deadlines.rules import Rules, load_rules
from tracking.deadlines.terms import DueTime
from tracking.deadlines.working_time import Calendars, WorkingTime


@dataclass(frozen=True)
class Office:
    """What a due date depends on beside the dossier itself.

    Attributes:
        working_time: by the calendar in force, for everything that happens now.
        calendars: by every version, for what was printed under an earlier one.
    """

    working_time: WorkingTime
    rules: Rules
    due_time: DueTime
    calendars: Calendars

    @property
    def calendar_version(self) -> str:
        """The version of the calendar in force."""
        return self.working_time.calendar.version


def load_office(settings: Settings, database: Database) -> Office:
    """Load the calendar of the configured office and the rules; earlier calendars are those kept in the database.

    Raises:
        ConfigurationError: a calendar or rule file cannot be used.
    """
    working_time = WorkingTime(load_calendar(settings.calendar_office, settings.calendars))
    calendars = KeptCalendars(working_time, database)
    return Office(working_time, load_rules(), DueTime(settings.due_time), calendars)
