"""The ledger of a dossier's due date: a pure fold over its clock facts, ordered by event time.

Whatever the order of arrival, and however often a fact arrives, the ledger is the same. A fact that contradicts the
others keeps its line, says what is wrong, and waits for a person; it never moves the date in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from config.calendars import MissingCalendarYear
from tracking.deadlines.basis import Basis
from tracking.deadlines.clock import Caution, Clock, ClockState, Happening, Setting, Step, refuse
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind, SettledFact, settle
from tracking.deadlines.rules import Rule, Rules
from tracking.deadlines.terms import DueTime, Term, vietnam_time
from tracking.deadlines.transitions import step
from tracking.deadlines.working_time import Calendars

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
        calendar_version: the calendar by which the fact's dates were computed.
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
        accepted_on: the day from which the window for asking for a supplement counts.
        basis: what the current due date follows from; None where there is none.
        extensions: how often a new date was promised.
    """

    term: Term
    lines: tuple[LedgerLine, ...]
    state: ClockState
    started_at: datetime | None
    original_due: datetime | None
    current_due: datetime | None
    stopped_at: datetime | None
    accepted_on: date | None = None
    basis: Basis | None = None
    extensions: int = 0

    @property
    def standstill(self) -> LedgerLine | None:
        """The line since which the clock stands still; None while it does not."""
        if self.state is not ClockState.SUSPENDED:
            return None
        return next(line for line in reversed(self.lines) if line.happening is Happening.SUSPENDED)

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
    working_time: Calendars,
    rules: Rules,
    due_time: DueTime = DueTime.END_OF_DAY,
    cutoff: time | None = None,
) -> Ledger:
    """Return the ledger that ``facts`` make; ``cutoff`` is Vietnam local time.

    Each fact counts by the calendar that it names, so that a new calendar alone moves nothing. Where that one lacks a
    year no date can have been printed, and the usual calendar counts; where that lacks it too, the fact waits as a
    contradiction. One :class:`~tracking.deadlines.working_time.WorkingTime` as ``working_time`` serves for all facts.
    """
    settings = _Settings(Setting(term, working_time.of(""), rules, due_time, cutoff), working_time)
    clock = Clock()
    lines = []
    for settled in settle(facts):
        rule = rules.find(settled.fact.rule, settled.fact.day)
        taken, setting = settings.take(clock, settled, rule)
        lines.append(_line(clock, taken, settled, rule, setting))
        clock = taken.clock
    return _ledger(term, lines, clock)


class _Settings:
    """One setting for each version of the calendar that the facts of a dossier name."""

    def __init__(self, usual: Setting, calendars: Calendars) -> None:
        self._usual = usual
        self._calendars = calendars
        self._known = {"": usual}

    def take(self, clock: Clock, settled: SettledFact, rule: Rule | None) -> tuple[Step, Setting]:
        """Take a fact, and tell by which setting it was taken in the end."""
        for setting in (self._of(settled.fact.calendar_version), self._usual):
            try:
                return _take(clock, settled, rule, setting), setting
            except MissingCalendarYear:
                continue
        return refuse(clock, Contradiction.CALENDAR_MISSING), self._usual

    def _of(self, version: str) -> Setting:
        if (setting := self._known.get(version)) is None:
            setting = self._known[version] = replace(self._usual, working_time=self._calendars.of(version))
        return setting


def _ledger(term: Term, lines: list[LedgerLine], clock: Clock) -> Ledger:
    return Ledger(
        term=term,
        lines=tuple(lines),
        state=clock.state,
        started_at=clock.started_at,
        original_due=clock.original_due,
        current_due=clock.due,
        stopped_at=clock.stopped_at,
        accepted_on=clock.accepted_on,
        basis=clock.basis,
        extensions=clock.extensions,
    )


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
