"""What a due date rests on, so that it can be computed again under another calendar without its whole history. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a term for a clock that stood still.

    Attributes:
        left: in the term's own unit, but working hours in microseconds of open time. Zero or less when the agency was
            already late: a pause must not make a late dossier punctual.
        clock: Vietnam local time at which it was due, which ``DueTime.SAME_CLOCK`` keeps.
    """

    left: int
    clock: time


@dataclass(frozen=True, slots=True)
class Basis:
    """What a date in force follows from.

    Attributes:
        at: the event from which the running term counts.
        term: the procedure's term.
        explicit: the date that an extension promised; nothing is counted then.
        rest: what is counted of the term where the clock went on after a pause; None for the whole term.
    """

    at: datetime
    term: Term
    explicit: datetime | None = None
    rest: Rest | None = None


def re_evaluate(
    basis: Basis, working_time: WorkingTime, due_time: DueTime = DueTime.END_OF_DAY, cutoff: time | None = None
) -> datetime:
    """Return the due date that follows from ``basis`` under this calendar, which may be earlier than a printed one.

    A promised date moves only where its day has no work (any more), to the next working day.

    Raises:
        MissingCalendarYear: the date falls outside the calendar.
    """
    if basis.explicit is not None:
        return _promised(basis.explicit, working_time, due_time)
    if basis.rest is not None:
        return _after_pause(basis.at, basis.term.unit, basis.rest, working_time, due_time)
    return working_time.due(basis.at, basis.term, cutoff=cutoff, due_time=due_time)


def moved(
    current_due: datetime,
    basis: Basis,
    working_time: WorkingTime,
    due_time: DueTime = DueTime.END_OF_DAY,
    cutoff: time | None = None,
) -> datetime:
    """Return the due date after a change to this calendar: a date that was printed is never shortened.

    Raises:
        MissingCalendarYear: the date falls outside the calendar.
    """
    return max(current_due, re_evaluate(basis, working_time, due_time, cutoff))


def rest_of(at: datetime, due: datetime, unit: Unit, working_time: WorkingTime) -> Rest:
    """Return what is left when a clock is stopped ``at`` that would have run until ``due``."""
    stopped_on, last = vietnam_time(at).date(), vietnam_time(due)
    match unit:
        case Unit.WORKING_HOURS:
            left = working_time.working_time_between(at, due) // timedelta.resolution
        case Unit.HALF_DAYS:
            left = working_time.half_days_between(at, due)
        case Unit.CALENDAR_DAYS:
            left = (last.date() - stopped_on).days
        case _:
            left = working_time.working_days_between(stopped_on, last.date())
    return Rest(left, last.time())


def _after_pause(at: datetime, unit: Unit, rest: Rest, working_time: WorkingTime, due_time: DueTime) -> datetime:
    match unit:
        case Unit.WORKING_HOURS:
            return working_time.add_working_time(working_time.normalise(at), timedelta(microseconds=rest.left))
        case Unit.HALF_DAYS:
            return working_time.add_half_days(at, rest.left)
        case Unit.CALENDAR_DAYS:
            day = working_time.add_calendar_days(vietnam_time(at).date(), rest.left)
        case _:
            day = working_time.add_working_days(working_time.normalise(at).date(), rest.left)
    return working_time.at_due_time(day, rest.clock, due_time)


def _promised(date: datetime, working_time: WorkingTime, due_time: DueTime) -> datetime:
    moment = vietnam_time(date)
    if working_time.is_working_day(moment.date()):
        return moment
    return working_time.at_due_time(working_time.next_working_day(moment.date()), moment.time(), due_time)
