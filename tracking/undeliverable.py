"""A result that cannot be delivered: how far that has come, and what the post may do next. Pure.

The post invites twice, two working days apart, and only then brings the result back (TT 17/2017/TT-BTTTT Art. 5(2)(h);
Postal Law Art. 17(1)(d)). What is refused, or not paid for, is undeliverable at once (Postal Law Art. 17(1)(đ),
11(1)(c)). Nothing of this touches the dossier: the agency's decision stands and its verdict with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from config.calendars import MissingCalendarYear
from config.clock import local
from tracking.deadlines.promises import HandBack, earliest_hand_back, earliest_second_invitation
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.working_time import WorkingTime
from tracking.journey import Attempt

REFUSED, UNPAID = "refused", "postage_unpaid"
AT_ONCE = frozenset({REFUSED, UNPAID})
"""Reasons of a failed attempt after which nobody is invited any more."""


class Stage(StrEnum):
    """How far an undeliverable result has come.

    ``ATTEMPTED``: refused or unpaid, so that it goes back without invitations. ``HANDED_BACK``: by the operator's word;
    ``WAITING_AT_COUNTER``: by a signed record. ``COLLECTED``: in person, at the counter.
    """

    ATTEMPTED = "attempted"
    INVITED_ONCE = "invited_once"
    INVITED_TWICE = "invited_twice"
    MAY_GO_BACK = "may_go_back"
    GOING_BACK = "going_back"
    HANDED_BACK = "handed_back"
    WAITING_AT_COUNTER = "waiting_at_counter"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """What is known of a return leg.

    Attributes:
        asked_back: somebody who may has asked for the papers, so that no invitations are needed.
        counted_at: when both sides signed that the agency has the result again.
        collected_at: when it was taken at the counter.
    """

    attempts: tuple[Attempt, ...] = ()
    delivered_at: datetime | None = None
    turned_back_at: datetime | None = None
    returned_at: datetime | None = None
    asked_back: bool = False
    counted_at: datetime | None = None
    collected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an undeliverable result stands.

    Attributes:
        invitations: the days of those that count: one that comes too soon after another does not.
        second_invitation_from: the first day for it, while only one counts.
        may_go_back_on: the first day on which the result may go back; None while that is open, or beyond the calendar.
        reason: why it is undeliverable without invitations.
        turned_back_early: the operator sent it back before the law allows that.
    """

    stage: Stage
    since: datetime
    invitations: tuple[date, ...] = ()
    second_invitation_from: date | None = None
    may_go_back_on: date | None = None
    reason: str | None = None
    turned_back_early: bool = False


def judge(
    facts: ReturnFacts,
    today: date,
    rules: Rules,
    working_time: WorkingTime,
    variant: HandBack = HandBack.AFTER_WAIT,
) -> Standing | None:
    """Return where a result stands, or None while nothing has failed or after it was delivered."""
    if not facts.attempts and facts.turned_back_at is None and facts.counted_at is None:
        return None
    if facts.delivered_at is not None and facts.turned_back_at is None and facts.counted_at is None:
        return None
    days = tuple(_counted(facts.attempts, rules, working_time))
    reason = next((a.reason for a in reversed(facts.attempts) if a.reason in AT_ONCE), None)
    stage, since = _stage(facts, days, rules)
    back_on = _may_go_back_on(facts.attempts, days, reason, rules, working_time, variant)
    if stage in (Stage.INVITED_TWICE, Stage.ATTEMPTED) and back_on is not None and today >= back_on:
        stage = Stage.MAY_GO_BACK
    return Standing(
        stage=stage,
        since=since,
        invitations=days,
        second_invitation_from=_next_invitation(days, rules, working_time) if stage is Stage.INVITED_ONCE else None,
        may_go_back_on=back_on,
        reason=reason,
        turned_back_early=_turned_back_early(facts, rules, working_time),
    )


def _stage(facts: ReturnFacts, days: tuple[date, ...], rules: Rules) -> tuple[Stage, datetime]:
    ends = (
        (Stage.COLLECTED, facts.collected_at),
        (Stage.WAITING_AT_COUNTER, facts.counted_at),
        (Stage.HANDED_BACK, facts.returned_at),
        (Stage.GOING_BACK, facts.turned_back_at),
    )
    for stage, at in ends:
        if at is not None:
            return stage, at
    last = facts.attempts[-1]
    if any(attempt.reason in AT_ONCE for attempt in facts.attempts):
        return Stage.ATTEMPTED, last.at
    return (Stage.INVITED_TWICE if _enough(days, rules) else Stage.INVITED_ONCE), last.at


def _counted(attempts: Iterable[Attempt], rules: Rules, working_time: WorkingTime) -> Iterator[date]:
    """Yield the days of invitations far enough apart; a refusal invites nobody."""
    earliest: date | None = None
    for attempt in sorted(attempts, key=lambda one: one.at):
        day = local(attempt.at).date()
        if attempt.reason in AT_ONCE or (earliest is not None and day < earliest):
            continue
        yield day
        try:
            earliest = earliest_second_invitation(day, rules, working_time)
        except MissingCalendarYear:  # how far apart the next one is cannot be told, so it does not count
            return


def _enough(days: tuple[date, ...], rules: Rules) -> bool:
    return bool(days) and len(days) >= rules.at(RuleId.INVITATION, days[0]).number("attempts")


def _next_invitation(days: tuple[date, ...], rules: Rules, working_time: WorkingTime) -> date | None:
    with suppress(MissingCalendarYear):
        return earliest_second_invitation(days[-1], rules, working_time)
    return None


def _may_go_back_on(
    attempts: Iterable[Attempt],
    days: tuple[date, ...],
    reason: str | None,
    rules: Rules,
    working_time: WorkingTime,
    variant: HandBack,
) -> date | None:
    if reason is not None:
        return min(local(attempt.at).date() for attempt in attempts if attempt.reason in AT_ONCE)
    if not _enough(days, rules):
        return None
    with suppress(MissingCalendarYear):
        needed = rules.at(RuleId.INVITATION, days[0]).number("attempts")
        return earliest_hand_back(days[needed - 1], rules, working_time, variant)
    return None


def _turned_back_early(facts: ReturnFacts, rules: Rules, working_time: WorkingTime) -> bool:
    """Whether the post turned back what it still had to invite for; asked for, refused or unpaid it may at once."""
    at = facts.turned_back_at
    if at is None or facts.asked_back or facts.delivered_at is not None:
        return False
    before = [attempt for attempt in facts.attempts if attempt.at <= at]
    if any(attempt.reason in AT_ONCE for attempt in before):
        return False
    return not _enough(tuple(_counted(before, rules, working_time)), rules)
