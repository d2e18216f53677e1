"""Why a due date is what it is: lines for people and machines, in Vietnamese and English. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypedDict

from tracking.deadlines.clock import Happening
from tracking.deadlines.contradictions import CONTRADICTIONS
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.lines import ExplanationLine, Story, iso, said, texts
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.wording import (
    CAUTIONS,
    FIRST_APPOINTMENT,
    HAPPENINGS,
    REASON,
    SECOND_APPOINTMENT,
    Text,
    moment_text,
    same,
)
from tracking.deadlines.working_time import Calendars, WorkingTime

__all__ = ["DueExplanation", "ExplanationLine", "explain_due", "explain_ledger"]

_TAKEN_IN = (Happening.STARTED, Happening.RESTARTED)


class DueExplanation(TypedDict):
    """One computed due date; every instant is ISO 8601 with Vietnam's offset."""

    effective: str
    due: str
    explanation: list[ExplanationLine]


def explain_due(
    at: datetime,
    term: Term,
    working_time: WorkingTime,
    rules: Rules,
    *,
    due_time: DueTime = DueTime.END_OF_DAY,
    cutoff: time | None = None,
) -> DueExplanation:
    """Compute one due date and say how, step by step.

    Raises:
        NaiveTimeError: ``at`` has no time zone.
        MissingCalendarYear: a date falls outside the office's calendar.
    """
    story = Story(vietnam_time(at), None, working_time, rules)
    effective = working_time.effective(at, cutoff)
    due = working_time.due(at, term, cutoff=cutoff, due_time=due_time)
    lines = [*story.arrival(effective, term, cutoff), story.counting(effective, due, term, due_time)]
    lines += story.days(_first_judged_day(term, story.at.date()), due.date())
    return {"effective": effective.isoformat(), "due": due.isoformat(), "explanation": lines}


def explain_ledger(ledger: Ledger, working_time: Calendars, rules: Rules) -> list[ExplanationLine]:
    """Say what each fact did to the due date, each computed date followed by the days that were not counted.

    ``working_time`` are the calendars with which the ledger was made.
    """
    return [
        line
        for entry in ledger.lines
        for line in _entry(entry, ledger.term, working_time.of(entry.calendar_version), rules)
    ]


def _entry(entry: LedgerLine, term: Term, working_time: WorkingTime, rules: Rules) -> list[ExplanationLine]:
    story = Story(vietnam_time(entry.fact.at), entry.fact.evidence, working_time, rules)
    told: ExplanationLine = {
        **texts(_entry_text(entry)),
        "event": entry.happening,
        "at": story.at.isoformat(),
        "evidence": entry.fact.evidence,
        "rule": entry.fact.rule,
        "legal_source": entry.legal_source,
        "calendar_version": entry.calendar_version,
        "from": iso(entry.due_before),
        "to": iso(entry.due_after),
    }
    if entry.effective is None or entry.due_after is None:
        return [told]
    told_of_start = [told, *story.passing_on()] if entry.happening in _TAKEN_IN else [told]
    first = _first_judged_day(term, _counted_from(entry, entry.effective))
    return [*told_of_start, *story.days(first, vietnam_time(entry.due_after).date())]


def _counted_from(entry: LedgerLine, effective: datetime) -> date:
    # After a change of the calendar the date counts from the event before it, not from the day of the change.
    return vietnam_time(effective).date() if entry.happening is Happening.RECALENDARED else entry.fact.day


def _entry_text(entry: LedgerLine) -> Text:
    text = HAPPENINGS[entry.happening].filled(
        at=moment_text(entry.fact.at),
        effective=moment_text(entry.effective),
        from_=moment_text(entry.due_before),
        to=moment_text(entry.due_after),
        voids=same(entry.fact.voids or ""),
        voided_by=same(entry.voided_by or ""),
    )
    if entry.rule and entry.happening not in (Happening.REFUSED, Happening.VOIDED):
        text = text.followed_by(said(entry.rule))
    text = _appointments(entry, text)
    if entry.fact.reason:
        text = text.followed_by(REASON.filled(reason=same(entry.fact.reason)))
    if entry.caution:
        text = text.followed_by(CAUTIONS[entry.caution])
    return text.followed_by(CONTRADICTIONS[entry.contradiction]) if entry.contradiction else text


def _appointments(entry: LedgerLine, text: Text) -> Text:
    """Add the two dates around a payment, each where it was told."""
    if entry.fact.rule != RuleId.PAUSE_FINANCIAL:
        return text
    if entry.happening is Happening.SUSPENDED and entry.fact.new_due is not None:
        first = entry.fact.new_due
        day = vietnam_time(first).date() if isinstance(first, datetime) else first
        return text.followed_by(FIRST_APPOINTMENT.filled(first=same(f"{day:%d/%m/%Y}")))
    if entry.happening is Happening.RESUMED:
        return text.followed_by(SECOND_APPOINTMENT.filled(to=moment_text(entry.due_after)))
    return text


def _first_judged_day(term: Term, event_day: date) -> date:
    # Every calendar day counts up to the last one; only where that falls on a day off are days passed over.
    return event_day + timedelta(days=term.amount) if term.unit is Unit.CALENDAR_DAYS else event_day
