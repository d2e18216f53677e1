"""Short ways to write down instants and facts."""

from datetime import date, datetime

from config.clock import VIETNAM
from tracking.deadlines import ClockFact, FactKind, RuleId

USUAL_RULE = {
    FactKind.START: RuleId.START_HANDOVER,
    FactKind.SUSPEND: RuleId.PAUSE,
    FactKind.RESUME: RuleId.PAUSE,
    FactKind.RESTART: RuleId.SUPPLEMENT_RESTART,
    FactKind.EXTEND: RuleId.EXTENSION,
    FactKind.RECALENDAR: RuleId.CALENDAR_CHANGED,
    FactKind.STOP: RuleId.STOP_RESULT,
    FactKind.CORRECT: RuleId.CORRECTION,
}


def at(text: str) -> datetime:
    """Read Vietnam local time, like ``2026-03-02 08:15``."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def fact(
    kind: FactKind,
    when: str,
    *,
    id: str | None = None,
    rule: str | None = None,
    recorded: str | None = None,
    new_due: date | datetime | None = None,
    reason: str = "",
    voids: str | None = None,
    calendar: str = "",
) -> ClockFact:
    """Write a fact that was recorded when it happened, under the usual rule of its kind."""
    return ClockFact(
        id=id or f"{kind} {when}",
        kind=kind,
        at=at(when),
        rule=rule or USUAL_RULE[kind],
        evidence=f"record of {when}",
        recorded_at=at(recorded or when),
        new_due=new_due,
        reason=reason,
        voids=voids,
        calendar_version=calendar,
    )


def start(when: str, *, id: str | None = None, rule: str | None = None, recorded: str | None = None) -> ClockFact:
    return fact(FactKind.START, when, id=id, rule=rule, recorded=recorded)


def recalendared(when: str, calendar: str, document: str = "Công văn 12729/VPCP-KGVX") -> ClockFact:
    return fact(FactKind.RECALENDAR, when, reason=document, calendar=calendar)


def asked(when: str) -> ClockFact:
    return fact(FactKind.SUSPEND, when, rule=RuleId.SUPPLEMENT_REQUEST)


def complete(when: str) -> ClockFact:
    return fact(FactKind.RESTART, when)


def extended(when: str, new_due: date | datetime | None, reason: str = "chờ ý kiến Sở") -> ClockFact:
    return fact(FactKind.EXTEND, when, new_due=new_due, reason=reason)


def result(when: str) -> ClockFact:
    return fact(FactKind.STOP, when)
