"""The bench of due dates: 40 working hours and 10 working days from random instants, each way in turn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from config.calendars import OfficeCalendar
from config.clock import VIETNAM
from tracking.deadlines.working_time import WorkingTime
from worker.bench.plain_week import plain_weeks
from worker.bench.race import Moment, Standing, Way, race
from worker.bench.rivals import Rival, rivals_in_days, rivals_in_hours
from worker.bench.walk import walk_days, walk_time

NOTES = (
    "Ways take turns within each round; times are medians, and each ratio is the median of the rounds' ratios to ours.",
    "Instants are drawn to the microsecond: no answer is then a closing time, which pandas reads as the next opening.",
    "No library has make-up days. Each is therefore raced twice, without them (answers that come across one are left "
    "out) and with them; the goal is judged against the faster.",
    "Every way gets instants in Vietnam's zone, as a clerk means them; UTC, as stored, is a row of its own.",
    "Libraries get their own types ready made and keep them: no conversion is timed.",
    "The ceiling looks each answer up in a table of the very instants that are asked for.",
)

_DURATION = timedelta(hours=40)
_DAYS = 10
_FIRST = datetime(2024, 1, 1, tzinfo=VIETNAM)
_LAST = datetime(2027, 12, 1, tzinfo=VIETNAM)  # the answers must still fall into 2027
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Goal:
    """What was wanted against one rival; ``reached`` and ``met`` are None when it is not installed."""

    rival: str
    at_least: float
    reached: float | None
    met: bool | None


@dataclass(frozen=True)
class Contest:
    """One question, and how each way did. Standings begin with ours and end with the ceiling."""

    question: str
    standings: list[Standing[Any]]
    goals: list[Goal]

    @property
    def agreed(self) -> bool:
        """Whether all ways gave the same answers."""
        return not any(standing.answers.different for standing in self.standings)


def run(calendar: OfficeCalendar, additions: int, rounds: int, seed: int) -> list[Contest]:
    """Race all ways on ``additions`` instants of 2024 to 2027, drawn by ``seed``, over ``rounds`` rounds.

    Raises:
        MissingCalendarYear: the office has no calendar for one of these years.
    """
    working_time = WorkingTime(calendar)
    instants = random_instants(additions, random.Random(seed))
    for instant in (_FIRST, _LAST):
        working_time.is_working_day(instant.date())
    hours = [
        Way[datetime]("ours", lambda at: working_time.add_working_time(at, _DURATION)),
        Way[datetime]("ours, instants in UTC", lambda at: working_time.add_working_time(at, _DURATION), _in_utc),
        Way[datetime]("walk from day to day", lambda at: walk_time(calendar, at, _DURATION)),
    ]
    days = [
        Way[date]("ours", lambda day: working_time.add_working_days(day, _DAYS)),
        Way[date]("walk from day to day", lambda day: walk_days(calendar, day, _DAYS)),
    ]
    return [
        _contest("40 working hours", calendar, hours, rivals_in_hours(_DURATION), instants, rounds),
        _contest("10 working days", calendar, days, rivals_in_days(_DAYS), [at.date() for at in instants], rounds),
    ]


def random_instants(count: int, chance: random.Random) -> list[datetime]:
    """Return instants of 2024 to 2027 in Vietnam's zone, at any hour of any day."""
    span = (_LAST - _FIRST) // _MICROSECOND
    return [_FIRST + timedelta(microseconds=chance.randrange(span)) for _ in range(count)]


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def judge(rival: Rival[Moment], standings: Sequence[Standing[Moment]]) -> Goal:
    """Say whether we are as many times as fast as we want to be, against the rival's fastest set-up."""
    ratios = [standing.times_ours for standing in standings if standing.name == rival.name]
    reached = min(ratios, default=None)
    return Goal(rival.name, rival.at_least, reached, None if reached is None else reached >= rival.at_least)


def _contest(
    question: str,
    calendar: OfficeCalendar,
    own: Sequence[Way[Moment]],
    rivals: Sequence[Rival[Moment]],
    asked: Sequence[Moment],
    rounds: int,
) -> Contest:
    entered = [rival.enter(week) for rival in rivals if rival.installed for week in plain_weeks(calendar)]
    table = {moment: own[0].answer(moment) for moment in asked}
    ceiling = Way[Moment]("ceiling: table look-up", table.__getitem__)
    standings = race([*own, *entered, ceiling], asked, rounds)
    return Contest(question, standings, [judge(rival, standings) for rival in rivals])
