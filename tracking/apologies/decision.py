"""Who apologises for what, in which form and by when: a pure decision over the promises of one dossier.

A result that will be late or is late is the agency's to apologise for, a parcel beyond J+n the post's; what papers
come to on their way is the fault's, and the post's while it alone had them. What is owed is named by the promise, so
there is one apology for each: before the due day as form 04 with a new date, after it without an extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from config.calendars import MissingCalendarYear
from dispatch.parties import Party
from tracking.apologies.promises import Harm, Mishap, Parcel, PromisedDate, Promises
from tracking.deadlines.promises import extension_window
from tracking.deadlines.rules import Rule, RuleId, Rules
from tracking.deadlines.terms import vietnam_time
from tracking.deadlines.windows import extension_closing
from tracking.deadlines.working_time import WorkingTime

_LEAD = 1
"""Working days before the last one for form 04 on which it is drafted, so that there is time to sign."""


class Failing(StrEnum):
    """What the apology is for."""

    WILL_BE_LATE = "will_be_late"
    LATE = "late"
    CARRIED_LATE = "carried_late"
    LOST = "lost"
    DAMAGED = "damaged"
    WRONG_DELIVERY = "wrong_delivery"


class NewDate(StrEnum):
    """Whether the letter names a new date."""

    NEEDED = "needed"
    ALLOWED = "allowed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Owed:
    """One apology that is owed.

    Attributes:
        promise: what was promised, unique within the dossier.
        debtor: who apologises.
        promised_on: the last day of the promise; of a mishap, its day.
        sign_by: the last day for signing.
        due: the due date, where it is a result that was promised.
        proposed: a new date that the draft proposes.
    """

    promise: str
    failing: Failing
    debtor: Party
    rule: RuleId
    legal_source: str
    promised_on: date
    sign_by: date
    new_date: NewDate = NewDate.NONE
    due: datetime | None = None
    order_number: str | None = None
    proposed: date | None = None


@dataclass(frozen=True, slots=True)
class _Law:
    rules: Rules
    working_time: WorkingTime

    def find(self, rule: RuleId, on: date) -> Rule | None:
        return self.rules.find(rule, on)

    def days_after(self, day: date, days: int) -> date:
        """The end of a calendar must not keep an apology from being drafted: then it is to be signed at once."""
        try:
            return self.working_time.add_working_days(day, days)
        except MissingCalendarYear:
            return day


def decide(promises: Promises, now: datetime, rules: Rules, working_time: WorkingTime) -> tuple[Owed, ...]:
    """Return what is owed at ``now``, one for each promise, ordered by promise.

    The same facts give the same answer in whatever order they are listed.
    """
    law = _Law(rules, working_time)
    found = {one.promise: one for one in sorted(_all(promises, now, law), key=lambda one: (one.promise, one.sign_by))}
    return tuple(found[promise] for promise in sorted(found))


def comes_near(due: datetime, extensions: int, now: datetime, rules: Rules, working_time: WorkingTime) -> bool:
    """Whether a running due date may need an apology by now: over, or so close that form 04 is drafted."""
    if vietnam_time(now).date() > vietnam_time(due).date():
        return True
    return extension_closing(due, extensions, now, _LEAD, rules, working_time) is not None


def is_broken(owed: Owed) -> bool:
    """Whether the promise is broken already, and does not only threaten to be."""
    return owed.failing is not Failing.WILL_BE_LATE


def result_promise(day: date) -> str:
    """Name the promise of a result for a day."""
    return f"result:{day.isoformat()}"


def transit_promise(order_number: str) -> str:
    """Name the promise J+n of a shipment."""
    return f"transit:{order_number}"


def _all(promises: Promises, now: datetime, law: _Law) -> Iterator[Owed]:
    for one in promises.dates:
        yield from _late(promises, one, law) if one.broken(now) else _will_be_late(promises, one, now, law)
    lost = {mishap.order_number for mishap in promises.mishaps if mishap.harm is Harm.LOST}
    today = vietnam_time(now).date()
    for parcel in promises.parcels:
        if parcel.order_number not in lost and parcel.broken(today):
            yield from _carried_late(parcel, law)
    for mishap in promises.mishaps:
        yield from _mishap(mishap, law)


def _late(promises: Promises, one: PromisedDate, law: _Law) -> Iterator[Owed]:
    """The day has passed without the result (Decree 297/2025/NĐ-CP Art. 6(5): a new date at most once)."""
    rule = law.find(RuleId.APOLOGY_AFTER_DUE, one.day)
    if rule is None:
        return
    may_name_one = one.until is None and promises.extensions + promises.late_dates < rule.number("new_dates")
    yield Owed(
        promise=result_promise(one.day),
        failing=Failing.LATE,
        debtor=Party.AGENCY,
        rule=RuleId.APOLOGY_AFTER_DUE,
        legal_source=rule.legal_source,
        promised_on=one.day,
        sign_by=law.days_after(one.day, rule.number("working_days")),
        new_date=NewDate.ALLOWED if may_name_one else NewDate.NONE,
        due=one.due,
    )


def _will_be_late(promises: Promises, one: PromisedDate, now: datetime, law: _Law) -> Iterator[Owed]:
    """Form 04, at the latest one day before expiry and at most once (Decree 61/2018/NĐ-CP Art. 19(9)).

    From the window's beginning until the due day is over: on that day nobody can sign it any more, but nobody knows
    either that the result will not come.
    """
    if one.until is not None:
        return
    today = vietnam_time(now).date()
    rule = law.find(RuleId.APOLOGY_BEFORE_DUE, today)
    extension = law.find(RuleId.EXTENSION, today)
    if rule is None or extension is None or promises.extensions >= extension.number("max_extensions"):
        return
    window = extension_window(one.day, today, law.rules, law.working_time)
    has_begun = today > window.practical or law.working_time.working_days_between(today, window.practical) <= _LEAD
    if not has_begun or one.given_on > window.legal:
        return
    yield Owed(
        promise=result_promise(one.day),
        failing=Failing.WILL_BE_LATE,
        debtor=Party.AGENCY,
        rule=RuleId.APOLOGY_BEFORE_DUE,
        legal_source=rule.legal_source,
        promised_on=one.day,
        sign_by=max(window.practical, one.given_on),
        new_date=NewDate.NEEDED,
        due=one.due,
        proposed=law.days_after(one.day, rule.number("proposed_working_days")),
    )


def _carried_late(parcel: Parcel, law: _Law) -> Iterator[Owed]:
    rule = law.find(RuleId.APOLOGY_TRANSIT, parcel.due)
    if rule is None:
        return
    yield Owed(
        promise=transit_promise(parcel.order_number),
        failing=Failing.CARRIED_LATE,
        debtor=Party.POST,
        rule=RuleId.APOLOGY_TRANSIT,
        legal_source=rule.legal_source,
        promised_on=parcel.due,
        sign_by=law.days_after(parcel.due, rule.number(parcel.zone)),
        order_number=parcel.order_number,
    )


def _mishap(mishap: Mishap, law: _Law) -> Iterator[Owed]:
    """Lost or given to a stranger: by the post, unless another is found at fault; of damage the finding has to tell."""
    rule = law.find(RuleId.APOLOGY_MISHAP, mishap.on)
    fault = mishap.fault or (None if mishap.harm is Harm.DAMAGED else Party.POST)
    if rule is None or fault not in (Party.POST, Party.AGENCY):
        return
    yield Owed(
        promise=f"{mishap.harm}:{mishap.order_number}",
        failing=Failing(mishap.harm),
        debtor=fault,
        rule=RuleId.APOLOGY_MISHAP,
        legal_source=rule.legal_source,
        promised_on=mishap.on,
        sign_by=law.days_after(mishap.on, rule.number(mishap.zone)),
        order_number=mishap.order_number,
    )
