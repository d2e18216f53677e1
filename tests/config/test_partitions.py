from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from config.partitions import SEQUENCE_BITS, Partitioned, first_id, following, months

INSTANTS = st.integers(946684800, 3786912000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_months_follow_each_other_over_the_new_year() -> None:
    assert months(date(2026, 11, 26), 3) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_every_day_lies_in_exactly_one_month(day: date) -> None:
    (month,) = months(day, 1)
    assert month <= day < following(month)


@given(INSTANTS, INSTANTS, st.integers(0, 2**SEQUENCE_BITS - 1))
def test_an_id_lies_between_the_bounds_of_its_time(one: datetime, other: datetime, number: int) -> None:
    earlier, later = sorted((one, other))
    made = first_id(earlier) | number
    assert first_id(earlier) <= made < 2**63
    if int(later.timestamp()) > int(earlier.timestamp()):
        assert made < first_id(later)


def test_a_bound_is_an_instant_or_the_first_id_of_it() -> None:
    assert Partitioned("tracking_event", "event_time").bound(date(2026, 12, 1)) == "'2026-12-01T00:00:00+00:00'"
    assert Partitioned("inbox_delivery", "id", by_id=True).bound(date(2026, 12, 1)) == str(1796083200 << 31)
