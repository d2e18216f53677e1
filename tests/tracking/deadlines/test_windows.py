"""What the watch is told, at the edges of each window and over Tet 2026 (no work from 14 to 22 February)."""

from datetime import date

import pytest

from tests.tracking.deadlines.story import at
from tracking.deadlines import Rules, WorkingTime
from tracking.deadlines.windows import (
    DueSoon,
    ExtensionClosing,
    Overdue,
    SilentSupplement,
    SupplementClosing,
    due_soon,
    extension_closing,
    overdue,
    silent_supplement,
    supplement_closing,
)

DUE = at("2026-02-23 17:00")


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-02-11 23:59", None),
        ("2026-02-12 00:00", 2),
        ("2026-02-13 08:00", 1),
        ("2026-02-18 08:00", 1),
        ("2026-02-23 23:59", 0),
        ("2026-02-24 00:00", None),
    ],
)
def test_a_result_is_due_soon_two_working_days_before_and_until_its_day_is_over(
    office: WorkingTime, now: str, left: int | None
) -> None:
    assert due_soon(DUE, at(now), 2, office) == (None if left is None else DueSoon(DUE, left))


@pytest.mark.parametrize(
    ("due", "now", "late"),
    [
        ("2026-02-23 17:00", "2026-02-23 23:59", None),
        ("2026-02-23 17:00", "2026-02-24 00:00", 1),
        ("2026-02-13 17:00", "2026-02-18 09:00", 0),
        ("2026-02-13 17:00", "2026-02-24 09:00", 2),
    ],
)
def test_a_result_is_overdue_when_its_day_is_over(office: WorkingTime, due: str, now: str, late: int | None) -> None:
    assert overdue(at(due), at(now), office) == (None if late is None else Overdue(at(due), late))


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-02-11 09:00", None),
        ("2026-02-12 09:00", 1),
        ("2026-02-13 16:00", 0),
        ("2026-02-22 09:00", 0),
        ("2026-02-23 07:30", None),
    ],
)
def test_the_last_day_to_announce_an_extension_lies_before_tet(
    office: WorkingTime, law: Rules, now: str, left: int | None
) -> None:
    closing = extension_closing(DUE, 0, at(now), 1, law, office)
    assert closing == (None if left is None else ExtensionClosing(date(2026, 2, 13), date(2026, 2, 22), left))


def test_where_the_extension_is_used_up_there_is_no_window(office: WorkingTime, law: Rules) -> None:
    assert extension_closing(DUE, 1, at("2026-02-13 09:00"), 1, law, office) is None


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-03-03 09:00", None),
        ("2026-03-04 09:00", 1),
        ("2026-03-05 23:00", 0),
        ("2026-03-06 00:00", None),
    ],
)
def test_the_agency_can_ask_for_papers_for_three_working_days(
    office: WorkingTime, law: Rules, now: str, left: int | None
) -> None:
    closing = supplement_closing(date(2026, 3, 2), at(now), 1, law, office)
    assert closing == (None if left is None else SupplementClosing(date(2026, 3, 5), left))


@pytest.mark.parametrize(
    ("now", "silent"), [("2026-03-12 23:59", None), ("2026-03-13 00:00", 16), ("2026-03-14 09:00", 16)]
)
def test_a_dossier_may_be_closed_after_fifteen_silent_working_days(
    office: WorkingTime, law: Rules, now: str, silent: int | None
) -> None:
    requested = at("2026-02-12 10:00")
    closable = silent_supplement(requested, at(now), law, office)
    expected = None if silent is None else SilentSupplement(date(2026, 2, 12), date(2026, 3, 13), silent)
    assert closable == expected


def test_silence_closed_nothing_before_there_was_such_a_rule(office: WorkingTime, law: Rules) -> None:
    assert silent_supplement(at("2025-12-31 10:00"), at("2026-06-01 10:00"), law, office) is None
