"""The bench of due dates: the naive walk is right, the libraries are asked the same question, the goals are judged."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendars import Certainty, MakeUpDay, MissingCalendarYear, OfficeCalendar, Session, load_calendar
from config.clock import VIETNAM
from tracking.deadlines.working_time import WorkingTime
from worker.bench.deadlines import judge, random_instants, run
from worker.bench.plain_week import plain_weeks
from worker.bench.race import Comparison, Standing
from worker.bench.rivals import Rival, rivals_in_days, rivals_in_hours
from worker.bench.walk import walk_days, walk_time

CALENDAR = load_calendar("caobang")
OFFICE = WorkingTime(CALENDAR)
MADE_UP = (date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22))

days_asked = st.dates(date(2024, 1, 1), date(2027, 10, 1))
instants = st.builds(datetime.combine, days_asked, st.times(), st.just(VIETNAM))


@given(instants, st.timedeltas(timedelta(microseconds=1), timedelta(hours=200)))
def test_the_walk_through_the_sessions_ends_where_the_tables_say(start: datetime, duration: timedelta) -> None:
    assert walk_time(CALENDAR, start, duration) == OFFICE.add_working_time(start, duration)


@given(days_asked, st.integers(1, 30))
def test_the_walk_from_day_to_day_ends_where_the_tables_say(day: date, days: int) -> None:
    assert walk_days(CALENDAR, day, days) == OFFICE.add_working_days(day, days)


def test_a_library_is_told_the_plain_week_and_once_more_with_the_make_up_days() -> None:
    without, complete = plain_weeks(CALENDAR)
    assert (without.mask, without.blind_to) == ("1111100", MADE_UP)
    assert (complete.mask, complete.blind_to) == ("1111110", ())
    assert date(2026, 1, 2) in without.days_off
    assert date(2026, 1, 3) in complete.days_off
    assert complete.days_off.isdisjoint(MADE_UP)


def test_a_make_up_day_with_hours_of_its_own_stays_untold() -> None:
    morning = (Session(time(7, 30), time(11, 30)),)
    half = MakeUpDay(date(2026, 3, 7), "Làm bù", "Make-up", "Công văn 1", None, Certainty.HIGH, morning)
    year = replace(CALENDAR.years[2], make_up_days=(half,))
    assert [week.blind_to for week in plain_weeks(OfficeCalendar("caobang", (year,)))] == [(half.day,)] * 2


def test_without_make_up_days_there_is_one_way_to_tell_the_week() -> None:
    year = replace(CALENDAR.years[2], make_up_days=())
    assert [week.blind_to for week in plain_weeks(OfficeCalendar("caobang", (year,)))] == [()]


def test_the_same_seed_draws_the_same_instants_of_the_four_years() -> None:
    drawn = random_instants(500, random.Random(7))
    assert drawn == random_instants(500, random.Random(7)) != random_instants(500, random.Random(8))
    assert {at.year for at in drawn} == {2024, 2025, 2026, 2027}
    assert {at.utcoffset() for at in drawn} == {timedelta(hours=7)}


def test_every_way_that_is_installed_gives_our_answers() -> None:
    hours, days = run(CALENDAR, additions=40, rounds=1, seed=1)
    for contest, rivals in ((hours, rivals_in_hours(timedelta(hours=1))), (days, rivals_in_days(1))):
        assert contest.agreed, [standing.answers.different for standing in contest.standings]
        entered = [standing.name for standing in contest.standings]
        for rival in rivals:
            assert entered.count(rival.name) == (2 if find_spec(rival.module) else 0)
    assert all(goal.reached is not None for goal in days.goals), "numpy comes with the product's own requirements"


def test_a_bench_needs_the_calendars_of_all_its_years() -> None:
    with pytest.raises(MissingCalendarYear, match="2027"):
        run(OfficeCalendar("caobang", CALENDAR.years[:3]), additions=1, rounds=1, seed=1)


def standing(name: str, times_ours: float) -> Standing[date]:
    return Standing(name, "", 1.0, times_ours, Comparison(0, 0, ()))


def rival(at_least: float, module: str = "json") -> Rival[date]:
    def never(_: object) -> None:
        raise AssertionError("a rival is judged by its standings alone")

    return Rival("them", module, at_least, never)  # type: ignore[arg-type]


@pytest.mark.parametrize(("at_least", "met"), [(40, True), (41, True), (41.5, False)])
def test_a_goal_is_judged_against_the_fastest_set_up(at_least: float, met: bool) -> None:
    goal = judge(rival(at_least), [standing("ours", 1), standing("them", 90), standing("them", 41)])
    assert (goal.reached, goal.met) == (41, met)


def test_against_a_rival_that_is_not_here_nothing_is_met_or_missed() -> None:
    goal = judge(rival(40, "no_such_library"), [standing("ours", 1)])
    assert (goal.reached, goal.met) == (None, None)
    assert not rival(40, "no_such_library").installed
    assert rival(40).installed
