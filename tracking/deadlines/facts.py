"""Clock facts: what happened to a dossier's time limit. Append-only; which of them stand, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from tracking.deadlines.terms import vietnam_time


class FactKind(StrEnum):
    """What a fact does to the clock; facts of one and the same instant apply in the order in which these stand here."""

    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    RESTART = "restart"
    EXTEND = "extend"
    RECALENDAR = "calendar"
    STOP = "stop"
    CORRECT = "correct"


_PRECEDENCE = {kind: place for place, kind in enumerate(FactKind)}


class Contradiction(StrEnum):
    """Why a person has to look at a fact. Where the fact was not applied, the due date is as it was before it."""

    NOT_STARTED = "not_started"
    ALREADY_STARTED = "already_started"
    ALREADY_SUSPENDED = "already_suspended"
    NOT_SUSPENDED = "not_suspended"
    ALREADY_STOPPED = "already_stopped"
    AFTER_STOP = "after_stop"
    STOPPED_WHILE_SUSPENDED = "stopped_while_suspended"
    EXTENSION_INCOMPLETE = "extension_incomplete"
    EXTENSION_NOT_LATER = "extension_not_later"
    EXTENSION_REPEATED = "extension_repeated"
    EXTENSION_LATE = "extension_late"
    EXTENSION_WHILE_SUSPENDED = "extension_while_suspended"
    CALENDAR_CHANGE_INCOMPLETE = "calendar_change_incomplete"
    NOTHING_TO_CORRECT = "nothing_to_correct"
    CORRECTS_LATER_RECORD = "corrects_later_record"
    ID_REUSED = "id_reused"
    RULE_NOT_IN_FORCE = "rule_not_in_force"
    CALENDAR_MISSING = "calendar_missing"


@dataclass(frozen=True, slots=True)
class ClockFact:
    """One fact about a dossier's clock.

    Attributes:
        at: when it happened (event time).
        rule: id in ``rules.toml`` of the rule that gives it its effect.
        evidence: what proves it: a handover line, an event's id, an officer.
        recorded_at: when we learnt of it; it decides only which of two corrections came later.
        new_due: the promised new date of an extension, or an appointment around a payment: the first, for its notice,
            with the pause, the second with its end; a plain date takes the dossier's usual due time.
        reason: why; of a change of the calendar, the document that announced it.
        voids: the fact that a correction strikes out.
        calendar_version: the calendar in force when the fact was recorded, by which every date that it sets is
            computed; of a change of the calendar, the new one. Empty for the calendar given to the fold as the usual.

    Raises:
        NaiveTimeError: an instant has no time zone.
    """

    id: str
    kind: FactKind
    at: datetime
    rule: str
    evidence: str
    recorded_at: datetime
    new_due: date | datetime | None = None
    reason: str = ""
    voids: str | None = None
    calendar_version: str = ""

    def __post_init__(self) -> None:
        for instant in (self.at, self.recorded_at, self.new_due):
            if isinstance(instant, datetime):
                vietnam_time(instant)

    @property
    def day(self) -> date:
        """The Vietnam date on which it happened, which decides the version of the law."""
        return vietnam_time(self.at).date()


@dataclass(frozen=True, slots=True)
class SettledFact:
    """A fact in its place, and what the other facts make of it: struck out by another, or at odds with one."""

    fact: ClockFact
    voided_by: str | None = None
    contradiction: Contradiction | None = None


def settle(facts: Iterable[ClockFact]) -> list[SettledFact]:
    """Return each fact once, ordered by event time, with corrections worked out.

    The answer does not depend on the order or the number of times in which the facts are given.
    """
    ordered = sorted(facts, key=_place)
    known: dict[str, ClockFact] = {}
    reused: dict[str, Contradiction] = {}
    for fact in ordered:
        first = known.setdefault(fact.id, fact)
        if fact is not first and not _same(fact, first):
            reused[fact.id] = Contradiction.ID_REUSED
    voided, refused = _corrections(known)
    refused = reused | refused
    return [SettledFact(fact, voided.get(fact.id), refused.get(fact.id)) for fact in known.values()]


def _place(fact: ClockFact) -> tuple[datetime, int, str, datetime, tuple[str, ...]]:
    # The last part tells apart facts that should be one: it matters only when an id was used for two things.
    content = (fact.rule, fact.evidence, fact.reason, fact.calendar_version, fact.voids or "", str(fact.new_due or ""))
    return fact.at, _PRECEDENCE[fact.kind], fact.id, fact.recorded_at, content


def _same(one: ClockFact, other: ClockFact) -> bool:
    # When a fact came again, another calendar may have been in force; that counts only where it is what the fact says.
    again = replace(one, recorded_at=other.recorded_at)
    if one.kind is not FactKind.RECALENDAR:
        again = replace(again, calendar_version=other.calendar_version)
    return again == other


def _corrections(known: Mapping[str, ClockFact]) -> tuple[dict[str, str], dict[str, Contradiction]]:
    """Return which fact is struck out by which correction, and which corrections could not be carried out.

    The latest record speaks first, so that a correction which is itself struck out has no effect.
    """
    corrections = [fact for fact in known.values() if fact.kind is FactKind.CORRECT]
    voided: dict[str, str] = {}
    refused: dict[str, Contradiction] = {}
    for correction in sorted(corrections, key=_recorded, reverse=True):
        target = known.get(correction.voids or "")
        if correction.id in voided:
            continue
        if target is None:
            refused[correction.id] = Contradiction.NOTHING_TO_CORRECT
        elif target.kind is FactKind.CORRECT and _recorded(target) >= _recorded(correction):
            refused[correction.id] = Contradiction.CORRECTS_LATER_RECORD
        else:
            voided.setdefault(target.id, correction.id)
    return voided, refused


def _recorded(fact: ClockFact) -> tuple[datetime, str]:
    return fact.recorded_at, fact.id
