"""Properties of section J of the domain facts, and equality with a walk from day to day and minute to minute."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.calendars import (
    CalendarYear,
    Certainty,
    MakeUpDay,
    MissingCalendarYear,
    OfficeCalendar,
    Session,
    load_calendar,
)
from config.clock import VIETNAM
from tests.tracking.deadlines.offices import OFFICE, with_days
from tests.tracking.deadlines.story import at
from tracking.deadlines import (
    DueTime,
    InvalidAmountError,
    NaiveTimeError,
    Term,
    Unit,
    UnknownUnitError,
    WorkingTime,
    explain_due,
    load_rules,
)

days = st.dates(date(2024, 6, 1), date(2027, 8, 31))
instants = st.builds(datetime.combine, days, st.times(), st.just(VIETNAM))
terms = st.builds(Term, st.integers(1, 60), st.sampled_from(Unit))
cutoffs = st.none() | st.times(time(7), time(18))
due_times = st.sampled_from(DueTime)


def walk_days(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= bool(OFFICE.calendar.sessions_on(day))
    return day


def walk_time(start: datetime, left: timedelta) -> datetime:
    day = start.date()
    while True:
        for session in OFFICE.calendar.sessions_on(day):
            opens = max(start, datetime.combine(day, session.opens, VIETNAM))
            closes = datetime.combine(day, session.closes, VIETNAM)
            if opens + left <= closes:
                return opens + left
            left -= max(closes - opens, timedelta())
        day += timedelta(days=1)


@given(days, st.integers(1, 60))
def test_adding_working_days_equals_a_walk_from_day_to_day(day: date, count: int) -> None:
    assert OFFICE.add_working_days(day, count) == walk_days(day, count)


@given(instants, st.integers(1, 200))
def test_adding_working_hours_equals_a_walk_through_the_sessions(event: datetime, hours: int) -> None:
    start = OFFICE.normalise(event)
    assert OFFICE.due(event, Term(hours, Unit.WORKING_HOURS)) == walk_time(start, timedelta(hours=hours))


def walk_sessions(day: date, clock: time, count: int) -> datetime:
    """Pass ``count`` sessions after the one that is open at ``clock``, or else opens next."""
    taken_up = False
    while True:
        for session in OFFICE.calendar.sessions_on(day):
            if taken_up:
                count -= 1
            taken_up = taken_up or clock <= session.closes
            if taken_up and count == 0:
                return datetime.combine(day, session.closes, VIETNAM)
        day, clock = day + timedelta(days=1), time.min


@given(instants, st.integers(1, 60))
def test_adding_half_days_equals_a_walk_from_session_to_session(event: datetime, count: int) -> None:
    assert OFFICE.due(event, Term(count, Unit.HALF_DAYS)) == walk_sessions(event.date(), event.time(), count)


@given(instants, st.integers(-60, 60))
def test_counting_half_days_is_the_inverse_of_adding_them(event: datetime, count: int) -> None:
    taken_up = OFFICE.normalise(event)
    assert OFFICE.half_days_between(taken_up, OFFICE.add_half_days(event, count)) == count


@given(instants, st.integers(1, 90))
def test_calendar_days_equal_a_walk_to_the_next_working_day(event: datetime, count: int) -> None:
    last = event.date() + timedelta(days=count)
    while not OFFICE.is_working_day(last):
        last += timedelta(days=1)
    assert OFFICE.due(event, Term(count, Unit.CALENDAR_DAYS)).date() == last


@given(days, st.integers(-60, 60))
def test_counting_working_days_is_the_inverse_of_adding_them(day: date, count: int) -> None:
    assert OFFICE.working_days_between(day, OFFICE.add_working_days(day, count)) == count


@given(instants, st.timedeltas(timedelta(microseconds=1), timedelta(hours=300)))
def test_measuring_working_time_is_the_inverse_of_adding_it(start: datetime, duration: timedelta) -> None:
    assert OFFICE.working_time_between(start, OFFICE.add_working_time(start, duration)) == duration


@given(instants, instants, instants)
def test_working_time_adds_up_over_any_instant_between(first: datetime, second: datetime, third: datetime) -> None:
    parts = OFFICE.working_time_between(first, second) + OFFICE.working_time_between(second, third)
    assert parts == OFFICE.working_time_between(first, third)


@given(instants, terms, cutoffs, due_times)
def test_a_due_date_is_on_a_working_day_and_not_before_the_start(
    event: datetime, term: Term, cutoff: time | None, due_time: DueTime
) -> None:
    due = OFFICE.due(event, term, cutoff=cutoff, due_time=due_time)
    assert due >= OFFICE.effective(event, cutoff)
    assert OFFICE.is_working_day(due.date())


@given(instants, terms, cutoffs, due_times)
def test_a_longer_term_never_ends_earlier(event: datetime, term: Term, cutoff: time | None, due_time: DueTime) -> None:
    longer = Term(term.amount + 1, term.unit)
    assert OFFICE.due(event, longer, cutoff=cutoff, due_time=due_time) >= OFFICE.due(
        event, term, cutoff=cutoff, due_time=due_time
    )


@given(instants, instants, terms, cutoffs, due_times)
def test_a_later_event_never_makes_an_earlier_due_date(
    one: datetime, other: datetime, term: Term, cutoff: time | None, due_time: DueTime
) -> None:
    # Calendar days start with the event's own date and keep the clock of the effective start: by the clock alone, an
    # event in the evening may end before one at noon of the same day. The due day itself never goes back.
    assume(term.unit is not Unit.CALENDAR_DAYS or due_time is DueTime.END_OF_DAY)
    earlier, later = sorted((one, other))
    assert OFFICE.due(earlier, term, cutoff=cutoff, due_time=due_time) <= OFFICE.due(
        later, term, cutoff=cutoff, due_time=due_time
    )


@given(days, st.times(time(0), time(17)), st.times(time(0), time(17)), st.integers(1, 60))
def test_the_clock_within_one_working_day_does_not_matter(day: date, one: time, other: time, count: int) -> None:
    assume(OFFICE.is_working_day(day))
    term = Term(count, Unit.WORKING_DAYS)
    first, second = (datetime.combine(day, clock, VIETNAM) for clock in (one, other))
    assert OFFICE.due(first, term) == OFFICE.due(second, term)


near_terms = st.builds(Term, st.integers(1, 8), st.sampled_from(Unit))


@given(instants, near_terms, st.integers(0, 10))
def test_one_more_day_off_never_makes_a_due_date_earlier(event: datetime, term: Term, ahead: int) -> None:
    off = event.date() + timedelta(days=ahead)
    assume(OFFICE.calendar.make_up_day(off) is None)
    assert with_days(off=off).due(event, term) >= OFFICE.due(event, term)


@given(instants, near_terms, st.integers(0, 10))
def test_one_more_make_up_day_never_makes_a_due_date_later(event: datetime, term: Term, ahead: int) -> None:
    made_up = event.date() + timedelta(days=ahead)
    assume(not OFFICE.is_working_day(made_up))
    assert with_days(made_up=made_up).due(event, term) <= OFFICE.due(event, term)


@pytest.mark.parametrize(
    ("arrives", "taken_up"),
    [
        ("2026-03-03 05:00", "2026-03-03 07:30"),
        ("2026-03-03 07:30", "2026-03-03 07:30"),
        ("2026-03-03 11:30", "2026-03-03 11:30"),
        ("2026-03-03 11:30:00.000001", "2026-03-03 13:30"),
        ("2026-03-03 17:00", "2026-03-03 17:00"),
        ("2026-03-03 17:00:00.000001", "2026-03-04 07:30"),
        ("2026-02-13 17:01", "2026-02-23 07:30"),
        ("2026-01-10 10:00", "2026-01-10 10:00"),
    ],
)
def test_arrival_outside_office_hours_waits_for_the_next_opening(arrives: str, taken_up: str) -> None:
    assert OFFICE.normalise(at(arrives)) == at(taken_up)


@pytest.mark.parametrize(
    ("event", "half_days", "due"),
    [
        ("2026-03-03 09:00", 1, "2026-03-03 17:00"),
        ("2026-03-03 11:30", 1, "2026-03-03 17:00"),
        ("2026-03-03 12:00", 1, "2026-03-04 11:30"),
        ("2026-03-03 14:00", 1, "2026-03-04 11:30"),
        ("2026-02-13 14:00", 2, "2026-02-23 17:00"),
        ("2026-02-14 09:00", 1, "2026-02-23 17:00"),
    ],
)
def test_half_a_day_ends_with_the_next_session(event: str, half_days: int, due: str) -> None:
    assert OFFICE.due(at(event), Term(half_days, Unit.HALF_DAYS)) == at(due)


def test_half_days_ignore_the_due_time_but_not_the_cutoff() -> None:
    term = Term(1, Unit.HALF_DAYS)
    assert OFFICE.due(at("2026-03-03 10:00"), term, due_time=DueTime.SAME_CLOCK) == at("2026-03-03 17:00")
    assert OFFICE.due(at("2026-03-03 10:01"), term, cutoff=time(10)) == at("2026-03-04 17:00")


def test_an_arrival_moved_by_the_lunch_break_is_not_yet_after_a_cutoff_at_noon_plus() -> None:
    assert OFFICE.effective(at("2026-03-03 11:45"), time(12)) == at("2026-03-03 13:30")


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    in_utc = datetime.fromisoformat("2026-02-13T10:30:00+00:00")
    assert OFFICE.normalise(in_utc) == at("2026-02-23 07:30")


def test_the_same_clock_on_a_shorter_day_ends_with_that_day() -> None:
    short_saturday = replace(
        OFFICE.calendar.years[2],
        make_up_days=(
            MakeUpDay(date(2026, 3, 7), "", "", "", None, Certainty.LOW, (Session(time(7, 30), time(11, 30)),)),
        ),
    )
    office = WorkingTime(OfficeCalendar("caobang", (short_saturday,)))
    due = office.due(at("2026-03-06 15:00"), Term(1, Unit.WORKING_DAYS), due_time=DueTime.SAME_CLOCK)
    assert due == at("2026-03-07 11:30")


def test_neighbouring_working_days_step_over_tet() -> None:
    assert OFFICE.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert OFFICE.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 13)
    assert OFFICE.previous_working_day(date(2026, 2, 18)) == date(2026, 2, 13)


@pytest.mark.parametrize(
    ("event", "term", "year"),
    [
        ("2027-12-28 09:00", Term(10, Unit.WORKING_DAYS), 2028),
        ("2027-12-28 09:00", Term(100, Unit.WORKING_HOURS), 2028),
        ("2027-12-28 09:00", Term(100, Unit.HALF_DAYS), 2028),
        ("2027-12-28 09:00", Term(10**12, Unit.CALENDAR_DAYS), 2028),
        ("2027-12-31 18:00", Term(1, Unit.SAME_DAY), 2028),
        ("2029-03-01 09:00", Term(1, Unit.WORKING_DAYS), 2029),
        ("2023-12-29 09:00", Term(1, Unit.WORKING_HOURS), 2023),
    ],
)
def test_a_date_beyond_the_calendar_is_an_error_and_never_a_guess(event: str, term: Term, year: int) -> None:
    with pytest.raises(MissingCalendarYear) as caught:
        OFFICE.due(at(event), term)
    assert caught.value.year == year


def test_counting_back_beyond_the_calendar_names_the_year_before() -> None:
    with pytest.raises(MissingCalendarYear, match="2023"):
        OFFICE.previous_working_day(date(2024, 1, 2))
    with pytest.raises(MissingCalendarYear, match="2023"):
        OFFICE.add_working_time(at("2024-01-02 09:00"), -timedelta(hours=2))
    with pytest.raises(MissingCalendarYear, match="2023"):
        OFFICE.add_half_days(at("2024-01-02 09:00"), -1)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 3, 2, 8, 15)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(NaiveTimeError, match=r"\+07:00"):
        OFFICE.due(naive, Term(1, Unit.WORKING_DAYS))


@pytest.mark.parametrize("amount", [0, -3])
def test_a_term_of_nothing_is_refused(amount: int) -> None:
    with pytest.raises(InvalidAmountError, match="give 1 or more"):
        Term(amount, Unit.WORKING_DAYS)


def test_the_amount_of_a_same_day_term_has_no_meaning() -> None:
    assert Term(0, Unit.SAME_DAY) == Term(5, Unit.SAME_DAY)


def test_a_unit_is_read_by_its_name_and_an_unknown_one_is_refused() -> None:
    assert Term.parse(10, "working_days") == Term(10, Unit.WORKING_DAYS)
    with pytest.raises(UnknownUnitError, match="'weeks' is not known: use one of working_days"):
        Term.parse(2, "weeks")


def test_an_office_may_have_its_own_week() -> None:
    morning = (Session(time(8), time(12)),)
    office = WorkingTime(OfficeCalendar("saturday", (CalendarYear(2026, ((),) * 5 + (morning, ())),)))
    assert office.due(at("2026-03-02 09:00"), Term(1, Unit.WORKING_DAYS)) == at("2026-03-14 12:00")


RECEPTION = """office = "saturday"
year = 2026

[weekly]
monday = ["07:30-11:30", "13:30-17:00"]
friday = ["07:30-11:30", "13:30-17:00"]

[reception.weekly]
saturday = ["07:30-11:30"]
"""


def test_a_saturday_that_receives_papers_is_no_working_day(tmp_path: Path) -> None:
    (tmp_path / "saturday").mkdir()
    (tmp_path / "saturday" / "2026.toml").write_text(RECEPTION, encoding="utf-8")
    office, saturday = WorkingTime(load_calendar("saturday", tmp_path)), at("2026-03-07 09:00")
    assert office.receives(saturday)
    assert not office.receives(at("2026-03-07 14:00"))
    assert not office.receives(at("2026-03-08 09:00"))
    assert not office.is_working_day(saturday.date())
    assert office.effective(saturday) == at("2026-03-09 07:30")
    assert office.due(saturday, Term(1, Unit.WORKING_DAYS)) == at("2026-03-13 17:00")
    received = explain_due(saturday, Term(1, Unit.WORKING_DAYS), office, load_rules())["explanation"][0]
    assert "while the desk takes in papers" in received["text_en"]


def test_where_there_are_no_reception_hours_the_desk_receives_while_the_office_works() -> None:
    assert OFFICE.receives(at("2026-03-06 11:30"))
    assert not OFFICE.receives(at("2026-03-06 12:00"))
    assert not OFFICE.receives(at("2026-03-07 09:00"))
