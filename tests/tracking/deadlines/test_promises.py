"""Promises around the due date: when a citizen may expect the result, and requests by the hour."""

from datetime import date, time

import pytest

from tests.tracking.deadlines.story import at
from tracking.deadlines import RuleNotInForceError, Rules, Term, Unit, WorkingTime
from tracking.deadlines.promises import Zone, correction_request_due, expected_delivery, last_hour_cutoff


@pytest.mark.parametrize(
    ("result_day", "zone", "expected"),
    [
        (date(2026, 3, 2), Zone.SAME_AREA, date(2026, 3, 4)),
        (date(2026, 2, 12), Zone.SAME_PROVINCE, date(2026, 2, 24)),
        (date(2026, 2, 13), Zone.SAME_AREA, date(2026, 2, 24)),
        (date(2026, 3, 7), Zone.INTER_PROVINCE, date(2026, 3, 13)),
    ],
)
def test_a_result_is_taken_on_the_next_working_day_and_then_has_its_transit_time(
    office: WorkingTime, law: Rules, result_day: date, zone: Zone, expected: date
) -> None:
    assert expected_delivery(result_day, zone, law, office) == expected


def test_corrections_are_asked_for_within_eight_working_hours(office: WorkingTime, law: Rules) -> None:
    assert correction_request_due(at("2026-03-02 14:00"), law, office) == at("2026-03-03 14:30")
    with pytest.raises(RuleNotInForceError):
        correction_request_due(at("2025-12-31 14:00"), law, office)


def test_the_last_hour_before_closing_counts_only_where_a_procedure_says_so(office: WorkingTime, law: Rules) -> None:
    late, term = at("2026-03-03 16:01"), Term(1, Unit.WORKING_DAYS)
    cutoff = last_hour_cutoff(late.date(), law, office)
    assert cutoff == time(16)
    assert office.due(late, term) == at("2026-03-04 17:00")
    assert office.due(late, term, cutoff=cutoff) == at("2026-03-05 17:00")
