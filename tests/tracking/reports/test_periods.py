from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from tracking.reports.periods import Period, Rhythm, last_whole, month_of, quarter_of

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_both_ends_belong_to_a_period_in_vietnam() -> None:
    march = month_of(date(2026, 3, 15))
    assert march.holds(datetime(2026, 2, 28, 17, 0, tzinfo=VIETNAM)) is False
    assert march.holds(datetime.fromisoformat("2026-02-28T17:00:00+00:00"))
    assert march.holds(datetime.fromisoformat("2026-03-31T16:59:59+00:00"))
    assert not march.holds(datetime.fromisoformat("2026-03-31T17:00:00+00:00"))


def test_a_period_never_ends_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


@given(day=DAYS)
def test_months_and_quarters_hold_their_days_and_end_on_the_last(day: date) -> None:
    for period in (month_of(day), quarter_of(day)):
        assert period.first <= day <= period.last
        assert (period.last + timedelta(days=1)).day == 1
    assert quarter_of(day).first.month in (1, 4, 7, 10)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("2026-02-01", "2026-02-28", "2026-02"),
        ("2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026-01-01", "2026-12-31", "20260101-20261231"),
        ("2026-03-02", "2026-03-08", "20260302-20260308"),
    ],
)
def test_a_period_has_a_short_name(first: str, last: str, name: str) -> None:
    assert Period(date.fromisoformat(first), date.fromisoformat(last)).name == name


@pytest.mark.parametrize(
    ("now", "month", "quarter"),
    [
        ("2026-04-01 23:00", "2026-02", "2025-Q4"),
        ("2026-04-02 07:00", "2026-03", "2026-Q1"),
        ("2027-01-05 08:00", "2026-12", "2026-Q4"),
    ],
)
def test_a_period_is_made_when_the_last_news_of_it_are_in(now: str, month: str, quarter: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=VIETNAM)
    wait = timedelta(hours=30)
    assert last_whole(Rhythm.MONTH, at, wait).name == month
    assert last_whole(Rhythm.QUARTER, at, wait).name == quarter
