"""The calendar strip: each day on the way to a due date, and what it counted for. Pure.

:mod:`tracking.deadlines.strip_drawing` and :mod:`tracking.deadlines.strip_text` draw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tracking.deadlines.clock import Happening
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.terms import Term, Unit, vietnam_time
from tracking.deadlines.working_time import Calendars, WorkingTime


class DayKind(StrEnum):
    """What a day was. That of receipt is worked and not counted; on a paused one the clock stood still."""

    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    PAUSED = "paused"
    WEEKLY_REST = "weekly_rest"
    DAY_OFF = "day_off"
    MAKE_UP = "make_up"


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
        number: which day of the term it is, from 1; None where it is not counted.
        moments: what happened on it, in order.
        name_vi, name_en, document: of a day off and of a make-up day; else empty.
    """

    day: date
    kind: DayKind
    number: int | None
    moments: tuple[Moment, ...]
    name_vi: str = ""
    name_en: str = ""
    document: str = ""


_MOMENTS = {
    Happening.STARTED: Moment.START,
    Happening.SUSPENDED: Moment.PAUSE,
    Happening.RESUMED: Moment.RESUME,
    Happening.RESTARTED: Moment.RESTART,
    Happening.STOPPED: Moment.RESULT,
}
_FROM_ZERO = (Moment.START, Moment.RESTART)
_RUNNING = (Moment.START, Moment.RESTART, Moment.RESUME)
_IDLE = (Happening.REFUSED, Happening.VOIDED, Happening.CORRECTED)

_OnDays = Mapping[date, tuple[Moment, ...]]


def strip(
    start: datetime, due: datetime, working_time: WorkingTime, term: Term | None = None, cutoff: time | None = None
) -> list[DayMark]:
    """Return one mark for each calendar day from that of the event at ``start`` to that of ``due``.

    Numbers are those of working days after the effective start; of a ``term`` in calendar days, those of its days.

    Raises:
        MissingCalendarYear: a day falls outside the office's calendar.
    """
    first, last = vietnam_time(start).date(), vietnam_time(due).date()
    begins = first if _counts_every_day(term) else working_time.effective(start, cutoff).date()
    shown = _on_days([(first, Moment.START), (last, Moment.DUE)])
    return list(_marks(shown, _on_days([(begins, Moment.START)]), working_time, term))


def ledger_strip(ledger: Ledger, working_time: Calendars) -> list[DayMark]:
    """Return the days from the start to the date in force, or to the last thing that happened while there is none.

    Pauses are marked, and after a supplement the numbers begin again. A dossier that was never started has no days.

    Raises:
        MissingCalendarYear: a day falls outside the office's calendar.
    """
    lines = [line for line in ledger.lines if line.happening in _MOMENTS]
    if not lines:
        return []
    moments = [(line.fact.day, _MOMENTS[line.happening]) for line in lines]
    if ledger.current_due is not None:
        moments.append((vietnam_time(ledger.current_due).date(), Moment.DUE))
    turns = [(_turning_day(line, ledger.term), _MOMENTS[line.happening]) for line in lines]
    # The calendar by which the date was last set is the one that explains it.
    newest = next(line for line in reversed(ledger.lines) if line.happening not in _IDLE)
    calendar = working_time.of(newest.fact.calendar_version)
    return list(_marks(_on_days(moments), _on_days(turns), calendar, ledger.term))


def _turning_day(line: LedgerLine, term: Term) -> date:
    if line.effective is None or _counts_every_day(term):
        return line.fact.day
    return vietnam_time(line.effective).date()


def _counts_every_day(term: Term | None) -> bool:
    return term is not None and term.unit is Unit.CALENDAR_DAYS


def _on_days(moments: Iterable[tuple[date, Moment]]) -> _OnDays:
    days: dict[date, tuple[Moment, ...]] = {}
    for day, moment in moments:
        days[day] = (*days.get(day, ()), moment)
    return days


def _marks(shown: _OnDays, turns: _OnDays, working_time: WorkingTime, term: Term | None) -> Iterator[DayMark]:
    """Yield every day from the first to the last that is ``shown``; at ``turns`` the clock begins, stops or goes on."""
    number, state = 0, Moment.RESULT
    first = min(shown)
    for day in (first + timedelta(days=offset) for offset in range((max(shown) - first).days + 1)):
        stood_still = state is Moment.PAUSE
        counted = state in _RUNNING and _counts(day, number, working_time, term)
        for turn in turns.get(day, ()):
            if turn in _FROM_ZERO:
                number, counted = 0, False
            state = state if turn is Moment.RESULT else turn
        number += counted
        yield _mark(day, number if counted else None, stood_still, shown.get(day, ()), working_time)


def _counts(day: date, number: int, working_time: WorkingTime, term: Term | None) -> bool:
    if term is not None and term.unit is Unit.CALENDAR_DAYS:
        return number < term.amount
    return working_time.is_working_day(day)


def _mark(
    day: date, number: int | None, stood_still: bool, moments: tuple[Moment, ...], working_time: WorkingTime
) -> DayMark:
    calendar = working_time.calendar
    if made_up := calendar.make_up_day(day):
        return DayMark(day, DayKind.MAKE_UP, number, moments, made_up.name_vi, made_up.name_en, made_up.document)
    if off := calendar.day_off(day):
        return DayMark(day, DayKind.DAY_OFF, number, moments, off.name_vi, off.name_en, off.document)
    if not working_time.is_working_day(day):
        return DayMark(day, DayKind.WEEKLY_REST, number, moments)
    if number is not None:
        return DayMark(day, DayKind.COUNTED, number, moments)
    return DayMark(day, DayKind.PAUSED if stood_still else DayKind.NOT_COUNTED, None, moments)
