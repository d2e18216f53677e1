"""How a shipment counts for its operator's punctuality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.deadlines.offices import OFFICE
from tests.tracking.deadlines.story import at
from tracking.reports.carriage import Carriage, transit, week_of

TODAY = date(2026, 3, 20)
OUTCOMES = {"kept", "late", "missing", "under_way", "turned", "unpromised"}
BANDS = {"within_1", "within_2", "within_4", "beyond_4"}
WORKING = OFFICE.of("")


def carriage(
    kept: bool | None,
    *,
    delivered: str | None = None,
    tried: Sequence[str] = (),
    due: date | None = date(2026, 3, 4),
    homeward: bool = True,
    state: str = "in_transit",
) -> Carriage:
    arrived = at(delivered) if delivered else None
    return Carriage("D-R1", homeward, at("2026-03-02 09:00"), arrived, [at(one) for one in tried], due, kept, state)


def columns(one: Carriage) -> dict[str, int]:
    return dict(transit(one, TODAY, WORKING))


def test_a_results_transit_ends_with_the_first_attempt_and_papers_on_the_desk() -> None:
    tried = carriage(True, delivered="2026-03-09 09:00", tried=["2026-03-04 10:00"])
    assert columns(tried) == {"kept": 1, "within_2": 1, "days": 2}
    inward = carriage(False, delivered="2026-03-09 09:00", tried=["2026-03-04 10:00"], homeward=False)
    assert columns(inward) == {"late": 1, "beyond_4": 1, "days": 5}


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (carriage(None), "missing"),
        (carriage(None, due=TODAY), "under_way"),
        (carriage(None, state="returning"), "turned"),
        (carriage(None, due=None), "unpromised"),
    ],
)
def test_what_has_not_arrived_has_an_outcome_too(one: Carriage, outcome: str) -> None:
    assert columns(one) == {outcome: 1}


def test_the_same_day_takes_no_days() -> None:
    assert columns(carriage(True, delivered="2026-03-02 15:00")) == {"kept": 1, "within_1": 1}


@given(
    kept=st.sampled_from([True, False, None]),
    hours=st.lists(st.integers(-48, 400), max_size=4),
    due=st.none() | st.dates(date(2026, 3, 2), date(2026, 3, 31)),
    state=st.sampled_from(["in_transit", "returning", "returned", "delivered", "lost"]),
    homeward=st.booleans(),
)
def test_every_item_has_one_outcome_and_what_arrived_one_length(
    kept: bool | None, hours: list[int], due: date | None, state: str, homeward: bool
) -> None:
    start = at("2026-03-02 09:00")
    instants = [datetime.fromtimestamp(start.timestamp() + 3600 * n, start.tzinfo) for n in hours]
    one = Carriage("D", homeward, start, instants[0] if instants else None, instants[1:], due, kept, state)
    found = columns(one)
    assert len(found.keys() & OUTCOMES) == 1
    arrived = found.keys() & {"kept", "late"} and one.arrived_on is not None
    assert len(found.keys() & BANDS) == bool(arrived)
    assert all(amount > 0 for amount in found.values())


def test_weeks_run_from_monday_to_sunday_over_the_new_year() -> None:
    assert week_of(date(2026, 3, 8)) == ("2026-W10", "Tuần 10 (02/03-08/03/2026)")
    assert week_of(date(2027, 1, 3))[0] == week_of(date(2026, 12, 28))[0] == "2026-W53"
