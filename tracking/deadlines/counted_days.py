"""The days between two dates on which the calendar departs from plain counting, grouped for a reader. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from config.calendars import Certainty
from tracking.deadlines.rules import RuleId
from tracking.deadlines.working_time import WorkingTime

_NEXT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Days that have one and the same reason: a holiday, a make-up day, or the weekly rest.

    Attributes:
        document: the act that announced them; None for the weekly rest, which rests on its rule alone.
    """

    rule: RuleId
    name_vi: str
    name_en: str
    document: str | None
    certainty: Certainty
    days: tuple[date, ...]

    def spans(self) -> list[tuple[date, date]]:
        """Return the days as runs of neighbours: first and last day of each."""
        return runs(self.days)


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return ``days``, which are in order, as runs of neighbours: first and last day of each."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + _NEXT == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def special_days(working_time: WorkingTime, first: date, last: date) -> list[DayGroup]:
    """Return the days without work and the make-up days from ``first`` to ``last``, in order of appearance."""
    grouped: dict[DayGroup, list[date]] = {}
    for day in _days(first, last):
        if kind := _kind(working_time, day):
            grouped.setdefault(kind, []).append(day)
    return [
        DayGroup(kind.rule, kind.name_vi, kind.name_en, kind.document, kind.certainty, tuple(days))
        for kind, days in grouped.items()
    ]


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _kind(working_time: WorkingTime, day: date) -> DayGroup | None:
    calendar = working_time.calendar
    if made_up := calendar.make_up_day(day):
        return DayGroup(RuleId.MAKE_UP_DAY, made_up.name_vi, made_up.name_en, made_up.document, made_up.certainty, ())
    if off := calendar.day_off(day):
        return DayGroup(RuleId.DAY_OFF, off.name_vi, off.name_en, off.document, off.certainty, ())
    if working_time.is_working_day(day):
        return None
    return DayGroup(RuleId.WEEKLY_REST, "nghỉ hằng tuần", "weekly rest", None, Certainty.HIGH, ())
