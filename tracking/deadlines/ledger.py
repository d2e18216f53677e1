"""The ledger of a dossier's due date: a pure fold over its clock facts, ordered by event time.

Whatever the order of arrival, and however often a fact arrives, the ledger is the same. A fact that contradicts the
others keeps its line, says what is wrong, and waits for a person; it never moves the date in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from tracking.deadlines.facts import ClockFact, Contradiction, FactKind, SettledFact, settle
from tracking.deadlines.rules import Rule, Rules
from tracking.deadlines.terms import DueTime, Term, vietnam_time
from tracking.deadlines.transitions import Caution, Clock, ClockState, Happening, Setting, Step, step
from tracking.deadlines.working_time import WorkingTime

_NOT_CARRIED_OUT = (Contradiction.NOTHING_TO_CORRECT, Contradiction.CORRECTS_LATER_RECORD)


class Verdict(StrEnum):
    """How the result's day compares with the due day."""

    EARLY = "early"
    ON_TIME = "on_time"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One fact and what it did.

    Attributes:
        due_before, due_after: the date in force; None before the start and while the clock stands still.
        effective: where a computed date counts from; None where none was computed.
        rule: the version of the rule in force at the event; None when there was none.
        voided_by: id of the correction that struck this fact out.
    """

    fact: ClockFact
    happening: Happening
    state: ClockState
    due_before: datetime | None
    due_after: datetime | None
    effective: datetime | None
    rule: Rule | None
    calendar_version: str
    voided_by: str | None
    contradiction: Contradiction | None
    caution: Caution | None

    @property
    def legal_source(self) -> str | None:
        return self.rule.legal_source if self.rule else None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A dossier's due date and its whole history.

    Attributes:
        original_due: the first date that was set; supplements and extensions leave it as it was.
        current_due: the date in force; None before the start and while the clock is suspended.
        stopped_at: when the result was at the one-stop desk.
    """

    term: Term
    lines: tuple[LedgerLine, ...]
    state: ClockState
    started_at: datetime | None
    original_due: datetime | None
    current_due: datetime | None
    stopped_at: datetime | None

    @property
    def verdict_original(self) -> Verdict | None:
        return _verdict(self.stopped_at, self.original_due)

    @property
    def verdict_current(self) -> Verdict | None:
        return _verdict(self.stopped_at, self.current_due)

    @property
    def contradictions(self) -> tuple[LedgerLine, ...]:
        """The lines that a person has to settle."""
        return tuple(line for line in self.lines if line.contradiction)


def fold(
    facts: Iterable[ClockFact],
    term: Term,
    working_time: WorkingTime,
    rules: Rules,
    due_time: DueTime = DueTime.END_OF_DAY,
    cutoff: time | None = None,
) -> Ledger:
    """Return the ledger that ``facts`` make; ``cutoff`` is Vietnam local time.

    Raises:
        MissingCalendarYear: a date falls outside the office's calendar.
    """
    setting = Setting(term, working_time, rules, due_time, cutoff)
    clock = Clock()
    lines = []
    for settled in settle(facts):
        rule = rules.find(settled.fact.rule, settled.fact.day)
        taken = _take(clock, settled, rule, setting)
        lines.append(_line(clock, taken, settled, rule, setting))
        clock = taken.clock
    return Ledger(term, tuple(lines), clock.state, clock.started_at, clock.original_due, clock.due, clock.stopped_at)


def _take(clock: Clock, settled: SettledFact, rule: Rule | None, setting: Setting) -> Step:
    if settled.voided_by is not None:
        return Step(clock, Happening.VOIDED)
    if rule is None:
        return Step(clock, Happening.REFUSED, contradiction=Contradiction.RULE_NOT_IN_FORCE)
    if settled.fact.kind is FactKind.CORRECT:
        return Step(clock, Happening.REFUSED if settled.contradiction in _NOT_CARRIED_OUT else Happening.CORRECTED)
    return step(clock, settled.fact, setting)


def _line(before: Clock, taken: Step, settled: SettledFact, rule: Rule | None, setting: Setting) -> LedgerLine:
    return LedgerLine(
        fact=settled.fact,
        happening=taken.happening,
        state=taken.clock.state,
        due_before=before.due,
        due_after=taken.clock.due,
        effective=taken.effective,
        rule=rule,
        calendar_version=setting.working_time.calendar.version,
        voided_by=settled.voided_by,
        contradiction=taken.contradiction or settled.contradiction,
        caution=taken.caution,
    )


def _verdict(stopped_at: datetime | None, due: datetime | None) -> Verdict | None:
    if stopped_at is None or due is None:
        return None
    result_day, due_day = vietnam_time(stopped_at).date(), vietnam_time(due).date()
    if result_day == due_day:
        return Verdict.ON_TIME
    return Verdict.EARLY if result_day < due_day else Verdict.OVERDUE
