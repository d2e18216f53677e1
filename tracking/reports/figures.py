"""What the board's charts show, counted in one pass over the period, by agency: each reader sees his own part.

The judgements are those of the statutory reports (:mod:`tracking.reports.lives`, :mod:`tracking.reports.carriage`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.clock import local
from tracking.deadlines.ledger import Verdict
from tracking.reports.carriage import transit
from tracking.reports.lives import Life, Settled, came_in, settled_how
from tracking.reports.periods import Period
from tracking.reports.reading import Source, carried, lives

_BANDS = frozenset({"within_1", "within_2", "within_4", "beyond_4"})
_WEEK = timedelta(weeks=1)

Key = tuple[str, ...]
"""An agency, then whatever a count is told apart by."""


class Kept(StrEnum):
    """Whether the citizen had the result by the day that was promised.

    ``SAVED``: the first day could not be kept, and another was given in time, with apology and reason.
    """

    FIRST = "first"
    SAVED = "saved"
    LOST = "lost"


@dataclass
class Figures:
    """Counts by agency.

    Attributes:
        weeks: the Mondays of the period, the earliest first.
        volumes: agency, week, channel: dossiers that came in.
        deadlines: agency, week, :class:`Kept`: dossiers that were settled.
        punctuality: agency, week, operator, ``kept`` or ``late``: shipments accepted in that week that have arrived.
        transit: agency, zone, band: how many working days shipments took.
    """

    period: Period
    volumes: Counter[Key] = field(default_factory=Counter)
    deadlines: Counter[Key] = field(default_factory=Counter)
    punctuality: Counter[Key] = field(default_factory=Counter)
    transit: Counter[Key] = field(default_factory=Counter)

    @property
    def weeks(self) -> list[str]:
        first, last = _monday(self.period.first), _monday(self.period.last)
        return [(first + n * _WEEK).isoformat() for n in range((last - first).days // 7 + 1)]


def last_weeks(today: date, weeks: int) -> Period:
    """Return so many whole weeks and the one under way."""
    return Period(_monday(today) - weeks * _WEEK, today)


def count(source: Source) -> Figures:
    """Count everything of a period."""
    found = Figures(source.period)
    for life in lives(source):
        _count_life(found, life, source)
    today, working_time = local(source.now).date(), source.office.working_time
    for one in carried(source):
        agency, week = one.agency[0], _week(one.carriage.accepted_at)
        for column, amount in transit(one.carriage, today, working_time):
            if column in ("kept", "late"):
                found.punctuality[agency, week, one.carrier, column] += amount
            elif column in _BANDS:
                found.transit[agency, one.zone, column] += amount
    return found


def visible(counts: Counter[Key], covers: Callable[[str], bool]) -> Counter[Key]:
    """Return counts without their agency, summed over those that ``covers`` says yes to."""
    summed = Counter[Key]()
    for (agency, *rest), amount in counts.items():
        if covers(agency):
            summed[tuple(rest)] += amount
    return summed


def _count_life(found: Figures, life: Life, source: Source) -> None:
    agency = life.agency[0]
    if life.received_at is not None and came_in(life, source.period):
        found.volumes[agency, _week(life.received_at), life.channel.value] += 1
    ended_at = life.ledger.stopped_at
    how = settled_how(life)
    if how is None or how is Settled.UNDATED or ended_at is None or not source.period.holds(ended_at):
        return
    saved = life.ledger.verdict_original is Verdict.OVERDUE
    kept = Kept.LOST if how is Settled.LATE else Kept.SAVED if saved else Kept.FIRST
    found.deadlines[agency, _week(ended_at), kept.value] += 1


def _week(instant: datetime) -> str:
    return _monday(local(instant).date()).isoformat()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
