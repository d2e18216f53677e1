"""What one fact does to one clock: pure steps from state to state, never an exception for a fact that does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tracking.deadlines.basis import Basis, rest_of
from tracking.deadlines.changed_dates import extend, promised, recalendar
from tracking.deadlines.clock import Caution, Clock, ClockState, Happening, Setting, Step, refuse
from tracking.deadlines.facts import ClockFact, Contradiction, FactKind
from tracking.deadlines.promises import last_day_to_request_supplement
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import Unit, vietnam_time

_WITHDRAWN = RuleId.STOP_WITHDRAWN
"""An applicant may change his mind before anything has begun: then nothing begins."""

__all__ = ["Caution", "ClockState", "Happening", "step"]


def step(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    """Apply ``fact``, which is not a correction; one that does not fit leaves the clock as it is and says why."""
    if fact.rule == RuleId.PAUSE_LOST and not _loss_moves(clock, fact):
        return Step(clock, Happening.NOTED)
    if clock.state is ClockState.STOPPED:
        stopped_again = fact.kind is FactKind.STOP
        return refuse(clock, Contradiction.ALREADY_STOPPED if stopped_again else Contradiction.AFTER_STOP)
    if clock.state is ClockState.NOT_STARTED and fact.kind is not FactKind.START and fact.rule != _WITHDRAWN:
        return refuse(clock, Contradiction.NOT_STARTED)
    return _STEPS[fact.kind](clock, fact, setting)


def _loss_moves(clock: Clock, fact: ClockFact) -> bool:
    """Lost papers stop a clock that runs, and found ones set going what their loss had stopped; else nothing moves."""
    if fact.kind is FactKind.SUSPEND:
        return clock.state is ClockState.RUNNING
    return clock.paused_by == RuleId.PAUSE_LOST


def _start(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.paused_by == RuleId.SUPPLEMENT_REQUEST and fact.rule == RuleId.START_HANDOVER:
        return _count_anew(clock, fact, setting)  # further papers, sent by post: valid when their own record is signed
    if clock.state is not ClockState.NOT_STARTED:
        return refuse(clock, Contradiction.ALREADY_STARTED)
    taken = _count_anew(clock, fact, setting)
    started = taken.clock._replace(started_at=fact.at, original_due=taken.clock.due)
    return Step(started, Happening.STARTED, taken.effective)


def _restart(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.state is not ClockState.SUSPENDED:
        return refuse(clock, Contradiction.NOT_SUSPENDED)
    return _count_anew(clock, fact, setting)


def _count_anew(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    basis = Basis(fact.at, setting.term)
    accepted = setting.working_time.effective(fact.at, setting.cutoff)
    running = clock.runs(basis, setting.due(basis))._replace(accepted_on=accepted.date())
    return Step(running, Happening.RESTARTED, setting.counts_from(fact.at))


def _suspend(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.due is None or clock.basis is None:
        return refuse(clock, Contradiction.ALREADY_SUSPENDED)
    began = setting.counts_from(clock.basis.at)  # nothing of the term has passed before it began to count
    rest = rest_of(max(fact.at, began), clock.due, setting.term.unit, setting.working_time)
    return Step(
        clock._replace(state=ClockState.SUSPENDED, due=None, basis=None, rest=rest, paused_by=fact.rule),
        Happening.SUSPENDED,
        caution=_late_request(clock, fact, setting),
    )


def _late_request(clock: Clock, fact: ClockFact, setting: Setting) -> Caution | None:
    if fact.rule != RuleId.SUPPLEMENT_REQUEST or clock.accepted_on is None:
        return None
    last = last_day_to_request_supplement(clock.accepted_on, fact.day, setting.rules, setting.working_time)
    return Caution.SUPPLEMENT_REQUESTED_LATE if fact.day > last else None


def _resume(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.rest is None:
        return refuse(clock, Contradiction.NOT_SUSPENDED)
    basis = Basis(fact.at, setting.term, rest=clock.rest)
    every_day = setting.term.unit is Unit.CALENDAR_DAYS
    effective = fact.at if every_day else setting.working_time.normalise(fact.at)
    basis, caution = _second_appointment(basis, fact, setting)
    return Step(clock.runs(basis, setting.due(basis)), Happening.RESUMED, effective, caution=caution)


def _second_appointment(basis: Basis, fact: ClockFact, setting: Setting) -> tuple[Basis, Caution | None]:
    """After a payment the agency may promise a day no later than the rest of the term ends; a later one moves nothing.

    More time than that is an extension, with its own rule.
    """
    if fact.rule != RuleId.PAUSE_FINANCIAL or fact.new_due is None:
        return basis, None
    counted = setting.due(basis)
    told = promised(fact, counted, setting)
    if told is None or vietnam_time(told).date() == vietnam_time(counted).date():
        return basis, None
    if told > counted or told < fact.at:
        return basis, Caution.SECOND_APPOINTMENT_OFF
    return replace(basis, explicit=told), None


def _stop(clock: Clock, fact: ClockFact, setting: Setting) -> Step:
    if clock.rest is None:
        return Step(clock._replace(state=ClockState.STOPPED, stopped_at=fact.at), Happening.STOPPED)
    # The end of the pause was never reported. Until it is, the clock is taken to have stood still up to the result.
    resumed = _resume(clock, fact, setting)
    stopped = resumed.clock._replace(state=ClockState.STOPPED, stopped_at=fact.at)
    return Step(stopped, Happening.STOPPED, resumed.effective, Contradiction.STOPPED_WHILE_SUSPENDED)


_STEPS: Mapping[FactKind, Callable[[Clock, ClockFact, Setting], Step]] = {
    FactKind.START: _start,
    FactKind.RESTART: _restart,
    FactKind.SUSPEND: _suspend,
    FactKind.RESUME: _resume,
    FactKind.EXTEND: extend,
    FactKind.RECALENDAR: recalendar,
    FactKind.STOP: _stop,
}
