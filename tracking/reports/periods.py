"""The period of a report: whole days of Vietnam, both ends included. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from config.clock import VIETNAM, local

_DAY = timedelta(days=1)


class Rhythm(StrEnum):
    """How often a report is due."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of ``first`` to the last of ``last``, in Vietnam.

    Raises:
        ValueError: it ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends ({self.last}) before it begins ({self.first})")

    @property
    def begins(self) -> datetime:
        """The first moment that belongs to it."""
        return datetime.combine(self.first, time.min, VIETNAM)

    @property
    def ends(self) -> datetime:
        """The first moment that belongs to it no more."""
        return datetime.combine(self.last + _DAY, time.min, VIETNAM)

    def holds(self, instant: datetime) -> bool:
        """Return whether something that happened then happened in the period."""
        return self.begins <= instant < self.ends

    @property
    def name(self) -> str:
        """The period in a few letters: ``2026-03``, ``2026-Q1``, or both days."""
        if self == month_of(self.first):
            return f"{self.first:%Y-%m}"
        if self == quarter_of(self.first):
            return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y%m%d}-{self.last:%Y%m%d}"


def month_of(day: date) -> Period:
    """Return the month in which a day lies."""
    return _of(day.year, day.month, 1)


def quarter_of(day: date) -> Period:
    """Return the quarter in which a day lies."""
    return _of(day.year, (day.month - 1) // 3 * 3 + 1, 3)


def last_whole(rhythm: Rhythm, now: datetime, settled_after: timedelta) -> Period:
    """Return the last month or quarter that had been over for ``settled_after`` by ``now``."""
    day = local(now - settled_after).date()
    running = month_of(day) if rhythm is Rhythm.MONTH else quarter_of(day)
    before = running.first - _DAY
    return month_of(before) if rhythm is Rhythm.MONTH else quarter_of(before)


def _of(year: int, month: int, months: int) -> Period:
    following = month - 1 + months
    return Period(date(year, month, 1), date(year + following // 12, following % 12 + 1, 1) - _DAY)
