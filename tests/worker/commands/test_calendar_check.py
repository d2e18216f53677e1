"""The comparison of two lists of holidays, on calendars that nobody would invent by hand."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.calendars import CalendarYear, Certainty, DayOff, MakeUpDay, OfficeCalendar, load_calendar
from worker.commands.calendar_check import OtherList, Verdict, all_settled, check

WEEKLY = load_calendar("caobang").years[0].weekly
WEEKDAYS = [day for number in range(59) if (day := date(2026, 1, 1) + timedelta(days=number)).weekday() < 5]
WEEKENDS = [day for number in range(59) if (day := date(2026, 1, 1) + timedelta(days=number)).weekday() >= 5]


def office(days_off: set[date], made_up: set[date], document: str = "Công văn 1/VP") -> OfficeCalendar:
    told = ("Một ngày", "A day", document, None, Certainty.HIGH)
    offs = tuple(DayOff(day, *told) for day in sorted(days_off))
    make_up_days = tuple(MakeUpDay(day, *told, WEEKLY[0]) for day in sorted(made_up))
    return OfficeCalendar("caobang", (CalendarYear(2026, WEEKLY, offs, make_up_days),))


def other(holidays: set[date], worked: set[date]) -> OtherList:
    return OtherList(dict.fromkeys(holidays, "A holiday"), worked)


weekdays = st.sets(st.sampled_from(WEEKDAYS))
weekends = st.sets(st.sampled_from(WEEKENDS))


@given(weekdays, weekends, weekdays, weekends)
def test_exactly_the_days_on_which_one_works_and_the_other_does_not_are_found(
    ours_off: set[date], ours_made_up: set[date], theirs_off: set[date], theirs_made_up: set[date]
) -> None:
    findings = check(office(ours_off, ours_made_up), other(theirs_off, theirs_made_up))
    assert [finding.day for finding in findings] == sorted((ours_off ^ theirs_off) | (ours_made_up ^ theirs_made_up))
    unknown = (theirs_off - ours_off) | (theirs_made_up - ours_made_up)
    assert {finding.day for finding in findings if finding.verdict is Verdict.UNKNOWN_TO_US} == unknown
    assert all_settled(findings) is (not unknown)


@given(weekdays, weekends, weekdays, weekends)
def test_without_documents_no_day_of_ours_is_settled(
    ours_off: set[date], ours_made_up: set[date], theirs_off: set[date], theirs_made_up: set[date]
) -> None:
    findings = check(office(ours_off, ours_made_up, document=" "), other(theirs_off, theirs_made_up))
    lacking = {finding.day for finding in findings if finding.verdict is Verdict.NO_DOCUMENT}
    assert lacking == ours_off | ours_made_up
    assert all(finding.next_step for finding in findings)


@given(weekends)
def test_a_holiday_on_a_day_of_rest_makes_no_difference(holidays: set[date]) -> None:
    assert check(office(set(), set()), other(holidays, set())) == []


def test_each_side_is_told_in_words_with_its_name() -> None:
    monday, saturday = date(2026, 1, 5), date(2026, 1, 10)
    first, second = check(office(set(), {saturday}), other({monday}, set()))
    assert (first.ours, first.theirs, first.document) == ("working day", "day off: A holiday", "")
    assert (second.ours, second.theirs) == ("working day: Một ngày / A day", "day off")
    assert second.document == "Công văn 1/VP"
