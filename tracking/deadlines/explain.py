"""Why a due date is what it is: lines for people and machines, in Vietnamese and English. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypedDict

from tracking.deadlines.contradictions import CONTRADICTIONS
from tracking.deadlines.counted_days import special_days
from tracking.deadlines.ledger import Ledger, LedgerLine
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.transitions import Happening
from tracking.deadlines.wording import (
    AFTER_CUTOFF,
    CAUTIONS,
    COUNTED,
    DUE_TIMES,
    HAPPENINGS,
    REASON,
    RECEIVED_IN_HOURS,
    RECEIVED_OUT_OF_HOURS,
    Text,
    group_text,
    moment_text,
    same,
    term_text,
)
from tracking.deadlines.working_time import WorkingTime

ExplanationLine = TypedDict(
    "ExplanationLine",
    {
        "text_vi": str,
        "text_en": str,
        "event": str,
        "at": str,
        "evidence": str | None,
        "rule": str,
        "legal_source": str | None,
        "calendar_version": str,
        "from": str | None,
        "to": str | None,
    },
)


class DueExplanation(TypedDict):
    """One computed due date; every instant is ISO 8601 with Vietnam's offset."""

    effective: str
    due: str
    explanation: list[ExplanationLine]


_COUNTING = {
    Unit.WORKING_DAYS: RuleId.COUNT_WORKING_DAYS,
    Unit.WORKING_HOURS: RuleId.COUNT_WORKING_HOURS,
    Unit.CALENDAR_DAYS: RuleId.COUNT_CALENDAR_DAYS,
    Unit.SAME_DAY: RuleId.COUNT_SAME_DAY,
}


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
    story = _Story(vietnam_time(at), None, working_time, rules)
    effective = working_time.effective(at, cutoff)
    due = working_time.due(at, term, cutoff=cutoff, due_time=due_time)
    lines = [*story.arrival(effective, cutoff), story.counting(effective, due, term, due_time)]
    lines += story.days(_first_judged_day(term, story.at.date()), due.date())
    return {"effective": effective.isoformat(), "due": due.isoformat(), "explanation": lines}


def explain_ledger(ledger: Ledger, working_time: WorkingTime, rules: Rules) -> list[ExplanationLine]:
    """Say what each fact did to the due date, each computed date followed by the days that were not counted."""
    return [line for entry in ledger.lines for line in _entry(entry, ledger.term, working_time, rules)]


def _entry(entry: LedgerLine, term: Term, working_time: WorkingTime, rules: Rules) -> list[ExplanationLine]:
    story = _Story(vietnam_time(entry.fact.at), entry.fact.evidence, working_time, rules)
    told: ExplanationLine = {
        **_texts(_entry_text(entry)),
        "event": entry.happening,
        "at": story.at.isoformat(),
        "evidence": entry.fact.evidence,
        "rule": entry.fact.rule,
        "legal_source": entry.legal_source,
        "calendar_version": entry.calendar_version,
        "from": _iso(entry.due_before),
        "to": _iso(entry.due_after),
    }
    if entry.effective is None or entry.due_after is None:
        return [told]
    return [told, *story.days(_first_judged_day(term, entry.fact.day), vietnam_time(entry.due_after).date())]


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
        text = text.followed_by(Text(entry.rule.text_vi, entry.rule.text_en))
    if entry.fact.reason:
        text = text.followed_by(REASON.filled(reason=same(entry.fact.reason)))
    if entry.caution:
        text = text.followed_by(CAUTIONS[entry.caution])
    return text.followed_by(CONTRADICTIONS[entry.contradiction]) if entry.contradiction else text


def _first_judged_day(term: Term, event_day: date) -> date:
    # Every calendar day counts up to the last one; only where that falls on a day off are days passed over.
    return event_day + timedelta(days=term.amount) if term.unit is Unit.CALENDAR_DAYS else event_day


class _Texts(TypedDict):
    text_vi: str
    text_en: str


def _texts(text: Text) -> _Texts:
    return {"text_vi": text.vi, "text_en": text.en}


def _iso(instant: datetime | None) -> str | None:
    return vietnam_time(instant).isoformat() if instant else None


@dataclass(frozen=True, slots=True)
class _Story:
    """What all lines about one event have in common."""

    at: datetime
    evidence: str | None
    working_time: WorkingTime
    rules: Rules

    def arrival(self, effective: datetime, cutoff: time | None) -> list[ExplanationLine]:
        taken_up = self.working_time.normalise(self.at)
        words = RECEIVED_IN_HOURS if taken_up == self.at else RECEIVED_OUT_OF_HOURS
        text = words.filled(at=moment_text(self.at), to=moment_text(taken_up))
        lines = [self._line("received", text, RuleId.COUNT_OFFICE_HOURS, self.at, taken_up)]
        if cutoff is not None and effective != taken_up:
            late = AFTER_CUTOFF.filled(cutoff=same(f"{cutoff:%H:%M}"), to=moment_text(effective))
            lines.append(self._line("cutoff", late, RuleId.COUNT_CUTOFF, taken_up, effective))
        return lines

    def counting(self, effective: datetime, due: datetime, term: Term, due_time: DueTime) -> ExplanationLine:
        rule_id = _COUNTING[term.unit]
        rule = self.rules.at(rule_id, self.at.date())
        text = COUNTED.filled(term=term_text(term), to=moment_text(due)).followed_by(Text(rule.text_vi, rule.text_en))
        if term.unit is not Unit.WORKING_HOURS:
            text = text.followed_by(DUE_TIMES[due_time])
        return self._line("counted", text, rule_id, effective, due)

    def days(self, first: date, last: date) -> list[ExplanationLine]:
        """Name the days off that were passed over and the make-up days that were worked, with their documents."""
        return [
            self._line("calendar", group_text(group), group.rule, source=group.document)
            for group in special_days(self.working_time, first, last)
        ]

    def _line(
        self,
        event: str,
        text: Text,
        rule_id: RuleId,
        start: datetime | None = None,
        end: datetime | None = None,
        source: str | None = None,
    ) -> ExplanationLine:
        return {
            **_texts(text),
            "event": event,
            "at": self.at.isoformat(),
            "evidence": self.evidence,
            "rule": rule_id,
            "legal_source": source or self.rules.at(rule_id, self.at.date()).legal_source,
            "calendar_version": self.working_time.calendar.version,
            "from": _iso(start),
            "to": _iso(end),
        }
