"""The published libraries that ``postal bench deadlines`` runs against.

They come with the extra ``bench`` alone. Each is therefore imported where it is entered: the product never loads one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Generic

from config.clock import VIETNAM
from worker.bench.plain_week import PlainWeek
from worker.bench.race import Moment, Way


@dataclass(frozen=True)
class Rival(Generic[Moment]):
    """A library, and how many times as fast as its fastest set-up we want to be."""

    name: str
    module: str
    at_least: float
    enter: Callable[[PlainWeek], Way[Moment]]

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None


def rivals_in_hours(duration: timedelta) -> tuple[Rival[datetime], ...]:
    """Return who else can add ``duration`` (whole hours) of working time to an instant."""
    return (
        Rival("businesstimedelta", "businesstimedelta", 500, partial(_businesstimedelta, duration)),
        Rival("pandas CustomBusinessHour", "pandas", 40, partial(_pandas, duration)),
    )


def rivals_in_days(days: int) -> tuple[Rival[date], ...]:
    """Return who else can add working days to a day."""
    return (Rival("numpy busday_offset, scalar", "numpy", 1, partial(_numpy, days)),)


def _businesstimedelta(duration: timedelta, week: PlainWeek) -> Way[datetime]:
    import businesstimedelta
    import pytz

    zone = pytz.timezone(VIETNAM.key)
    weekdays = sorted(week.weekdays)
    # It always looks for the next day off, and fails where there is none any more.
    days_off = week.days_off | {week.last_day + timedelta(days=1)}
    rules = businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(week.sessions[0].opens, week.sessions[-1].closes, weekdays, tz=zone),
            businesstimedelta.HolidayRule(days_off, tz=zone),
            *(
                businesstimedelta.LunchTimeRule(earlier.closes, later.opens, weekdays, tz=zone)
                for earlier, later in pairwise(week.sessions)
            ),
        ]
    )
    delta = businesstimedelta.BusinessTimeDelta(rules, timedelta=duration)
    return Way("businesstimedelta", lambda at: at + delta, set_up=week.name, blind_to=week.blind_to)


def _pandas(duration: timedelta, week: PlainWeek) -> Way[datetime]:
    import pandas

    offset = pandas.offsets.CustomBusinessHour(
        n=duration // timedelta(hours=1),
        start=[f"{session.opens:%H:%M}" for session in week.sessions],
        end=[f"{session.closes:%H:%M}" for session in week.sessions],
        weekmask=week.mask,
        holidays=sorted(week.days_off),
    )

    def read(answer: Any) -> datetime:
        instant: datetime = answer.to_pydatetime()
        return instant

    return Way("pandas CustomBusinessHour", lambda at: at + offset, pandas.Timestamp, read, week.name, week.blind_to)


def _numpy(days: int, week: PlainWeek) -> Way[date]:
    import numpy

    calendar = numpy.busdaycalendar(week.mask, [numpy.datetime64(day) for day in sorted(week.days_off)])

    def answer(day: Any) -> Any:
        return numpy.busday_offset(day, days, "preceding", busdaycal=calendar)

    def read(day: Any) -> date:
        plain: date = day.item()
        return plain

    return Way("numpy busday_offset, scalar", answer, numpy.datetime64, read, week.name, week.blind_to)
