"""A race among ways that say themselves how long they take: turns, medians, ratios, and whose answers are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from worker.bench.race import Way, compare, race

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]


class Stopwatch:
    """A timer that only moves while somebody works, and a record of who worked."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.worked: list[str] = []

    def read(self) -> float:
        return self.seconds

    def way(self, name: str, costs: Iterator[float]) -> Way[date]:
        """Return a way that answers the next day, each time at the next of ``costs`` in seconds."""

        def answer(day: date) -> date:
            self.worked.append(name)
            self.seconds += next(costs)
            return day + timedelta(days=1)

        return Way(name, answer)


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


def test_the_ways_take_turns_after_one_answer_each_to_warm_up(stopwatch: Stopwatch) -> None:
    ways = [stopwatch.way(name, iter([1.0] * 4)) for name in "ABC"]
    race(ways, [MONDAY], rounds=3, timer=stopwatch.read)
    assert "".join(stopwatch.worked) == "ABCABCABCABC"


def test_one_disturbed_round_changes_neither_the_median_nor_the_ratio(stopwatch: Stopwatch) -> None:
    ours = stopwatch.way("ours", iter([9, 1, 50, 1]))
    theirs = stopwatch.way("theirs", iter([9, 3, 150, 3]))
    first, second = race([ours, theirs], [MONDAY], rounds=3, timer=stopwatch.read)
    assert (first.microseconds, first.times_ours) == (1e6, 1)
    assert (second.microseconds, second.times_ours) == (3e6, 3)


def test_a_machine_that_slows_down_slows_all_ways_and_leaves_their_ratio(stopwatch: Stopwatch) -> None:
    ours = stopwatch.way("ours", iter([1, 1, 10, 100]))
    theirs = stopwatch.way("theirs", iter([4, 4, 40, 400]))
    assert race([ours, theirs], [MONDAY], rounds=3, timer=stopwatch.read)[1].times_ours == 4


def test_a_quick_way_answers_again_and_again_until_its_turn_is_long_enough(stopwatch: Stopwatch) -> None:
    quick = stopwatch.way("quick", iter([0.001] * 1000))
    (standing,) = race([quick], WEEK, rounds=1, timer=stopwatch.read)
    assert standing.microseconds == pytest.approx(1000)
    assert len(stopwatch.worked) == 7 + 3 * 7


def test_types_of_a_ways_own_are_made_and_undone_outside_its_time(stopwatch: Stopwatch) -> None:
    def slow(convert: Callable[[object], object]) -> Callable[[object], object]:
        def converted(value: object) -> object:
            stopwatch.seconds += 60
            return convert(value)

        return converted

    def answer(ordinal: int) -> int:
        stopwatch.seconds += 1
        return ordinal + 1

    own = Way[date]("ordinals", answer, slow(date.toordinal), slow(date.fromordinal))  # type: ignore[arg-type]
    next_day = stopwatch.way("ours", iter([1.0] * 2))
    _, standing = race([next_day, own], [MONDAY], rounds=1, timer=stopwatch.read)
    assert standing.microseconds == 1e6
    assert standing.answers.different == ()


def test_a_wrong_answer_is_kept_with_its_question() -> None:
    answers = [day + timedelta(days=1) for day in WEEK]
    wrong = [*answers[:3], date(2030, 1, 1), *answers[4:]]
    (different,) = compare(WEEK, answers, wrong).different
    assert (different.question, different.ours, different.theirs) == (WEEK[3], answers[3], date(2030, 1, 1))


def test_an_answer_across_a_day_that_a_way_cannot_know_is_the_answer_to_another_question() -> None:
    saturday = WEEK[5]
    ours = [day + timedelta(days=2) for day in WEEK]
    comparison = compare(WEEK, ours, ours[:3] + [date(2030, 1, 1)] * 3 + ours[6:], [saturday])
    assert (comparison.compared, comparison.left_out, comparison.different) == (4, 3, ())


def test_an_instant_counts_by_its_day() -> None:
    morning = datetime(2026, 3, 7, 8, tzinfo=VIETNAM)
    evening = morning + timedelta(hours=9)
    assert compare([morning], [evening], [evening], [morning.date()]).left_out == 1
    assert compare([morning], [evening], [evening], [date(2026, 3, 6), date(2026, 3, 8)]).left_out == 0


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(days, days, days)), st.lists(days).map(sorted))
def test_every_answer_is_compared_or_left_out_and_no_difference_is_lost(
    rows: list[tuple[date, date, date]], blind_to: list[date]
) -> None:
    rows = [(min(row), *row[1:]) for row in rows]
    questions, ours, theirs = ([row[place] for row in rows] for place in range(3))
    comparison = compare(questions, ours, theirs, blind_to)
    seen = [row for row in rows if not any(row[0] <= day <= max(row) for day in blind_to)]
    assert (comparison.compared, comparison.left_out) == (len(seen), len(rows) - len(seen))
    assert len(comparison.different) == sum(row[1] != row[2] for row in seen)
