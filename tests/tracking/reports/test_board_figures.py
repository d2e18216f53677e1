"""The board's figures: everybody's part adds up, and weeks begin on Monday."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracking.reports.figures import Figures, Key, last_weeks, visible

AGENCIES = st.sampled_from(["H14.10", "H14.12", "H15.01"])
COUNTS = st.dictionaries(st.tuples(AGENCIES, st.sampled_from("ab")), st.integers(0, 9)).map(Counter[Key])


@given(COUNTS)
def test_the_parts_of_all_agencies_add_up(counts: Counter[Key]) -> None:
    parts = [visible(counts, one.__eq__) for one in ("H14.10", "H14.12", "H15.01")]
    assert sum(parts, Counter()) == +visible(counts, lambda _agency: True)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 30))
def test_weeks_begin_on_monday_and_end_with_the_one_under_way(today: date, weeks: int) -> None:
    found = Figures(last_weeks(today, weeks)).weeks
    mondays = [date.fromisoformat(week) for week in found]
    assert len(mondays) == weeks + 1
    assert {day.weekday() for day in mondays} == {0}
    assert 0 <= (today - mondays[-1]).days < 7
