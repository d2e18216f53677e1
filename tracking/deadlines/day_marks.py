"""The calendar strip: each day on the way to a due date, and what it counted for. Pure.

:mod:`tracking.deadlines.strip_drawing` and :mod:`tracking.deadlines.strip_text` draw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest

from config.clock import VIETNAM
from tracking.deadlines.basis import rest_of
from tracking.deadlines.clock import Happening
from tracking.deadlines.ledger import Ledger
from tracking.deadlines.terms import Term, Unit, vietnam_time
from tracking.deadlines.working_time import Calendars, WorkingTime


class DayKind(StrEnum):
    """What a day was.

    That of receipt is worked and not counted; on a paused one the clock stood still; on a late one it ran although the
    result was due before.
    """

    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    PAUSED = "paused"
    WEEKLY_REST = "weekly_rest"
    DAY_OFF = "day_off"
    MAKE_UP = "make_up"
    LATE = "late"


class Moment(StrEnum):
    """What happened on a day."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RESTART = "restart"
    RESULT = "result"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class DayMark:
    """One calendar day of the strip.

    Attributes:
        number: which day of the term it is, from 1; of a term in half days, how many are used up by its end. None where
            it is not counted, and of a term in working hours.
        moments: what happened on it, in order.
        name_vi, name_en, document: of a day off and of a make-up day; else empty.
        unit: what the term is counted in.
        used_minutes: of a term in working hours, the whole minutes of open time used up by the end of the day since the
            clock began at zero, at most those of the term. None where none of it passed on the day.
    """

    day: date
    kind: DayKind
    number: int | None
    moments: tuple[Moment, ...]
    name_vi: str = ""
    name_en: str = ""
    document: str = ""
    unit: Unit = Unit.WORKING_DAYS
    used_minutes: int | None = None


_MOMENTS = {
    Happening.STARTED: Moment.START,
    Happening.SUSPENDED: Moment.PAUSE,
    Happening.RESUMED: Moment.RESUME,
    Happening.RESTARTED: Moment.RESTART,
    Happening.STOPPED: Moment.RESULT,
}
_FROM_ZERO = (Happening.STARTED, Happening.RESTARTED)
_BY_THE_CALENDAR = (*_MOMENTS, Happening.EXTENDED, Happening.RECALENDARED, Happening.CALENDAR_NOTED)

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1) // timedelta.resolution

_OnDays = Mapping[date, tuple[Moment, ...]]


def strip(
    start: datetime, due: datetime, working_time: WorkingTime, term: Term | None = None, cutoff: time | None = None
) -> list[DayMark]:
    """Return one mark for each calendar day from that of the event at ``start`` to that of ``due``.

    Without a ``term`` the numbers are those of working days after the effective start.

    Raises:
        MissingCalendarYear: a day falls outside the office's calendar.
    """
    every_day = term is not None and term.unit is Unit.CALENDAR_DAYS
    since = start if every_day else working_time.effective(start, cutoff)
    run = _Run(vietnam_time(since), anew=True, due=vietnam_time(due))
    return list(_marks(_on_days([(start, Moment.START), (due, Moment.DUE)]), _Count([run], working_time, term)))


def ledger_strip(ledger: Ledger, working_time: Calendars) -> list[DayMark]:
    """Return the days from the start to the date in force, or to the last thing that happened while there is none.

    Pauses are marked, and after a supplement the numbers begin again. A dossier that was never started has no days.

    Raises:
        MissingCalendarYear: a day falls outside the office's calendar.
    """
    lines = [line for line in ledger.lines if line.happening in _MOMENTS]
    if not lines:
        return []
    moments = [(line.fact.at, _MOMENTS[line.happening]) for line in lines]
    if ledger.current_due is not None:
        moments.append((ledger.current_due, Moment.DUE))
    # The calendar by which the date was last set is the one that explains it.
    newest = next(line for line in reversed(ledger.lines) if line.happening in _BY_THE_CALENDAR)
    calendar = working_time.of(newest.calendar_version)
    return list(_marks(_on_days(moments), _Count(_runs(ledger), calendar, ledger.term)))


def _on_days(moments: Iterable[tuple[datetime, Moment]]) -> _OnDays:
    days: dict[date, tuple[Moment, ...]] = {}
    for at, moment in sorted(moments, key=lambda one: one[0]):
        day = vietnam_time(at).date()
        days[day] = (*days.get(day, ()), moment)
    return days


@dataclass(frozen=True, slots=True)
class _Run:
    """The clock running without a break; all instants in Vietnam's zone.

    Attributes:
        since: where it counts from; where a pause came before that, the pause.
        anew: whether it counts from zero.
        until: the pause that ended it; None where none did.
        due: the date in force when it ended.
    """

    since: datetime
    anew: bool
    until: datetime | None = None
    due: datetime | None = None


def _runs(ledger: Ledger) -> list[_Run]:
    runs: list[_Run] = []
    for line in ledger.lines:
        if line.happening is Happening.SUSPENDED:
            paused_at = vietnam_time(line.fact.at)
            runs[-1] = replace(runs[-1], since=min(runs[-1].since, paused_at), until=paused_at, due=line.due_before)
        elif line.happening in _MOMENTS and line.effective is not None:  # a result, too, may end a pause
            anew = line.happening in _FROM_ZERO
            runs.append(_Run(vietnam_time(line.effective), anew, due=ledger.current_due))
    return runs


class _Count:
    """How much of a term was used up, day by day: in its own unit, but working hours in microseconds of open time."""

    def __init__(self, runs: Sequence[_Run], working_time: WorkingTime, term: Term | None) -> None:
        self._runs = runs
        self.working_time = working_time
        self._term = term
        self.unit = term.unit if term else Unit.WORKING_DAYS

    def used(self, day: date) -> int | None:
        """Return what is used up by the end of ``day`` since the count began at zero; None where it did not grow."""
        runs = self._since_zero(day)
        before, after = (self._capped(sum(self._of(run, at) for run in runs)) for at in (_end(day - _DAY), _end(day)))
        return after if after > before else None

    def minutes(self, used: int | None) -> int | None:
        """Return what is used of a term in working hours, at most the whole of it, in minutes."""
        if used is None or self._term is None or self.unit is not Unit.WORKING_HOURS:
            return None
        return min(used // _MINUTE, self._term.amount * 60)

    def late(self, day: date) -> bool:
        """Return whether the clock ran on a day after the due day."""
        overdue = (run for run in self._since_zero(day) if run.due is not None and run.due.date() < day)
        return any(self._ran(run, day) for run in overdue)

    def stood_still(self, day: date) -> bool:
        """Return whether the clock stood still when the working day ``day`` began."""
        opening = self.working_time.opening(day)
        return any(
            run.until is not None and run.until <= opening and (following is None or day <= following.since.date())
            for run, following in zip_longest(self._runs, self._runs[1:])
        )

    def _since_zero(self, day: date) -> Sequence[_Run]:
        begun = [run for run in self._runs if run.since.date() <= day]
        return begun[max((place for place, run in enumerate(begun) if run.anew), default=0) :]

    def _of(self, run: _Run, at: datetime) -> int:
        if at < run.since:
            return 0
        end = min(instant for instant in (at, run.until, run.due) if instant is not None)
        # The effective day is the whole of a same-day term, unless the clock was stopped before it began.
        first_day = self.unit is Unit.SAME_DAY and run.anew and run.since != run.until
        return self._between(run.since, end) + first_day

    def _ran(self, run: _Run, day: date) -> bool:
        return self._between(max(run.since, _end(day - _DAY)), min(run.until or _end(day), _end(day))) > 0

    def _between(self, start: datetime, end: datetime) -> int:
        return rest_of(start, end, self.unit, self.working_time).left

    def _capped(self, used: int) -> int:
        # Once its calendar days are over, a term only awaits the next working day.
        return min(used, self._term.amount) if self._term and self.unit is Unit.CALENDAR_DAYS else used


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max, VIETNAM)


def _marks(shown: _OnDays, count: _Count) -> Iterator[DayMark]:
    """Yield every day from the first to the last that is ``shown``."""
    first = min(shown)
    for day in (first + timedelta(days=offset) for offset in range((max(shown) - first).days + 1)):
        yield _mark(day, shown.get(day, ()), count)


def _mark(day: date, moments: tuple[Moment, ...], count: _Count) -> DayMark:
    calendar, used = count.working_time.calendar, count.used(day)
    number = None if count.unit is Unit.WORKING_HOURS else used
    mark = DayMark(day, _kind(day, used, count), number, moments, unit=count.unit, used_minutes=count.minutes(used))
    if named := calendar.make_up_day(day) or calendar.day_off(day):
        return replace(mark, name_vi=named.name_vi, name_en=named.name_en, document=named.document)
    return mark


def _kind(day: date, used: int | None, count: _Count) -> DayKind:
    calendar, worked = count.working_time.calendar, count.working_time.is_working_day(day)
    if worked and count.late(day):
        return DayKind.LATE
    if calendar.make_up_day(day):
        return DayKind.MAKE_UP
    if calendar.day_off(day):
        return DayKind.DAY_OFF
    if not worked:
        return DayKind.WEEKLY_REST
    if used is not None:
        return DayKind.COUNTED
    return DayKind.PAUSED if count.stood_still(day) else DayKind.NOT_COUNTED
