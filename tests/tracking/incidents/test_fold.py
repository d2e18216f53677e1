"""The state of an incident as a pure fold: who owes what, what is left of it, and what is due next."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.parties import Party
from tests.tracking.deadlines.story import at
from tests.tracking.incidents.said import cost, finding, last_days, opened, paid, said, slip, told
from tracking.deadlines.promises import Zone
from tracking.incidents.deadlines import Circumstances, NextKind, months_after, next_step
from tracking.incidents.fold import Incident, Stated

COMPLAINT = said("complaint_filed", "2026-03-03 09:00", what="mất")
ANSWER = said("complaint_answered", "2026-03-06 09:00", what="đã xác minh")
PLAN = said("reissue_planned", "2026-03-02 09:00", steps=[{"step": "1", "papers": ["Tờ khai"], "applicant": "citizen"}])
RESOLVED = said("resolved", "2026-03-20 10:00", resolution="xong")
CLOSED = said("closed", "2026-03-20 11:00")

STORY = (
    opened(), slip(), COMPLAINT, ANSWER, cost(), finding(), PLAN, paid(140_000),
    said("refund_counted", "2026-03-10 09:00", amount_vnd=30_000),
    said("owner_assigned", "2026-03-04 09:00", owner="onestop:H14.10"),
    said("found", "2026-03-12 09:00", what="ở bưu cục khác"),
    said("reissue_done", "2026-03-16 09:00", step="1"), RESOLVED, CLOSED,
)  # fmt: skip


def due_next(incident: Incident) -> NextKind | None:
    step = next_step(incident, last_days(incident))
    return step.kind if step else None


@given(st.permutations(STORY))
def test_the_order_in_which_facts_come_in_does_not_matter(facts: list[Stated]) -> None:
    assert told(*facts) == told(*STORY)


@given(st.permutations(STORY[1:]), st.integers(0, len(STORY)))
def test_claims_only_grow_so_that_no_money_is_ever_taken_back(facts: list[Stated], known: int) -> None:
    fewer = told(STORY[0], *facts[:known])
    recorded = {claim.fact_id: claim for claim in told(STORY[0], *facts).claims}
    assert all(recorded[claim.fact_id] == claim for claim in fewer.claims)


@given(st.lists(st.integers(1, 400_000), max_size=6), st.lists(st.integers(1, 400_000), max_size=6))
def test_what_is_outstanding_is_what_follows_less_what_was_paid(costs: list[int], payments: list[int]) -> None:
    facts = [cost(amount, f"2026-03-09 09:0{n}") for n, amount in enumerate(costs)]
    facts += [paid(amount, f"2026-03-20 09:0{n}") for n, amount in enumerate(payments)]
    incident = told(opened(), slip(), finding(), *facts)
    assert incident.outstanding_vnd == max(0, 120_000 + sum(costs) - sum(payments))


def test_the_least_compensation_is_four_times_the_charge() -> None:
    (claim,) = told(opened(), slip(), finding(charge_vnd=31_500)).claims
    assert (claim.debtor, claim.creditor, claim.amount_vnd) == (Party.POST, Party.CITIZEN, 126_000)


def test_without_proof_of_acceptance_nothing_is_compensated_until_the_slip_is_there() -> None:
    assert told(opened(), finding()).claims == ()
    assert told(opened(), finding(), slip("2026-03-15 09:00")).outstanding_vnd == 120_000


def test_what_turned_up_before_the_finding_was_late_and_not_lost() -> None:
    found = said("found", "2026-03-08 09:00", what="thấy rồi")
    assert told(opened(), slip(), found, finding()).claims == ()
    heard_later = said("found", "2026-03-08 09:00", recorded="2026-03-15 09:00", what="thấy rồi")
    assert told(opened(), slip(), heard_later, finding()).outstanding_vnd == 120_000


def test_a_find_that_was_a_mistake_is_taken_back_by_a_fact() -> None:
    found = said("found", "2026-03-08 09:00", what="thấy rồi")
    mistake = said("found", "2026-03-09 09:00", what="nhầm", found=False)
    assert told(opened(), found).found_at == at("2026-03-08 09:00")
    assert told(opened(), found, mistake).found_at is None


@pytest.mark.parametrize(
    ("fault", "own", "claims"),
    [
        ("post", None, [("post", "citizen", 50_000), ("post", "citizen", 120_000)]),
        ("agency", None, [("agency", "citizen", 50_000)]),
        ("citizen", None, []),
        ("nobody", None, []),
        ("nobody", "post", [("post", "citizen", 50_000)]),
    ],
)
def test_every_cost_goes_to_the_party_at_fault(fault: str, own: str | None, claims: list[tuple[str, str, int]]) -> None:
    incident = told(opened(), slip(), cost(party_at_fault=own), finding(fault=fault))
    assert [(one.debtor, one.creditor, one.amount_vnd) for one in incident.claims] == claims


def test_a_cost_is_owed_by_nobody_before_the_finding() -> None:
    assert told(opened(), slip(), cost()).claims == ()


@pytest.mark.parametrize(
    ("facts", "then"),
    [
        ((), NextKind.COMPLAIN),
        ((COMPLAINT,), NextKind.ANSWER),
        ((COMPLAINT, ANSWER), NextKind.FIND),
        ((slip(), finding()), NextKind.PAY),
        ((PLAN, finding(fault="nobody")), NextKind.REISSUE),
        ((finding(fault="nobody"),), NextKind.RESOLVE),
        ((slip(), finding(), paid(120_000), RESOLVED), NextKind.CLOSE),
        ((RESOLVED, CLOSED), None),
    ],
)
def test_there_is_always_a_next_step_until_it_is_closed(facts: tuple[Stated, ...], then: NextKind | None) -> None:
    assert due_next(told(opened(), *facts)) is then


def test_a_torn_package_is_inventoried_first() -> None:
    assert due_next(told(opened("torn"), COMPLAINT)) is NextKind.INVENTORY


def test_a_loss_is_complained_of_within_six_months_of_the_end_of_the_transit_time() -> None:
    about = Circumstances(Zone.SAME_PROVINCE, date(2026, 3, 4), None)
    assert last_days(told(opened()), about).complaint == date(2026, 9, 4)


def test_damage_is_complained_of_within_a_month_of_delivery() -> None:
    about = Circumstances(Zone.SAME_PROVINCE, date(2026, 3, 4), date(2026, 1, 31))
    assert last_days(told(opened("wet")), about).complaint == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("zone", "due"),
    [(Zone.SAME_PROVINCE, date(2026, 3, 10)), (Zone.SPECIAL_CITIES, date(2026, 3, 12)), (None, date(2026, 3, 10))],
)
def test_a_complaint_is_answered_within_five_working_days_or_seven_between_provinces(
    zone: Zone | None, due: date
) -> None:
    assert last_days(told(opened(), COMPLAINT), Circumstances(zone, None, None)).answer == due


def test_compensation_is_due_thirty_days_after_the_finding() -> None:
    assert last_days(told(opened(), slip(), finding())).compensation == date(2026, 4, 9)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
