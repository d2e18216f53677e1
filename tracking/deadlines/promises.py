"""What post and agency have promised beside the due date: transit, invitations, notices and requests. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from config.calendars import MissingCalendarYear
from tracking.deadlines.rules import RuleId, Rules
from tracking.deadlines.terms import Term, Unit, vietnam_time
from tracking.deadlines.working_time import WorkingTime


class Zone(StrEnum):
    """How far a shipment goes, in the terms of TT 17/2017/TT-BTTTT, Art. 7(2)."""

    SAME_AREA = "same_area"
    SAME_PROVINCE = "same_province"
    SPECIAL_CITIES = "special_cities"
    INTER_PROVINCE = "inter_province"


class HandBack(StrEnum):
    """When a result may go back after the last invitation: that very day, or after waiting for the invited once more.

    The law demands only the gap between the invitations; waiting again is the kinder reading.
    """

    STRICT_MINIMUM = "strict_minimum"
    AFTER_WAIT = "after_wait"


@dataclass(frozen=True, slots=True)
class ExtensionWindow:
    """The last days on which an extension may be announced; after ``practical`` no office works before ``legal``."""

    practical: date
    legal: date


def transit_due(accepted_on: date, zone: Zone, with_slip: bool, rules: Rules, working_time: WorkingTime) -> date:
    """Return the last day of the transit promise J+n (TT 17/2017/TT-BTTTT, Art. 7(2)).

    ``with_slip``: the appointment slip must be brought back to the citizen, which takes longer.
    """
    rule = rules.at(RuleId.TRANSIT, accepted_on)
    return working_time.add_working_days(accepted_on, rule.number(f"{zone}_slip" if with_slip else zone))


def result_pickup(result_day: date, rules: Rules, working_time: WorkingTime) -> date:
    """Return the day on which the postman comes for a result that is at the one-stop desk on ``result_day``."""
    days = rules.at(RuleId.RESULT_PICKUP, result_day).number("working_days")
    return working_time.add_working_days(result_day, days)


def expected_delivery(result_day: date, zone: Zone, rules: Rules, working_time: WorkingTime) -> date:
    """Return the day by which a citizen may expect a result that was at the one-stop desk on ``result_day``.

    The post takes it from there on the next working day and has J+n from then on.
    """
    return transit_due(result_pickup(result_day, rules, working_time), zone, False, rules, working_time)


def earliest_second_invitation(first: date, rules: Rules, working_time: WorkingTime) -> date:
    """Return the first day for another invitation after one on ``first`` (TT 17/2017/TT-BTTTT, Art. 5(2)(h))."""
    return working_time.add_working_days(first, rules.at(RuleId.INVITATION, first).number("gap_working_days"))


def earliest_hand_back(
    second: date, rules: Rules, working_time: WorkingTime, variant: HandBack = HandBack.AFTER_WAIT
) -> date:
    """Return the first day on which the result may go back to the agency after the last invitation, on ``second``."""
    if variant is HandBack.STRICT_MINIMUM:
        return second
    return working_time.add_working_days(second, rules.at(RuleId.INVITATION, second).number("wait_working_days"))


def invitations_satisfied(attempts: Iterable[date], rules: Rules, working_time: WorkingTime) -> bool:
    """Return whether enough invitations lie far enough apart; those too soon after a counted one do not count."""
    counted: list[date] = []
    for day in sorted(attempts):
        if not counted or day >= earliest_second_invitation(counted[-1], rules, working_time):
            counted.append(day)
    return bool(counted) and len(counted) >= rules.at(RuleId.INVITATION, counted[0]).number("attempts")


def extension_window(due_day: date, on: date, rules: Rules, working_time: WorkingTime) -> ExtensionWindow:
    """Return until when an extension of ``due_day`` may be announced, by the rule in force ``on`` the notice's day."""
    legal = due_day - timedelta(days=rules.at(RuleId.EXTENSION, on).number("notice_days"))
    return ExtensionWindow(practical=working_time.add_working_days(legal, 0), legal=legal)


def last_day_to_request_supplement(accepted_on: date, on: date, rules: Rules, working_time: WorkingTime) -> date:
    """Return the last day on which the agency may still ask for papers, by the rule in force ``on`` that day."""
    rule = rules.at(RuleId.SUPPLEMENT_REQUEST, on)
    return working_time.add_working_days(accepted_on, rule.number("working_days"))


def pass_on_by(taken_in_at: datetime, rules: Rules, working_time: WorkingTime) -> datetime:
    """Return by when a dossier goes to the competent unit: within the working day, unless it came after the cutoff.

    NĐ 61/2018/NĐ-CP, Art. 18(2). What comes on a day off is taken in when work begins again.
    """
    late = after_cutoff(taken_in_at, rules, working_time)
    return late or working_time.closing(working_time.on_or_after(vietnam_time(taken_in_at).date()))


def after_cutoff(taken_in_at: datetime, rules: Rules, working_time: WorkingTime) -> datetime | None:
    """Return the opening at which a dossier is passed on that was taken in after the cutoff; None where it was not.

    Where next year's calendar is not known yet, nobody can wait for its first day: it is passed on at once.
    """
    moment = vietnam_time(taken_in_at)
    rule = rules.find(RuleId.TRANSFER_CUTOFF, moment.date())
    if rule is None or not working_time.is_working_day(moment.date()) or moment.time() <= rule.clock("after"):
        return None
    try:
        return working_time.opening(working_time.next_working_day(moment.date()))
    except MissingCalendarYear:
        return None


def correction_request_due(received_at: datetime, rules: Rules, working_time: WorkingTime) -> datetime:
    """Return until when corrections may be asked for that were needed on receipt (ND 297/2025/ND-CP, Art. 6)."""
    rule = rules.at(RuleId.CORRECTION_REQUEST, vietnam_time(received_at).date())
    return working_time.due(received_at, Term(rule.number("working_hours"), Unit.WORKING_HOURS))


def last_hour_cutoff(on: date, rules: Rules, working_time: WorkingTime) -> time:
    """Return the cutoff of the working day ``on`` for a procedure under the rule of the last hour before closing.

    Vietnam local time, to be given as ``cutoff``. No procedure is under that rule unless its own law says so
    (ND 297/2025/ND-CP, Art. 6, is the one that was seen).
    """
    minutes = rules.at(RuleId.LAST_HOUR, on).number("minutes")
    return (working_time.closing(on) - timedelta(minutes=minutes)).time()
