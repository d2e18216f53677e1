"""What moves a date that is in force: an extension within the rule, and another calendar. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tracking.deadlines.basis import moved
from tracking.deadlines.clock import Caution, Clock, Happening, Setting, Step, refuse
from tracking.deadlines.facts import ClockFact, Contradiction
from tracking.deadlines.promises import extension_window
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import vietnam_time


def extend(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    """Promise a new date, at most as often and as late as the rule allows."""
    if clock.due is None or clock.basis is None:
        return refuse(clock, Contradiction.EXTENSION_WHILE_SUSPENDED)
    new_due = promised(fact, clock.due, setting)
    if new_due is None or not fact.reason.strip():
        return refuse(clock, Contradiction.EXTENSION_INCOMPLETE)
    if new_due <= clock.due:
        return refuse(clock, Contradiction.EXTENSION_NOT_LATER)
    if clock.extensions >= setting.rules.at(RuleId.EXTENSION, fact.day).number("max_extensions"):
        return refuse(clock, Contradiction.EXTENSION_REPEATED)
    window = extension_window(vietnam_time(clock.due).date(), fact.day, setting.rules, setting.working_time)
    if fact.day > window.legal:
        return refuse(clock, Contradiction.EXTENSION_LATE)
    extended = clock.runs(replace(clock.basis, explicit=new_due), new_due)._replace(extensions=clock.extensions + 1)
    tight = Caution.EXTENSION_NOTICE_TIGHT if fact.day > window.practical else None
    return Step(extended, Happening.EXTENDED, caution=tight)


def recalendar(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    """Compute the date again by the calendar of ``setting``; one that was printed is never shortened.

    While the clock stands still there is no date to move: the rest counts by the new calendar once it goes on.
    """
    if not fact.calendar_version or not fact.reason.strip():
        return refuse(clock, Contradiction.CALENDAR_CHANGE_INCOMPLETE)
    if clock.due is None or clock.basis is None:
        return Step(clock, Happening.CALENDAR_NOTED)
    due = moved(clock.due, clock.basis, setting.working_time, setting.due_time, setting.cutoff)
    if due == clock.due:
        return Step(clock, Happening.CALENDAR_NOTED)
    counted_from = None if clock.basis.explicit else setting.counts_from(clock.basis.at)
    return Step(clock._replace(due=due), Happening.RECALENDARED, counted_from)


def promised(fact: ClockFact, due: datetime, setting: Setting) -> datetime | None:
    """Return the date that a fact promises, at the clock time of ``due``; None where it promises none."""
    if fact.new_due is None:
        return None
    if isinstance(fact.new_due, datetime):
        return setting.working_time.normalise(fact.new_due)
    # A date promised on a day off is kept on the next working day, as any other time limit (Civil Code Art. 148(5)).
    day = setting.working_time.on_or_after(fact.new_due)
    return setting.working_time.at_due_time(day, vietnam_time(due).time(), setting.due_time)
