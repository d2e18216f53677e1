"""The operator's quarter (Circular 17/2017/TT-BTTTT Art. 13): volume, money, complaints, harm and compensation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from tests.support.desk import TestDesk, opened_desk
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tests.tracking.homeward import price_known
from tests.tracking.incidents.test_incidents import noticed, says, slip
from tracking.reports.carriage_layouts import OPERATOR_QUARTER
from tracking.reports.making import tallied
from tracking.reports.periods import Period
from tracking.reports.tally import Evidence

QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
SEND = ("vnpost_ngsp", "send")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One parcel arrives well, one late, one late and wet: the last is complained about, found for, and paid for.

    Its compensation takes the place of the refund for its lateness.
    """
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        well, late, wet = (Case.opened(desk) for _ in range(3))
        price_known(well, 30_000)
        for case in (well, late, wet):
            case.order("send")
            case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
        well.reported(well.s1, DELIVERED, "2026-03-03 15:00")
        for case in (late, wet):
            case.reported(case.s1, DELIVERED, "2026-03-12 15:00")
        noticed(wet, "wet")
        slip(wet, "2026-03-12 16:00")
        says(wet, "2026-03-13 09:00", "complaint_filed", what="Giấy khai sinh bị ướt")
        says(wet, "2026-03-16 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=30_000)
        says(wet, "2026-03-17 09:00", "complaint_answered", what="Bưu điện bồi thường")
        says(wet, "2026-04-03 09:00", "compensation_paid", amount_vnd=120_000, document="PC-7")
        yield desk


def quarter(desk: TestDesk, period: Period) -> dict[tuple[str, ...], dict[str, int]]:
    with tallied(desk.context, desk.office, OPERATOR_QUARTER, period) as tally:
        return tally.figures()


def behind(desk: TestDesk, period: Period, column: str) -> list[Evidence]:
    with tallied(desk.context, desk.office, OPERATOR_QUARTER, period) as tally:
        return [one for row in tally.figures() for one in tally.evidence(row) if one.column == column]


def test_the_quarter_of_the_operator(desk: TestDesk) -> None:
    assert quarter(desk, QUARTER) == {
        SEND: {
            "intact": 2,
            "harmed": 1,
            "charged": 90_000,
            "refunded": 30_000,
            "complaints": 1,
            "answered": 1,
            "at_fault": 1,
            "damaged": 1,
        }
    }


def test_money_counts_in_the_quarter_in_which_it_was_paid(desk: TestDesk) -> None:
    second = Period(date(2026, 4, 1), date(2026, 6, 30))
    assert quarter(desk, second) == {SEND: {"compensated": 1, "paid": 120_000}}


def test_a_complaint_waits_until_its_answer(desk: TestDesk) -> None:
    found = quarter(desk, Period(date(2026, 3, 1), date(2026, 3, 16)))[SEND]
    assert (found["complaints"], found["unanswered"]) == (1, 1)
    assert "answered" not in found


def test_money_is_traced_to_its_facts_also_what_was_taken_back(desk: TestDesk) -> None:
    refunds = behind(desk, QUARTER, "refunded")
    assert [one.amount for one in refunds] == [30_000, 30_000, -30_000]
    assert all(one.item.startswith(f"{one.dossier}-S1:late-refund:") for one in refunds)
    assert {one.amount for one in behind(desk, QUARTER, "charged")} == {30_000}
