"""The office whose hours and rules count: calendar, working time and the law as data, loaded once per process."""

from __future__ import annotations

from dataclasses import dataclass

from config.calendars import load_calendar
from config.settings import Settings
from tracking.deadlines.rules import Rules, load_rules
from tracking.deadlines.terms import DueTime
from tracking.deadlines.working_time import WorkingTime


@dataclass(frozen=True)
class Office:
    """What a due date depends on beside the dossier itself."""

    working_time: WorkingTime
    rules: Rules
    due_time: DueTime


def load_office(settings: Settings) -> Office:
    """Load the calendar of the configured office and the rules.

    Raises:
        ConfigurationError: a calendar or rule file cannot be used.
    """
    calendar = load_calendar(settings.calendar_office, settings.calendars)
    return Office(WorkingTime(calendar), load_rules(), DueTime(settings.due_time))
