"""Official working calendars: one TOML file per office and year, each entry with the document it rests on.

Layout: ``<office>/<year>.toml``, in this package or in the folder ``POSTAL_CALENDARS``, which wins year by year.
"""

from config.calendars.load import load_calendar
from config.calendars.model import (
    CalendarYear,
    Certainty,
    DayOff,
    MakeUpDay,
    MissingCalendarYear,
    OfficeCalendar,
    Reception,
    ReceptionDay,
    Session,
)

__all__ = [
    "CalendarYear",
    "Certainty",
    "DayOff",
    "MakeUpDay",
    "MissingCalendarYear",
    "OfficeCalendar",
    "Reception",
    "ReceptionDay",
    "Session",
    "load_calendar",
]
