"""What an incident does not take, each time with the rule and its source where it is law."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from dispatch.problems import Problem
from tests.tracking.incidents.said import NOW, RULES, cost, finding, last_days, opened, paid, said, slip, told
from tracking.deadlines.promises import Zone
from tracking.incidents import facts as f
from tracking.incidents.checks import check
from tracking.incidents.deadlines import Circumstances
from tracking.incidents.fold import Stated

ABOUT = Circumstances(Zone.SAME_PROVINCE, date(2026, 3, 4), date(2026, 3, 4))
RESOLVED = said("resolved", "2026-03-20 10:00", resolution="xong")
CLOSED = said("closed", "2026-03-20 11:00")


def refusal(*facts: Stated) -> Problem | None:
    """Return why the last of the facts is refused after the others; None where it is taken."""
    *known, new = facts
    incident = told(*known)
    assert not isinstance(new.form, f.Opened | f.RefundCounted)
    try:
        check(incident, new.form, last_days(incident, ABOUT), RULES, NOW)
    except Problem as problem:
        return problem
    return None


def kind(*facts: Stated) -> str | None:
    problem = refusal(*facts)
    return problem.kind if problem else None


def test_an_incident_is_not_closed_without_a_resolution() -> None:
    assert kind(opened(), CLOSED) == "incident-out-of-turn"
    assert kind(opened(), RESOLVED, CLOSED) is None


def test_an_incident_is_not_closed_while_compensation_is_neither_paid_nor_waived() -> None:
    known = (opened(), slip(), finding(), RESOLVED)
    problem = refusal(*known, CLOSED)
    assert problem is not None
    assert (problem.kind, problem.extra["rule"]) == ("compensation-open", "compensation.term")
    assert "47/2011" in problem.extra["legal_source"]
    assert kind(*known, paid(119_999), CLOSED) == "compensation-open"
    assert kind(*known, paid(120_000), CLOSED) is None
    waived = said("compensation_waived", "2026-03-19 09:00", amount_vnd=120_000, reason="không yêu cầu")
    assert kind(*known, waived, CLOSED) is None


def test_less_than_the_law_allows_is_refused_with_its_rule_and_more_is_welcome() -> None:
    problem = refusal(opened(), slip(), finding(compensation_vnd=119_999))
    assert problem is not None
    assert (problem.kind, problem.extra["rule"]) == ("compensation-too-low", "compensation.minimum")
    assert "Điều 25" in problem.extra["legal_source"]
    assert kind(opened(), slip(), finding(compensation_vnd=500_000)) is None
    assert kind(opened(), slip(), finding(), paid(130_000)) is None


@pytest.mark.parametrize("amount", [0, -1])
def test_no_amount_is_nothing_or_less(amount: int) -> None:
    with pytest.raises(ValidationError):
        paid(amount)
    with pytest.raises(ValidationError):
        cost(amount)
    with pytest.raises(ValidationError):
        finding(compensation_vnd=amount)


def test_compensation_without_proof_of_acceptance_is_refused() -> None:
    problem = refusal(opened(), finding(compensation_vnd=120_000))
    assert problem is not None
    assert (problem.kind, problem.extra["rule"]) == ("compensation-without-proof", "compensation.proof")
    assert kind(opened(), finding(compensation_vnd=120_000, acceptance_proof="PG-1")) is None


@pytest.mark.parametrize(
    "facts",
    [
        (opened(), paid(1)),
        (opened(), slip(), finding(fault="agency"), paid(1)),
        (opened(), slip(), finding(), paid(1, payer="agency")),
        (opened(), said("complaint_answered", "2026-03-06 09:00", what="?")),
        (opened(), said("reissue_done", "2026-03-06 09:00", step="9")),
        (opened(), slip(), finding(), said("compensation_waived", "2026-03-19 09:00", amount_vnd=120_001, reason="?")),
        (opened(), slip(), finding(fault="agency", compensation_vnd=120_000)),
    ],
)
def test_what_does_not_follow_is_refused(facts: tuple[Stated, ...]) -> None:
    assert kind(*facts) == "incident-out-of-turn"


def test_a_complaint_after_its_last_day_is_refused() -> None:
    late = said("complaint_filed", "2026-04-05 09:00", what="ướt")
    assert kind(opened("wet"), late) == "complaint-too-late"
    assert kind(opened("lost"), late) is None


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (finding(), finding("2026-03-11 09:00")),
        (
            said("complaint_filed", "2026-03-03 09:00", what="mất"),
            said("complaint_filed", "2026-03-04 09:00", what="mất"),
        ),
    ],
)
def test_what_is_said_once_stands(first: Stated, again: Stated) -> None:
    assert kind(opened(), slip(), first, again) == "incident-fact-stands"


def test_the_charge_is_needed_to_know_the_least_compensation() -> None:
    assert kind(opened(), slip(), finding(charge_vnd=None)) == "finding-incomplete"
    assert kind(opened("slip_lost"), finding(charge_vnd=None)) is None


def test_a_torn_package_is_not_closed_without_its_inventory() -> None:
    inventory = said(
        "inventory", "2026-03-02 11:00", found_inside=["Tờ khai"], wrapped_again=True, witness="Lý Văn Páo"
    )
    assert kind(opened("torn"), RESOLVED, CLOSED) == "inventory-missing"
    assert kind(opened("torn"), inventory, RESOLVED, CLOSED) is None


def test_papers_that_are_still_to_be_made_again_keep_it_open_unless_they_turn_up() -> None:
    plan = said("reissue_planned", "2026-03-02 09:00", steps=[{"step": "1", "papers": ["A"], "applicant": "agency"}])
    found = said("found", "2026-03-03 09:00", what="thấy")
    assert kind(opened(), plan, RESOLVED, CLOSED) == "incident-out-of-turn"
    assert kind(opened(), plan, found, RESOLVED, CLOSED) is None


def test_a_closed_incident_takes_nothing_but_a_find() -> None:
    known = (opened(), RESOLVED, CLOSED)
    assert kind(*known, cost(when="2026-04-01 09:00")) == "incident-closed"
    assert kind(*known, said("found", "2026-04-01 09:00", what="thấy")) is None


def test_what_is_to_come_is_not_reported_yet() -> None:
    assert kind(opened(), said("resolved", "2026-07-01 09:00", resolution="sẽ xong")) == "incident-fact"
