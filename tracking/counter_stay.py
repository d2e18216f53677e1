"""A result that waits at the one-stop's counter, as its facts tell it. Pure.

How long it is kept and how often the citizen is reminded is the agency's own rule: no act was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.clock import local
from tracking.deadlines.rules import Rule, RuleId, Rules


class CounterEvent(StrEnum):
    """What happens to a result at the counter."""

    WAITING = "waiting"
    REMINDED = "reminded"
    COLLECTED = "collected"
    SENT_AGAIN = "sent_again"


@dataclass(frozen=True, slots=True)
class CounterHappening:
    """One fact about a result at the counter."""

    kind: CounterEvent
    at: datetime


@dataclass(frozen=True, slots=True)
class CounterStay:
    """A stay at the counter; it is over when the result was collected, or when the post has taken it once more."""

    since: datetime
    reminded_at: tuple[datetime, ...] = ()
    collected_at: datetime | None = None
    sent_again_at: datetime | None = None

    @property
    def over_at(self) -> datetime | None:
        return min((at for at in (self.collected_at, self.sent_again_at) if at is not None), default=None)


def fold(happenings: Iterable[CounterHappening]) -> CounterStay | None:
    """Return the stay that the facts tell, whatever their order; None where nothing was handed back."""
    by_kind: dict[CounterEvent, list[datetime]] = {kind: [] for kind in CounterEvent}
    for one in happenings:
        by_kind[one.kind].append(one.at)
    waiting = by_kind[CounterEvent.WAITING]
    if not waiting:
        return None
    return CounterStay(
        since=min(waiting),
        reminded_at=tuple(sorted(by_kind[CounterEvent.REMINDED])),
        collected_at=min(by_kind[CounterEvent.COLLECTED], default=None),
        sent_again_at=min(by_kind[CounterEvent.SENT_AGAIN], default=None),
    )


def next_reminder(stay: CounterStay, agency: str, rules: Rules) -> datetime | None:
    """Return when the citizen is to be reminded next; None when the stay is over or enough was said."""
    rule = _rule(RuleId.COUNTER_REMINDERS, agency, stay, rules)
    if stay.over_at is not None or len(stay.reminded_at) >= rule.number("most"):
        return None
    if not stay.reminded_at:
        return stay.since + timedelta(days=rule.number("first_after_days"))
    return stay.reminded_at[-1] + timedelta(days=rule.number("every_days"))


def keep_until(stay: CounterStay, agency: str, rules: Rules) -> date:
    """Return the last day on which the agency keeps the result at its counter."""
    rule = _rule(RuleId.COUNTER_RETENTION, agency, stay, rules)
    return local(stay.since).date() + timedelta(days=rule.number("calendar_days"))


def _rule(rule_id: RuleId, agency: str, stay: CounterStay, rules: Rules) -> Rule:
    """An agency's own rule is the common one's id with the agency's code behind it."""
    on = local(stay.since).date()
    return rules.find(f"{rule_id}.{agency}", on) or rules.at(rule_id, on)
