"""Incidents at a desk: they open by themselves or by a report, always have an owner, and are watched until closed."""

from __future__ import annotations

from typing import Any

import pytest

from carriers.states import ShipmentState
from dispatch.dossiers import get_dossier
from dispatch.money.facts import money_of
from dispatch.money.kinds import Ledger, MoneyFact
from dispatch.problems import Problem
from tests.tracking.case import COLLECTED, Case, happen_unforeseen, local_text
from tracking import watch
from tracking.clock_facts import ledger_of
from tracking.deadlines.clock import ClockState
from tracking.incidents import facts as f
from tracking.incidents.forms import IncidentForm
from tracking.incidents.records import Standing, report, standings
from tracking.incidents.reports import report_incident
from tracking.incidents.rows import incidents_of


def all_of(case: Case) -> list[Standing]:
    with case.desk.read() as session:
        return standings(session, case.desk.office, incidents_of(session, case.code))


def only(case: Case) -> Standing:
    (one,) = all_of(case)
    return one


def happens_to_papers(case: Case, state: ShipmentState, when: str) -> None:
    with case.desk.context.database.write() as session:
        happen_unforeseen(session, case, state, when)


def collected(case: Case, *, signed: bool = True) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    if signed:
        case.signed(case.s1, "2026-03-02 15:00")


def noticed(case: Case, kind: str = "torn", when: str = "2026-03-02 10:00", **more: Any) -> Standing:
    """Somebody reports an incident, as over HTTP."""
    body = {
        "report_id": f"{kind}-1",
        "dossier": case.code,
        "order_number": case.s1,
        "kind": kind,
        "what": "bì rách một góc",
        "at": case.now(when),
        "by": "bưu tá Nông Văn Páo",
    }
    with case.desk.context.database.write() as session:
        form = IncidentForm.model_validate({**body, **more})
        return report_incident(session, case.desk.context, case.desk.office, form, "one-stop")


def says(case: Case, when: str, type: str, **more: Any) -> Standing:
    """Add a fact to the dossier's only incident."""
    body = {"fact_id": f"{type} {when}", "type": type, "at": case.now(when), "by": "Nông Thị Hoa", **more}
    incident = only(case).row.id
    fact = f.FACT.validate_python(body)
    assert not isinstance(fact, f.Opened | f.RefundCounted)
    with case.desk.context.database.write() as session:
        return report(session, case.desk.context, case.desk.office, incident, fact)


def slip(case: Case, when: str) -> Standing:
    return says(case, when, "evidence", sha256="0" * 64, size=9, media_type="image/png", shows="acceptance")


def money(case: Case) -> list[MoneyFact]:
    with case.desk.read() as session:
        return [fact for fact in money_of(session, case.code) if fact.ledger is Ledger.DAMAGES]


def clock_state(case: Case) -> ClockState:
    with case.desk.read() as session:
        return ledger_of(session, case.desk.office, get_dossier(session, case.code)).state


# --- lost by the operator's word ---


def test_a_loss_opens_an_incident_at_the_operator_with_a_plan_for_every_paper(case: Case) -> None:
    collected(case, signed=False)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    one = only(case)
    assert (one.incident.kind, one.incident.owner) == ("lost", "operator:vnpost-province")
    steps = [(step.papers, step.applicant) for step in one.incident.open_steps]
    assert steps == [(["Tờ khai"], "citizen"), (["Giấy tờ tùy thân"], "citizen")]
    assert [told["kind"] for told in case.told_onestop("postal.attention_needed")] == ["incident-open"]


def test_the_onestop_is_told_of_an_incident_once(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    watch.sweep(case.desk.context, case.desk.office)
    kinds = [told["kind"] for told in case.told_onestop("postal.attention_needed")]
    assert kinds.count("incident-open") == 1


def test_found_papers_let_the_clock_go_on_and_the_incident_waits_for_its_resolution(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    assert clock_state(case) is ClockState.SUSPENDED
    happens_to_papers(case, ShipmentState.IN_TRANSIT, "2026-03-05 09:00")
    assert clock_state(case) is ClockState.RUNNING
    one = only(case)
    assert (local_text(one.incident.found_at), one.incident.open_steps) == ("2026-03-05 09:00", ())
    assert (one.row.closed_at, one.next and one.next.kind) == (None, "resolve")
    assert len(case.told_citizen("papers_found")) == 1


def test_papers_that_are_lost_twice_are_two_incidents(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    happens_to_papers(case, ShipmentState.IN_TRANSIT, "2026-03-04 09:00")
    happens_to_papers(case, ShipmentState.LOST, "2026-03-05 09:00")
    assert [one.incident.found_at is not None for one in all_of(case)] == [True, False]


def test_an_earlier_time_of_the_loss_that_is_heard_of_late_is_the_same_incident(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-04 09:00")
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    assert only(case).incident.found_at is None


def test_a_loss_that_turns_out_to_have_been_none_is_found(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-04 09:00")
    happens_to_papers(case, ShipmentState.DELIVERED, "2026-03-03 09:00")
    assert only(case).incident.found_at is not None


def test_a_find_that_is_heard_of_before_its_loss_is_in_the_incident_too(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.OUT_FOR_DELIVERY, "2026-03-05 09:00")
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    assert local_text(only(case).incident.found_at) == "2026-03-05 09:00"


def test_restored_papers_complete_the_plan_and_let_the_clock_go_on(case: Case) -> None:
    collected(case)
    happens_to_papers(case, ShipmentState.LOST, "2026-03-03 09:00")
    case.happens("papers_restored", "2026-03-10 09:00")
    assert only(case).incident.open_steps == ()
    assert [step.done_at is not None for step in only(case).incident.steps] == [True, True]
    assert clock_state(case) is ClockState.RUNNING


# --- at the desk ---


def test_a_count_that_differs_is_accepted_with_it_and_opens_an_incident_of_the_desk(case: Case) -> None:
    collected(case, signed=False)
    (line,) = case.signed(case.s1, "2026-03-02 15:00", discrepancy="phiếu ghi 02 bản sao, có 01")
    assert (line.accepted, line.discrepancy) == (True, "phiếu ghi 02 bản sao, có 01")
    one = only(case)
    assert (one.incident.kind, one.incident.owner) == ("discrepancy", "onestop:H14.10")
    assert one.incident.opened.by == "Hoàng Thị Lan / Nông Văn Páo"
    assert case.due is not None
    assert "không khớp" in case.told_citizen("incident_opened")[0]["text_vi"]


def test_a_line_may_be_rejected_for_its_count_alone_and_signing_again_changes_nothing(case: Case) -> None:
    collected(case, signed=False)
    case.signed(case.s1, "2026-03-02 15:00", accepted=False, discrepancy="thiếu bản chính")
    case.signed_again()
    assert only(case).incident.kind == "discrepancy"
    assert case.due is None
    assert "thiếu bản chính" in case.told_citizen("papers_incomplete")[0]["text_vi"]


def test_a_line_without_discrepancy_opens_nothing(case: Case) -> None:
    collected(case)
    assert all_of(case) == []


def test_a_torn_package_that_a_postman_reports_is_his_operators(case: Case) -> None:
    collected(case, signed=False)
    one = noticed(case)
    assert (one.incident.owner, one.next and one.next.kind) == ("operator:vnpost-province", "inventory")
    assert noticed(case).row.id == one.row.id
    with pytest.raises(Problem, match="another content"):
        noticed(case, what="bì ướt")


def test_an_incident_of_another_dossiers_order_is_refused(case: Case) -> None:
    with pytest.raises(Problem) as problem:
        noticed(case, order_number="H14.10-1-S1")
    assert problem.value.kind == "unknown-order"


# --- money ---


def test_what_follows_from_the_finding_is_due_and_what_is_paid_balances(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    slip(case, "2026-03-02 11:00")
    says(case, "2026-03-03 09:00", "cost", what="lệ phí", amount_vnd=40_000, borne_by="agency")
    assert money(case) == []
    says(case, "2026-03-04 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=20_000)
    due = [(one.kind, one.debtor, one.creditor, one.amount_vnd, one.ledger) for one in money(case)]
    assert sorted(due) == [("due", "post", "agency", 40_000, "damages"), ("due", "post", "citizen", 80_000, "damages")]
    assert {one.legal_source for one in money(case)} == {
        "Quyết định 45/2016/QĐ-TTg, Điều 14",
        "Nghị định 47/2011/NĐ-CP, Điều 25",
    }
    says(case, "2026-03-05 09:00", "compensation_paid", amount_vnd=100_000, document="PC-1")
    says(case, "2026-03-05 10:00", "compensation_waived", amount_vnd=40_000, creditor="agency", reason="tự chịu")
    says(case, "2026-03-05 11:00", "resolved", resolution="đã bồi thường, trả thêm 20.000 đồng")
    says(case, "2026-03-05 12:00", "closed")
    balance = sum(one.amount_vnd if one.kind == "due" else -one.amount_vnd for one in money(case))
    assert balance == 0, "what was paid of free will was due, once the incident is closed"


def test_the_same_fact_again_changes_nothing_and_another_under_its_id_is_refused(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    slip(case, "2026-03-02 11:00")
    say = {"document": "1/KL", "party_at_fault": "post", "charge_vnd": 20_000}
    says(case, "2026-03-04 09:00", "finding", **say)
    before = money(case)
    says(case, "2026-03-04 09:00", "finding", **say)
    assert money(case) == before
    with pytest.raises(Problem, match="fact_id"):
        says(case, "2026-03-04 09:00", "finding", **{**say, "document": "2/KL"})


# --- what is watched ---


def kinds(case: Case, when: str) -> set[str]:
    case.now(when)
    return set(case.attention_kinds("incident"))


def test_an_incident_that_nobody_moves_is_shown_and_so_is_one_without_evidence(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    assert kinds(case, "2026-03-04 09:00") == {"incident-open"}
    assert kinds(case, "2026-03-06 09:00") == {"incident-open", "incident-idle", "incident-evidence-missing"}
    slip(case, "2026-03-06 10:00")
    assert kinds(case, "2026-03-06 11:00") == {"incident-open"}


def test_the_last_days_for_a_complaint_its_answer_and_the_payment_are_shown(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    slip(case, "2026-03-02 11:00")
    assert "incident-complaint-closing" in kinds(case, "2026-03-30 09:00")
    says(case, "2026-03-31 09:00", "complaint_filed", what="ướt")
    assert kinds(case, "2026-04-07 09:00") & {"incident-complaint-closing", "incident-answer-overdue"} == set()
    assert "incident-answer-overdue" in kinds(case, "2026-04-08 09:00")
    says(case, "2026-04-08 10:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=20_000)
    assert "incident-compensation-due" not in kinds(case, "2026-04-16 09:00")
    assert "incident-compensation-due" in kinds(case, "2026-05-07 09:00")
    assert "incident-compensation-overdue" in kinds(case, "2026-05-11 09:00")
    says(case, "2026-05-11 10:00", "compensation_paid", amount_vnd=80_000, document="PC-1")
    assert kinds(case, "2026-05-11 11:00") == {"incident-open"}


def test_a_finding_whose_acceptance_nobody_can_prove_is_shown(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    says(case, "2026-03-03 09:00", "finding", document="1/KL", party_at_fault="post", charge_vnd=20_000)
    assert "incident-proof-missing" in kinds(case, "2026-03-03 10:00")
    assert money(case) == []
    slip(case, "2026-03-04 09:00")
    assert "incident-proof-missing" not in kinds(case, "2026-03-04 10:00")
    assert [one.amount_vnd for one in money(case)] == [80_000]


def test_every_trouble_says_what_to_do_in_words_without_holes(case: Case) -> None:
    collected(case)
    noticed(case, "wet")
    case.now("2026-03-30 09:00")
    for item in case.attention():
        for words in (item.what_vi, item.what_en, item.next_step_vi, item.next_step_en):
            assert words
            assert "{" not in words


def test_the_dossiers_story_tells_the_incident_too(case: Case) -> None:
    collected(case)
    one = noticed(case, "wet")
    told = [moment.what_vi for moment in case.timeline() if one.row.id in moment.what_vi]
    assert told == [f"{one.row.id}: Phát hiện sự cố: bị ướt – bì rách một góc. Người phụ trách: onestop:H14.10"]
