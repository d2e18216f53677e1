"""A dossier's clock between two facts, and what can become of a fact. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from tracking.deadlines.basis import Basis, Rest, re_evaluate
from tracking.deadlines.facts import Contradiction
from tracking.deadlines.rules import Rules
from tracking.deadlines.terms import DueTime, Term, Unit
from tracking.deadlines.working_time import WorkingTime


class ClockState(StrEnum):
    """Whether the agency's time is running."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class Happening(StrEnum):
    """What became of a fact. After a change of the calendar the date is either a later one or stays as it was.

    A fact is merely noted where it fits and has nothing to move, as a loss of papers while the clock does not run.
    """

    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RESTARTED = "restarted"
    EXTENDED = "extended"
    RECALENDARED = "recalendared"
    CALENDAR_NOTED = "calendar_noted"
    NOTED = "noted"
    STOPPED = "stopped"
    CORRECTED = "corrected"
    VOIDED = "voided"
    REFUSED = "refused"


class Caution(StrEnum):
    """A fact that was applied and still deserves a second look."""

    EXTENSION_NOTICE_TIGHT = "extension_notice_tight"
    SUPPLEMENT_REQUESTED_LATE = "supplement_requested_late"
    SECOND_APPOINTMENT_OFF = "second_appointment_off"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a due date depends on beside the facts: the procedure's term and reading, the calendar, the law."""

    term: Term
    working_time: WorkingTime
    rules: Rules
    due_time: DueTime = DueTime.END_OF_DAY
    cutoff: time | None = None

    def due(self, basis: Basis) -> datetime:
        return re_evaluate(basis, self.working_time, self.due_time, self.cutoff)

    def counts_from(self, at: datetime) -> datetime:
        """Return the instant from which the term counts; calendar days count from the event's own day."""
        return at if self.term.unit is Unit.CALENDAR_DAYS else self.working_time.effective(at, self.cutoff)


class Clock(NamedTuple):
    """A dossier's clock. There is no due date before the start, nor while it stands still.

    ``rest`` is what is left then, and ``paused_by`` the rule by which it stands still.
    """

    state: ClockState = ClockState.NOT_STARTED
    started_at: datetime | None = None
    accepted_on: date | None = None
    original_due: datetime | None = None
    due: datetime | None = None
    basis: Basis | None = None
    rest: Rest | None = None
    extensions: int = 0
    stopped_at: datetime | None = None
    paused_by: str | None = None

    def runs(self, basis: Basis, due: datetime) -> Clock:
        """Return the clock running towards ``due``."""
        return self._replace(state=ClockState.RUNNING, due=due, basis=basis, rest=None, paused_by=None)


class Step(NamedTuple):
    """The clock after a fact, and what is to be said about it. ``effective`` is where a computed date counts from."""

    clock: Clock
    happening: Happening
    effective: datetime | None = None
    contradiction: Contradiction | None = None
    caution: Caution | None = None


def refuse(clock: Clock, contradiction: Contradiction) -> Step:
    """Leave ``clock`` as it is and say why."""
    return Step(clock, Happening.REFUSED, contradiction=contradiction)
