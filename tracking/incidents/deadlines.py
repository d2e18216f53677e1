"""What is due next in an incident, from whom and by when. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from config.clock import local
from tracking.deadlines.promises import Zone
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.working_time import WorkingTime
from tracking.incidents.facts import LOSSES, IncidentKind
from tracking.incidents.fold import Incident


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What deadlines depend on beside the incident itself; all of it is empty where no shipment is concerned.

    Attributes:
        zone: how far the shipment goes.
        transit_due: the last day of its transit time.
        delivered_on: the day on which it was delivered.
    """

    zone: Zone | None = None
    transit_due: date | None = None
    delivered_on: date | None = None


class NextKind(StrEnum):
    """What somebody has to do next."""

    INVENTORY = "inventory"
    COMPLAIN = "complain"
    ANSWER = "answer"
    FIND = "find"
    PAY = "pay"
    REISSUE = "reissue"
    RESOLVE = "resolve"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is due next, and its last day where a rule sets one."""

    kind: NextKind
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Every last day that a rule sets by now; None where the rule has nothing to count from."""

    complaint: date | None
    answer: date | None
    compensation: date | None


def deadlines(incident: Incident, about: Circumstances, rules: Rules, working_time: WorkingTime) -> Deadlines:
    """Return the incident's last days: complaint, answer to it, compensation."""
    return Deadlines(
        complaint=_complaint(incident, about, rules),
        answer=_answer(incident, about, rules, working_time),
        compensation=_compensation(incident, rules),
    )


def next_step(incident: Incident, last: Deadlines) -> NextStep | None:
    """Return what has to be done next; None once the incident is closed."""
    if incident.closed_at is not None:
        return None
    if incident.kind is IncidentKind.TORN and incident.inventory is None:
        return NextStep(NextKind.INVENTORY)
    if incident.outstanding:
        return NextStep(NextKind.PAY, last.compensation)
    if incident.resolution is not None:
        return NextStep(NextKind.CLOSE)
    if incident.finding is None and incident.found_at is None and incident.kind is not IncidentKind.SLIP_LOST:
        return _on_the_way_to_a_finding(incident, last)
    return NextStep(NextKind.REISSUE) if incident.open_steps else NextStep(NextKind.RESOLVE)


def _on_the_way_to_a_finding(incident: Incident, last: Deadlines) -> NextStep:
    if incident.complaint is None:
        return NextStep(NextKind.COMPLAIN, last.complaint)
    return NextStep(NextKind.ANSWER, last.answer) if incident.answer is None else NextStep(NextKind.FIND)


def months_after(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last of that month where it has none (Civil Code 2015, Art. 148(4)).

    Whether a last day that is a holiday moves on is left out: to complain in time is the safe side.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _complaint(incident: Incident, about: Circumstances, rules: Rules) -> date | None:
    """Six months from the end of the transit time for what is lost, one month from delivery for what is damaged."""
    if incident.kind is IncidentKind.SLIP_LOST:
        return None
    noticed_on = local(incident.opened.at).date()
    rule = rules.at(RuleId.COMPLAINT_WINDOW, noticed_on)
    if incident.kind in LOSSES:
        return months_after(about.transit_due, rule.number("months_loss")) if about.transit_due else None
    return months_after(about.delivered_on or noticed_on, rule.number("months_damage"))


def _answer(incident: Incident, about: Circumstances, rules: Rules, working_time: WorkingTime) -> date | None:
    if incident.complaint is None:
        return None
    filed_on = local(incident.complaint.at).date()
    near = about.zone in (None, Zone.SAME_AREA, Zone.SAME_PROVINCE)
    name = "working_days_same_province" if near else "working_days_inter_province"
    return working_time.add_working_days(filed_on, rules.at(RuleId.COMPLAINT_ANSWER, filed_on).number(name))


def _compensation(incident: Incident, rules: Rules) -> date | None:
    if incident.finding is None:
        return None
    found_on = local(incident.finding.at).date()
    return found_on + timedelta(days=rules.at(RuleId.COMPENSATION_TERM, found_on).number("days"))
