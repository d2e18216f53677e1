"""A compensation of four times the charge includes the charge: beside it no refund is owed.

Decree 47/2011/NĐ-CP Art. 25.
"""

from __future__ import annotations

import pytest

from dispatch.problems import Problem
from tests.tracking.case import COLLECTED, DELIVERED, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import price_known
from tests.tracking.incidents.test_incidents import noticed, says, slip
from tests.tracking.test_money import debts, pays
from tracking.incidents.facts import Finding
from tracking.incidents.records import report

pytestmark = ON_SQLITE

REFUND = ("postage", "post", "citizen", 30_000)
REST = ("damages", "post", "citizen", 90_000)
COMPENSATION = ("damages", "post", "citizen", 120_000)


@pytest.fixture
def sent(case: Case) -> Case:
    """Papers that the postman has collected on Monday, 2 March, for 30,000 đồng."""
    price_known(case, 30_000)
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    return case


def arrived_late(case: Case) -> None:
    case.reported(case.s1, DELIVERED, "2026-03-12 15:00")


def compensated(case: Case) -> None:
    """The parcel was wet, and the post is found to be at fault."""
    noticed(case, "wet")
    slip(case, "2026-03-12 16:00")
    says(case, "2026-03-16 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=30_000)


def test_what_was_late_and_is_compensated_is_not_refunded_besides(sent: Case) -> None:
    arrived_late(sent)
    assert debts(sent) == [REFUND]
    compensated(sent)
    assert debts(sent) == [COMPENSATION]


def test_what_turns_out_to_be_late_after_its_compensation_is_not_refunded_either(sent: Case) -> None:
    compensated(sent)
    arrived_late(sent)
    assert debts(sent) == [COMPENSATION]


def refunded(case: Case) -> None:
    pays(case, "refund", ledger="postage", debtor="post", creditor="citizen", amount_vnd=30_000, order=case.s1)


def pays_all(case: Case, vnd: int) -> None:
    """The post pays the rest, and the incident is closed."""
    says(case, "2026-03-20 09:00", "compensation_paid", amount_vnd=vnd, document="PC 7")
    says(case, "2026-03-20 10:00", "resolved", resolution="đã bồi thường")
    says(case, "2026-03-20 11:00", "closed")


def test_a_refund_that_was_paid_is_not_asked_back_and_counts_towards_the_compensation(sent: Case) -> None:
    arrived_late(sent)
    refunded(sent)
    compensated(sent)
    assert debts(sent) == [REST], "four times the charge, less the charge that is paid back"
    (told,) = sent.told_citizen("compensation_due")
    assert "90.000" in told["text_vi"]
    pays_all(sent, 90_000)
    assert debts(sent) == []


def test_a_refund_that_nobody_paid_counts_for_nothing(sent: Case) -> None:
    arrived_late(sent)
    compensated(sent)
    with pytest.raises(Problem, match="refund"):
        refunded(sent)
    pays_all(sent, 120_000)
    assert debts(sent) == []


def test_acceptance_that_is_proven_after_the_finding_lets_the_refund_count_then(sent: Case) -> None:
    arrived_late(sent)
    refunded(sent)
    noticed(sent, "wet")
    says(sent, "2026-03-16 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=30_000)
    assert debts(sent) == [], "nothing is compensated without a proof"
    slip(sent, "2026-03-17 09:00")
    assert debts(sent) == [REST]


def test_a_refund_that_is_still_owed_goes_into_what_is_compensated_once_acceptance_is_proven(sent: Case) -> None:
    arrived_late(sent)
    noticed(sent, "wet")
    says(sent, "2026-03-16 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=30_000)
    assert debts(sent) == [REFUND]
    slip(sent, "2026-03-17 09:00")
    assert debts(sent) == [COMPENSATION]


def test_a_refund_counts_towards_one_compensation_only(sent: Case) -> None:
    arrived_late(sent)
    refunded(sent)
    compensated(sent)
    pays_all(sent, 90_000)
    second = noticed(sent, "torn", "2026-03-23 09:00", report_id="torn-2").row.id
    said = {"at": sent.now("2026-03-24 09:00"), "by": "Nông Thị Hoa", "fact_id": "finding"}
    about = {"document": "2/KL", "party_at_fault": "post", "charge_vnd": 30_000, "acceptance_proof": "phiếu gửi"}
    with sent.desk.context.database.write() as session:
        report(session, sent.desk.context, sent.desk.office, second, Finding.model_validate({**said, **about}))
    assert debts(sent) == [COMPENSATION]


def test_costs_that_another_party_bears_are_no_compensation_and_the_refund_stays(sent: Case) -> None:
    arrived_late(sent)
    noticed(sent, "wet")
    says(sent, "2026-03-13 09:00", "cost", what="lệ phí cấp lại", amount_vnd=40_000, borne_by="citizen")
    says(sent, "2026-03-16 09:00", "finding", document="1/KL", party_at_fault="agency")
    assert set(debts(sent)) == {REFUND, ("damages", "agency", "citizen", 40_000)}
