"""The slow oracle knows the law's own examples, and agrees with the engine everywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.training.scenes import CALENDAR, at
from tracking.deadlines.terms import Term
from tracking.deadlines.working_time import WorkingTime
from worker.training.oracle import due_date, last_known_state

ENGINE = WorkingTime(CALENDAR)


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        ("2026-03-02 08:15", (5, "working_days"), "2026-03-09 17:00"),
        ("2026-02-13 10:00", (3, "working_days"), "2026-02-25 17:00"),
        ("2026-02-13 17:00", (3, "working_days"), "2026-02-25 17:00"),
        ("2026-02-14 09:00", (3, "working_days"), "2026-02-26 17:00"),
        ("2026-08-20 09:00", (3, "working_days"), "2026-08-24 17:00"),
        ("2026-02-13 16:00", (2, "working_hours"), "2026-02-23 08:30"),
        ("2026-03-03 12:15", (2, "working_hours"), "2026-03-03 15:30"),
        ("2026-04-16 09:00", (15, "calendar_days"), "2026-05-04 17:00"),
        ("2026-03-03 14:55", (1, "same_day"), "2026-03-03 17:00"),
    ],
)
def test_the_examples_of_the_law(start: str, term: tuple[int, str], due: str) -> None:
    assert due_date(CALENDAR, at(start), term) == at(due)


minutes = st.integers(0, 200 * 24 * 60).map(lambda minute: at("2025-12-01 00:00") + timedelta(minutes=minute))


@given(
    start=minutes, amount=st.integers(1, 15), unit=st.sampled_from(["working_days", "working_hours", "calendar_days"])
)
def test_the_engine_says_the_same(start: datetime, amount: int, unit: str) -> None:
    assert due_date(CALENDAR, start, (amount, unit)) == ENGINE.due(start, Term.parse(amount, unit))


def test_the_last_state_is_the_last_in_time_that_anybody_understands() -> None:
    told = [
        (at("2026-02-13 09:00"), "delivered"),
        (at("2026-02-12 09:00"), "in_transit"),
        (at("2026-02-14 09:00"), "unexplained"),
    ]
    assert last_known_state(told) == "delivered"
    assert last_known_state([]) is None
