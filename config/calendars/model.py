"""What an office's working calendar is: weekly sessions, days off and make-up days, year by year. Pure data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property

from config.errors import ConfigurationError

_HASH_LENGTH = 10


class MissingCalendarYear(ConfigurationError):  # noqa: N818 - the name says what is wrong
    """A date falls into a year whose official calendar is not there; nothing is ever guessed in its place."""

    def __init__(self, office: str, year: int) -> None:
        super().__init__(
            f"there is no working calendar of office '{office}' for {year}: put the official schedule into "
            f"{office}/{year}.toml in the folder that POSTAL_CALENDARS names, then compute again"
        )
        self.office = office
        self.year = year


class Certainty(StrEnum):
    """How sure we are of an entry, judged by the source that was read."""

    HIGH = "high"
    MEDIUM_HIGH = "medium-high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """Open hours without a break, Vietnam local time; both ends belong to it."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day without work that would otherwise have sessions."""

    day: date
    name_vi: str
    name_en: str
    document: str
    announced: date | None
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A day that is worked in exchange for a day off, with its own sessions."""

    day: date
    name_vi: str
    name_en: str
    document: str
    announced: date | None
    certainty: Certainty
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class ReceptionDay:
    """A single day with reception hours of its own, such as a Saturday morning before a deadline."""

    day: date
    name_vi: str
    name_en: str
    document: str
    announced: date | None
    certainty: Certainty
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """When the desk takes in papers, where that differs from the office's working hours.

    It never makes a working day: time limits count by the working hours alone (Decision 14/2010/QD-TTg opens the desk
    on Saturdays and says nothing of time limits).

    Attributes:
        weekly: seven entries, Monday first; None where a weekday keeps the office's own hours.
    """

    weekly: tuple[tuple[Session, ...] | None, ...]
    days: tuple[ReceptionDay, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One calendar year of one office; ``weekly`` has seven entries, Monday first.

    ``reception`` moves no due date, so it is no part of the text from which the calendar's version is made.
    """

    year: int
    weekly: tuple[tuple[Session, ...], ...]
    days_off: tuple[DayOff, ...] = ()
    make_up_days: tuple[MakeUpDay, ...] = ()
    reception: Reception | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OfficeCalendar:
    """All known years of one office, in order and without a gap."""

    office: str
    years: tuple[CalendarYear, ...]

    @property
    def first_day(self) -> date:
        return date(self.years[0].year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.years[-1].year, 12, 31)

    @cached_property
    def version(self) -> str:
        """Office, years and a hash of the content: explanations quote it, so that each date can be computed again."""
        digest = hashlib.sha256(repr(self.years).encode()).hexdigest()[:_HASH_LENGTH]
        return f"{self.office} {self.years[0].year}-{self.years[-1].year} {digest}"

    def days(self) -> Iterator[date]:
        """Every day of every year, in order."""
        for offset in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=offset)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """Return the open hours of ``day``; none on a day without work.

        Raises:
            MissingCalendarYear: the day's year is not there.
        """
        year = self._year_of(day)
        if make_up := self.make_up_day(day):
            return make_up.sessions
        return () if self.day_off(day) else year.weekly[day.weekday()]

    def reception_on(self, day: date) -> tuple[Session, ...]:
        """Return when papers are taken in on ``day``: reception hours where there are any, else the open hours.

        A day off has none unless it has hours of its own; a make-up day keeps those of its work.

        Raises:
            MissingCalendarYear: the day's year is not there.
        """
        if (reception := self._year_of(day).reception) is None:
            return self.sessions_on(day)
        if own := next((extra for extra in reception.days if extra.day == day), None):
            return own.sessions
        weekly = reception.weekly[day.weekday()]
        if weekly is None or self.day_off(day) or self.make_up_day(day):
            return self.sessions_on(day)
        return weekly

    def day_off(self, day: date) -> DayOff | None:
        return self._days_off.get(day)

    def make_up_day(self, day: date) -> MakeUpDay | None:
        return self._make_up_days.get(day)

    def _year_of(self, day: date) -> CalendarYear:
        year = self._years.get(day.year)
        if year is None:
            raise MissingCalendarYear(self.office, day.year)
        return year

    @cached_property
    def _years(self) -> dict[int, CalendarYear]:
        return {year.year: year for year in self.years}

    @cached_property
    def _days_off(self) -> dict[date, DayOff]:
        return {off.day: off for year in self.years for off in year.days_off}

    @cached_property
    def _make_up_days(self) -> dict[date, MakeUpDay]:
        return {made_up.day: made_up for year in self.years for made_up in year.make_up_days}
