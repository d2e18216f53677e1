"""What one fact does to one clock: pure steps from state to state, never an exception for a fact that does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.promises import extension_window, last_day_to_request_supplement
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.working_time import WorkingTime


class ClockState(StrEnum):
    """Whether the agency's time is running."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class Happening(StrEnum):
    """What became of a fact."""

    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RESTARTED = "restarted"
    EXTENDED = "extended"
    STOPPED = "stopped"
    CORRECTED = "corrected"
    VOIDED = "voided"
    REFUSED = "refused"


class Caution(StrEnum):
    """A fact that was applied and still deserves a second look."""

    EXTENSION_NOTICE_TIGHT = "extension_notice_tight"
    SUPPLEMENT_REQUESTED_LATE = "supplement_requested_late"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a due date depends on beside the facts: the procedure's term and reading, the calendar, the law."""

    term: Term
    working_time: WorkingTime
    rules: Rules
    due_time: DueTime = DueTime.END_OF_DAY
    cutoff: time | None = None

    def full_term_from(self, at: datetime) -> datetime:
        return self.working_time.due(at, self.term, cutoff=self.cutoff, due_time=self.due_time)


@dataclass(frozen=True, slots=True)
class Held:
    """What was left when the clock was suspended: days or open time, and the clock time at which it was due."""

    left: int | timedelta
    clock: time


@dataclass(frozen=True, slots=True)
class Clock:
    """A dossier's clock between two facts. There is no due date before the start, nor while it stands still."""

    state: ClockState = ClockState.NOT_STARTED
    started_at: datetime | None = None
    accepted_on: date | None = None
    original_due: datetime | None = None
    due: datetime | None = None
    held: Held | None = None
    extensions: int = 0
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The clock after a fact, and what is to be said about it. ``effective`` is where a computed date counts from."""

    clock: Clock
    happening: Happening
    effective: datetime | None = None
    contradiction: Contradiction | None = None
    caution: Caution | None = None


def step(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    """Apply ``fact``, which is not a correction; one that does not fit leaves the clock as it is and says why."""
    if clock.state is ClockState.STOPPED:
        stopped_again = fact.kind is FactKind.STOP
        return _refuse(clock, Contradiction.ALREADY_STOPPED if stopped_again else Contradiction.AFTER_STOP)
    if clock.state is ClockState.NOT_STARTED and fact.kind is not FactKind.START:
        return _refuse(clock, Contradiction.NOT_STARTED)
    return _STEPS[fact.kind](clock, fact, setting)


def _refuse(clock: Clock, contradiction: Contradiction) -> Step:
    return Step(clock, Happening.REFUSED, contradiction=contradiction)


def _start(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.state is not ClockState.NOT_STARTED:
        return _refuse(clock, Contradiction.ALREADY_STARTED)
    due = setting.full_term_from(fact.at)
    effective = setting.working_time.effective(fact.at, setting.cutoff)
    started = Clock(ClockState.RUNNING, fact.at, effective.date(), original_due=due, due=due)
    return Step(started, Happening.STARTED, effective)


def _restart(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    effective = setting.working_time.effective(fact.at, setting.cutoff)
    due = setting.full_term_from(fact.at)
    running = replace(clock, state=ClockState.RUNNING, accepted_on=effective.date(), due=due, held=None)
    return Step(running, Happening.RESTARTED, effective)


def _suspend(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.due is None:
        return _refuse(clock, Contradiction.ALREADY_SUSPENDED)
    held = Held(_left(fact, clock.due, setting), vietnam_time(clock.due).time())
    return Step(
        replace(clock, state=ClockState.SUSPENDED, due=None, held=held),
        Happening.SUSPENDED,
        caution=_late_request(clock, fact, setting),
    )


def _left(fact: ClockFact, due: datetime, setting: Setting) -> int | timedelta:
    # Negative when the agency was already late: a pause must not make a late dossier punctual.
    due_day = vietnam_time(due).date()
    match setting.term.unit:
        case Unit.WORKING_HOURS:
            return setting.working_time.working_time_between(fact.at, due)
        case Unit.CALENDAR_DAYS:
            return (due_day - fact.day).days
        case _:
            return setting.working_time.working_days_between(fact.day, due_day)


def _late_request(clock: Clock, fact: ClockFact, setting: Setting) -> Caution | None:
    if fact.rule != RuleId.SUPPLEMENT_REQUEST or clock.accepted_on is None:
        return None
    last = last_day_to_request_supplement(clock.accepted_on, fact.day, setting.rules, setting.working_time)
    return Caution.SUPPLEMENT_REQUESTED_LATE if fact.day > last else None


def _resume(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.held is None:
        return _refuse(clock, Contradiction.NOT_SUSPENDED)
    due, effective = _due_after(clock.held, fact.at, setting)
    return Step(replace(clock, state=ClockState.RUNNING, due=due, held=None), Happening.RESUMED, effective)


def _due_after(held: Held, resumed_at: datetime, setting: Setting) -> tuple[datetime, datetime]:
    """Return the due date of a clock that goes on at ``resumed_at``, and the instant from which it counts."""
    working_time = setting.working_time
    effective = working_time.normalise(resumed_at)
    if isinstance(held.left, timedelta):
        return working_time.add_working_time(effective, held.left), effective
    if setting.term.unit is Unit.CALENDAR_DAYS:
        day = working_time.add_calendar_days(vietnam_time(resumed_at).date(), held.left)
    else:
        day = working_time.add_working_days(effective.date(), held.left)
    return working_time.at_due_time(day, held.clock, setting.due_time), effective


def _extend(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.due is None:
        return _refuse(clock, Contradiction.EXTENSION_WHILE_SUSPENDED)
    new_due = _promised(fact, clock.due, setting)
    if new_due is None or not fact.reason.strip():
        return _refuse(clock, Contradiction.EXTENSION_INCOMPLETE)
    if new_due <= clock.due:
        return _refuse(clock, Contradiction.EXTENSION_NOT_LATER)
    if clock.extensions >= setting.rules.at(RuleId.EXTENSION, fact.day).number("max_extensions"):
        return _refuse(clock, Contradiction.EXTENSION_REPEATED)
    window = extension_window(vietnam_time(clock.due).date(), fact.day, setting.rules, setting.working_time)
    if fact.day > window.legal:
        return _refuse(clock, Contradiction.EXTENSION_LATE)
    extended = replace(clock, due=new_due, extensions=clock.extensions + 1)
    tight = Caution.EXTENSION_NOTICE_TIGHT if fact.day > window.practical else None
    return Step(extended, Happening.EXTENDED, caution=tight)


def _promised(fact: ClockFact, due: datetime, setting: Setting) -> datetime | None:
    if fact.new_due is None:
        return None
    if isinstance(fact.new_due, datetime):
        return setting.working_time.normalise(fact.new_due)
    # A date promised on a day off is kept on the next working day, as any other time limit (Civil Code Art. 148(5)).
    day = setting.working_time.on_or_after(fact.new_due)
    return setting.working_time.at_due_time(day, vietnam_time(due).time(), setting.due_time)


def _stop(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.held is None:
        return Step(replace(clock, state=ClockState.STOPPED, stopped_at=fact.at), Happening.STOPPED)
    # The end of the pause was never reported. Until it is, the clock is taken to have stood still up to the result.
    due, effective = _due_after(clock.held, fact.at, setting)
    stopped = replace(clock, state=ClockState.STOPPED, stopped_at=fact.at, due=due, held=None)
    return Step(stopped, Happening.STOPPED, effective, contradiction=Contradiction.STOPPED_WHILE_SUSPENDED)


_STEPS: Mapping[FactKind, Callable[[Clock, ClockFact, Setting], Step]] = {
    FactKind.START: _start,
    FactKind.RESTART: _restart,
    FactKind.SUSPEND: _suspend,
    FactKind.RESUME: _resume,
    FactKind.EXTEND: _extend,
    FactKind.STOP: _stop,
}
