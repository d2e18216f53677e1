"""The lines of an explanation that tell how one event's date was counted, in Vietnamese and English. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypedDict

from tracking.deadlines.counted_days import special_days
from tracking.deadlines.promises import after_cutoff
from tracking.deadlines.rules import Rule, RuleId, Rules
from tracking.deadlines.terms import DueTime, Term, Unit, vietnam_time
from tracking.deadlines.wording import (
    AFTER_CUTOFF,
    COUNTED,
    PASSED_ON,
    RECEIVED_ANY_HOUR,
    RECEIVED_BY_THE_DESK,
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


_COUNTING = {
    Unit.WORKING_DAYS: RuleId.COUNT_WORKING_DAYS,
    Unit.WORKING_HOURS: RuleId.COUNT_WORKING_HOURS,
    Unit.HALF_DAYS: RuleId.COUNT_HALF_DAYS,
    Unit.CALENDAR_DAYS: RuleId.COUNT_CALENDAR_DAYS,
    Unit.SAME_DAY: RuleId.COUNT_SAME_DAY,
}

_DUE_TIMES = {DueTime.END_OF_DAY: RuleId.DUE_END_OF_DAY, DueTime.SAME_CLOCK: RuleId.DUE_SAME_CLOCK}
_ENDING_AT_THEIR_OWN_INSTANT = (Unit.WORKING_HOURS, Unit.HALF_DAYS)


class Texts(TypedDict):
    """One statement in both languages, as an explanation carries it."""

    text_vi: str
    text_en: str


def texts(text: Text) -> Texts:
    """Return ``text`` under the names of an explanation line."""
    return {"text_vi": text.vi, "text_en": text.en}


def iso(instant: datetime | None) -> str | None:
    """Return ``instant`` in ISO 8601 with Vietnam's offset."""
    return vietnam_time(instant).isoformat() if instant else None


def said(rule: Rule) -> Text:
    """Return what a rule says."""
    return Text(rule.text_vi, rule.text_en)


@dataclass(frozen=True, slots=True)
class Story:
    """What all lines about one event have in common."""

    at: datetime
    evidence: str | None
    working_time: WorkingTime
    rules: Rules

    def arrival(self, effective: datetime, term: Term, cutoff: time | None) -> list[ExplanationLine]:
        """Tell when what arrived is taken up, and whether a cutoff moved it."""
        if term.unit is Unit.CALENDAR_DAYS:
            text = RECEIVED_ANY_HOUR.filled(at=moment_text(self.at))
            return [self._line("received", text, RuleId.COUNT_CALENDAR_DAYS, self.at, self.at)]
        taken_up = self.working_time.normalise(self.at)
        text = self._reception(taken_up).filled(at=moment_text(self.at), to=moment_text(taken_up))
        lines = [self._line("received", text, RuleId.COUNT_OFFICE_HOURS, self.at, taken_up)]
        if cutoff is not None and effective != taken_up:
            late = AFTER_CUTOFF.filled(cutoff=same(f"{cutoff:%H:%M}"), to=moment_text(effective))
            lines.append(self._line("cutoff", late, RuleId.COUNT_CUTOFF, taken_up, effective))
        return lines

    def _reception(self, taken_up: datetime) -> Text:
        if taken_up == self.at:
            return RECEIVED_IN_HOURS
        return RECEIVED_BY_THE_DESK if self.working_time.receives(self.at) else RECEIVED_OUT_OF_HOURS

    def passing_on(self) -> list[ExplanationLine]:
        """Tell when it goes to the competent unit, where it was taken in after the cutoff for that."""
        by = after_cutoff(self.at, self.rules, self.working_time)
        if by is None:
            return []
        text = PASSED_ON.filled(at=moment_text(self.at), to=moment_text(by))
        return [self._line("passed_on", text, RuleId.TRANSFER_CUTOFF, self.at, by)]

    def counting(self, effective: datetime, due: datetime, term: Term, due_time: DueTime) -> ExplanationLine:
        """Tell how long the term is, how it is counted and when it ends."""
        rule_id = _COUNTING[term.unit]
        text = COUNTED.filled(term=term_text(term), to=moment_text(due)).followed_by(said(self._rule(rule_id)))
        if term.unit not in _ENDING_AT_THEIR_OWN_INSTANT:
            text = text.followed_by(said(self._rule(_DUE_TIMES[due_time])))
        return self._line("counted", text, rule_id, effective, due)

    def days(self, first: date, last: date) -> list[ExplanationLine]:
        """Name the days off that were passed over and the make-up days that were worked, with their documents."""
        return [
            self._line("calendar", group_text(group), group.rule, source=group.document)
            for group in special_days(self.working_time, first, last)
        ]

    def _rule(self, rule_id: RuleId) -> Rule:
        return self.rules.at(rule_id, self.at.date())

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
            **texts(text),
            "event": event,
            "at": self.at.isoformat(),
            "evidence": self.evidence,
            "rule": rule_id,
            "legal_source": source or self._rule(rule_id).legal_source,
            "calendar_version": self.working_time.calendar.version,
            "from": iso(start),
            "to": iso(end),
        }
