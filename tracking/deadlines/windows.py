"""What is about to close or has passed, as seen at one moment: values for the watch, without words. Pure.

Every function answers None while there is nothing to do. Days left and days late are working days; the day on which
something ends still belongs to it, as a result on the due day is on time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracking.deadlines.promises import extension_window, last_day_to_request_supplement
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.terms import vietnam_time
from tracking.deadlines.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class DueSoon:
    """A result is due within a few working days; none are left on the due day itself."""

    due: datetime
    days_left: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """The due day is over. ``days_late`` is 0 until the first working day after it has come."""

    due: datetime
    days_late: int


@dataclass(frozen=True, slots=True)
class ExtensionClosing:
    """An extension can still be announced, but not for long.

    Attributes:
        last_working_day: the last day on which an office works; over Tet it may lie more than a week before ``legal``.
        legal: the last day on which the rule allows it.
        days_left: working days until ``last_working_day``; none are left on that day and after it.
    """

    last_working_day: date
    legal: date
    days_left: int


@dataclass(frozen=True, slots=True)
class SupplementClosing:
    """The agency can still ask for papers, but not for long; none are left on ``last_day`` itself."""

    last_day: date
    days_left: int


@dataclass(frozen=True, slots=True)
class SilentSupplement:
    """The applicant was asked for papers and did not react in time; the dossier may be closed since ``closable_on``."""

    requested_on: date
    closable_on: date
    days_silent: int


def due_soon(due: datetime, now: datetime, lead: int, working_time: WorkingTime) -> DueSoon | None:
    """Return whether a result is due ``lead`` working days from ``now`` or sooner, and not overdue."""
    today, due_day = vietnam_time(now).date(), vietnam_time(due).date()
    if today > due_day:
        return None
    left = working_time.working_days_between(today, due_day)
    return DueSoon(due, left) if left <= lead else None


def overdue(due: datetime, now: datetime, working_time: WorkingTime) -> Overdue | None:
    """Return whether the due day is over; within that day a result is on time, at whatever hour."""
    today, due_day = vietnam_time(now).date(), vietnam_time(due).date()
    return Overdue(due, working_time.working_days_between(due_day, today)) if today > due_day else None


def extension_closing(
    due: datetime, extensions: int, now: datetime, lead: int, rules: Rules, working_time: WorkingTime
) -> ExtensionClosing | None:
    """Return whether the last chance for an extension comes within ``lead`` working days.

    ``extensions`` were promised before; where the rule allows no more of them there is no window.
    """
    today = vietnam_time(now).date()
    window = extension_window(vietnam_time(due).date(), today, rules, working_time)
    if today > window.legal or extensions >= rules.at(RuleId.EXTENSION, today).number("max_extensions"):
        return None
    left = working_time.working_days_between(today, max(today, window.practical))
    return ExtensionClosing(window.practical, window.legal, left) if left <= lead else None


def supplement_closing(
    accepted_on: date, now: datetime, lead: int, rules: Rules, working_time: WorkingTime
) -> SupplementClosing | None:
    """Return whether the window for asking for papers ends within ``lead`` working days.

    ``accepted_on`` is the effective day of acceptance, or of completion after an earlier supplement.
    """
    today = vietnam_time(now).date()
    last = last_day_to_request_supplement(accepted_on, today, rules, working_time)
    left = working_time.working_days_between(today, last)
    return SupplementClosing(last, left) if today <= last and left <= lead else None


def silent_supplement(
    requested_at: datetime, now: datetime, rules: Rules, working_time: WorkingTime
) -> SilentSupplement | None:
    """Return whether the applicant has been silent for so long that the dossier may be closed.

    The rule in force on the day of the request decides; where there was none, silence never closes anything.
    """
    requested_on, today = vietnam_time(requested_at).date(), vietnam_time(now).date()
    rule = rules.find(RuleId.CLOSE_SILENCE, requested_on)
    if rule is None:
        return None
    days_silent = working_time.working_days_between(requested_on, today)
    closable_on = working_time.next_working_day(
        working_time.add_working_days(requested_on, rule.number("working_days"))
    )
    return SilentSupplement(requested_on, closable_on, days_silent) if today >= closable_on else None
