"""Incomplete at pickup and at the counter: the list decides what is missing, the citizen decides what happens then."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from dispatch.checklists import kept
from dispatch.fault import FaultReason
from dispatch.forms import Direction
from dispatch.handovers import expected
from dispatch.money.facts import money_of
from dispatch.parties import Party
from dispatch.pickup_slips import missing_from_the_start
from dispatch.problems import Problem
from dispatch.rejections import FaultForm, name_party, payer_of
from dispatch.shipment_queries import get_shipment
from dispatch.supplement_form import forms_of
from tests.dispatch.people import refusal
from tests.support.desk import MONDAY, TestDesk, dossier_body
from tests.tracking.case import COLLECTED, DELIVERED, RETURNED, RETURNING, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.counting import CARD, FORM, booked, published, slip

pytestmark = ON_SQLITE

POST, AGENCY = "post:vnpost_ngsp", "agency:H14.10"
_PROCEDURES = itertools.count(1)


@pytest.fixture
def case(shared_desk: TestDesk) -> Case:
    """A dossier of a procedure that nobody else has."""
    procedure = {**dossier_body()["procedure"], "code": f"2.{next(_PROCEDURES):06}"}
    return Case.opened(shared_desk, procedure=procedure)


def version_of(case: Case) -> str | None:
    with case.desk.read() as session:
        edition = kept(session, case.dossier())
        return edition.version if edition else None


# --- which list counts ---


def test_the_dossier_keeps_the_list_that_was_in_force_when_the_postman_took_its_papers(case: Case) -> None:
    published(case, "Tờ khai", "Giấy tờ tùy thân", version="p1")
    published(case, "Tờ khai", "Sổ hộ khẩu", version="p2", valid_from="2026-03-04")
    booked(case)
    slip(case, "2026-03-03 09:00", FORM, CARD)
    case.reported(case.s1, DELIVERED, "2026-03-05 09:00")
    case.signed(case.s1, "2026-03-05 10:00")
    assert version_of(case) == "p1"


def test_at_the_counter_it_is_the_list_of_that_day(case: Case) -> None:
    published(case, "Tờ khai", version="n1", source="national")
    published(case, "Tờ khai", version="p2", valid_from="2026-03-03")
    case.happens("accepted", "2026-03-02 09:00")
    assert version_of(case) == "n1"


def test_without_a_slip_the_operators_collection_is_the_acceptance(case: Case) -> None:
    published(case, "Tờ khai", version="p1")
    published(case, "Tờ khai", version="p2", valid_from="2026-03-03")
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 15:00")
    case.signed(case.s1, "2026-03-04 10:00")
    assert version_of(case) == "p1"


# --- at the door ---


def test_a_complete_slip_is_the_pickup_the_fee_and_the_custody(case: Case) -> None:
    booked(case)
    taken = slip(case, "2026-03-02 09:00", FORM, CARD, seal_number="NP-001", fee_vnd=25000, fee_receipt="BL-7")
    assert case.shipment(case.s1).state == "in_transit"
    assert set(case.holders().values()) == {POST}
    assert case.hands() == [(POST, "2026-03-02 09:00")]
    with case.desk.read() as session:
        (fee,) = money_of(session, case.code)
    assert (fee.amount_vnd, fee.debtor, fee.creditor, fee.via) == (25000, Party.CITIZEN, Party.AGENCY, Party.POST)
    (told,) = case.told_citizen("pickup_taken")
    assert taken.number in told["text_vi"]
    assert case.facts() == []  # the clock waits for the handover record


def test_the_operators_own_event_says_the_same_again_and_moves_nothing(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, CARD)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:40")
    assert case.hands() == [(POST, "2026-03-02 09:00")]


def test_a_slip_that_comes_after_the_operators_event_corrects_what_that_moved(case: Case) -> None:
    booked(case)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:40")
    slip(case, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway")
    assert case.hands() == [(POST, "2026-03-02 09:00")]
    assert case.holders() == {"Tờ khai": POST, "Giấy tờ tùy thân": "citizen"}


def test_the_postman_invents_no_paper(case: Case) -> None:
    published(case, "Tờ khai", "Giấy tờ tùy thân")
    booked(case)
    with pytest.raises(Problem) as refused:
        slip(case, "2026-03-02 09:00", FORM, CARD, missing=["Sổ hộ khẩu"], decision="wait")
    assert refusal(refused) == ("invented-paper", 422)
    assert "Art. 6(3), 16(5)(b)" in refused.value.detail
    assert case.shipment(case.s1).state == "booked"


def test_without_a_published_list_the_registered_papers_are_the_list(case: Case) -> None:
    booked(case)
    with pytest.raises(Problem) as refused:
        slip(case, "2026-03-02 09:00", FORM, missing=["Sổ hộ khẩu"], decision="wait")
    assert refusal(refused) == ("invented-paper", 422)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "pickup-count"),
        ({"missing": ["Giấy tờ tùy thân"]}, "pickup-decision"),
        ({"missing": ["Giấy tờ tùy thân"], "decision": "wait", "fee_vnd": 1}, "pickup-decision"),
        ({"missing": ["Tờ khai", "Giấy tờ tùy thân"], "decision": "wait"}, "pickup-count"),
        ({"missing": ["Giấy tờ tùy thân"], "decision": "send_anyway", "fee_vnd": 25001}, "pickup-decision"),
    ],
    ids=["silent", "undecided", "fee-for-nothing", "there-after-all", "fee-too-high"],
)
def test_a_slip_that_does_not_hold_together_is_refused(case: Case, more: dict[str, Any], kind: str) -> None:
    booked(case)
    with pytest.raises(Problem) as refused:
        slip(case, "2026-03-02 09:00", FORM, **more)
    assert refusal(refused) == (kind, 422)


def test_a_slip_needs_an_order_that_the_operator_holds(case: Case) -> None:
    case.order("both")
    for number in (case.s1, case.r1):
        with pytest.raises(Problem) as refused:
            slip(case, "2026-03-02 09:00", FORM, CARD, number=number)
        assert refusal(refused) == ("pickup-record", 409)


def test_who_waits_keeps_the_papers_and_is_told_what_to_complete_and_when_the_postman_comes(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-06 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="wait")
    shipment = case.shipment(case.s1)
    assert (shipment.state, shipment.live, shipment.collected_at) == ("collection_failed", True, None)
    assert f"{shipment.pickup_on}" == "2026-03-09"
    assert set(case.holders().values()) == {"citizen"}
    (told,) = case.told_citizen("pickup_waits")
    assert "Giấy tờ tùy thân" in told["text_vi"]
    assert "09/03/2026" in told["text_vi"]
    slip(case, "2026-03-09 09:00", FORM, CARD)
    assert case.shipment(case.s1).state == "in_transit"
    assert case.attention_kinds("slip") == []


def test_the_same_slip_again_changes_nothing(case: Case) -> None:
    booked(case)
    first, again = (slip(case, "2026-03-02 09:00", FORM, CARD) for _ in range(2))
    assert first.number == again.number
    assert len(case.told_citizen("pickup_taken")) == 1
    assert len(case.told_onestop("postal.pickup_recorded")) == 1


def test_another_slip_for_papers_that_were_taken_is_a_contradiction_with_its_postmans_name(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, CARD)
    other = slip(
        case, "2026-03-02 10:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway", postman="Lý Văn Hải"
    )
    assert other.contradicts is not None
    assert set(case.holders().values()) == {POST}
    (trouble,) = [one for one in case.attention() if one.kind == "slip-contradiction"]
    assert "Lý Văn Hải" in trouble.what_vi
    assert "Lý Văn Hải" in trouble.next_step_en


def test_a_visit_in_vain_that_is_heard_of_late_is_no_contradiction(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-03 09:00", FORM, CARD)
    late = slip(case, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="wait")
    assert late.contradicts is None
    assert case.shipment(case.s1).state == "in_transit"


def test_the_agency_sees_at_the_handover_what_was_missing_from_the_beginning(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway")
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    with case.desk.read() as session:
        (line,) = [
            one for one in expected(session, "H14.10", Direction.TO_AGENCY) if one.shipment.dossier_code == case.code
        ]
        assert missing_from_the_start(session, line.shipment) == ["Giấy tờ tùy thân"]
    (told,) = case.told_citizen("pickup_sent_incomplete")
    assert "người nộp chịu" in told["text_vi"]


# --- at the counter ---


def test_who_sent_anyway_pays_for_the_second_sending_and_gets_form_02(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway")
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    (line,) = case.signed(case.s1, "2026-03-03 10:00", accepted=False, missing_papers=["Giấy tờ tùy thân"])
    assert (line.fault, line.fault_reason) == (Party.CITIZEN, FaultReason.KNOWN_AT_PICKUP)
    assert (case.facts(), case.due) == ([], None)
    with case.desk.read() as session:
        (form,) = forms_of(session, case.code)
    assert form.items == ["Giấy tờ tùy thân"]
    assert "PHIẾU YÊU CẦU BỔ SUNG" in form.text_vi
    assert "1. Giấy tờ tùy thân" in form.text_vi
    assert "118/2025" in form.legal_source
    (told,) = case.told_citizen("papers_incomplete_paid_by")
    assert form.number in told["text_vi"]
    assert "người nộp chịu" in told["text_vi"]
    (news,) = case.told_onestop("postal.supplement_form")
    assert (news["form"], news["fault"]) == (form.number, "citizen")


def test_the_agency_pays_for_what_the_list_does_not_ask_for(case: Case) -> None:
    published(case, "Tờ khai", "Giấy tờ tùy thân")
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, CARD)
    (line,) = case.signed(case.s1, "2026-03-03 10:00", accepted=False, missing_papers=["Sổ hộ khẩu"])
    assert (line.fault, line.fault_reason) == (Party.AGENCY, FaultReason.NOT_ON_LIST)


def test_the_post_pays_for_what_was_sealed_and_is_gone_under_a_broken_seal(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, CARD, seal_number="NP-001")
    (line,) = case.signed(
        case.s1, "2026-03-03 10:00", accepted=False, missing_papers=["Giấy tờ tùy thân"], seal_intact=False
    )
    assert (line.fault, line.fault_reason) == (Party.POST, FaultReason.LOST_ON_THE_WAY)


def test_what_the_facts_leave_open_waits_for_the_officer_who_signed(case: Case) -> None:
    case.order("send")
    (line,) = case.signed(case.s1, "2026-03-03 10:00", accepted=False, reason="Thiếu chữ ký")
    assert line.fault is None
    (trouble,) = [one for one in case.attention() if one.kind == "fault-unclear"]
    assert "Hoàng Thị Lan" in trouble.next_step_vi
    said = FaultForm(order=case.s1, party=Party.CITIZEN, reason="Chưa ký tờ khai", officer="Hoàng Thị Lan")
    with case.desk.context.database.write() as session:
        for _ in range(2):
            name_party(session, line.handover_id, said, MONDAY)
        assert payer_of(session, line) is Party.CITIZEN
    assert case.attention_kinds("fault") == []


def test_nobody_pays_for_a_line_that_was_accepted(case: Case) -> None:
    case.order("send")
    (line,) = case.signed(case.s1, "2026-03-03 10:00")
    said = FaultForm(order=case.s1, party=Party.CITIZEN, reason="-", officer="Hoàng Thị Lan")
    with pytest.raises(Problem) as refused, case.desk.context.database.write() as session:
        name_party(session, line.handover_id, said, MONDAY)
    assert refusal(refused) == ("not-rejected", 404)


def test_the_second_sending_after_a_rejection_starts_the_clock_at_its_own_handover(case: Case) -> None:
    booked(case)
    slip(case, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway")
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    case.signed(case.s1, "2026-03-03 10:00", accepted=False, missing_papers=["Giấy tờ tùy thân"])
    case.reported(case.s1, RETURNING, "2026-03-03 11:00")
    case.reported(case.s1, RETURNED, "2026-03-04 09:00")
    assert set(case.holders().values()) == {"citizen"}
    booked(case)
    slip(case, "2026-03-05 09:00", FORM, CARD, number=case.s2)
    case.signed(case.s2, "2026-03-06 10:00")
    assert case.facts() == [("start", "2026-03-06 10:00", "start.handover")]
    assert set(case.holders().values()) == {AGENCY}
    with case.desk.read() as session:
        assert get_shipment(session, case.s2).slip_number == f"PGHS-{case.s2}-1"
