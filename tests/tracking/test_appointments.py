"""Same-day procedures go first, and where a payment is due there are two appointments, both kept and both told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch import booking
from dispatch.problems import Problem
from dispatch.requests import booking_request
from dispatch.shipment_queries import get_shipment
from tests.dispatch.people import refusal
from tests.support.desk import TestDesk, dossier_body
from tests.tracking.case import COLLECTED, Case
from tests.tracking.conftest import ON_SQLITE
from tracking.clock_facts import ledger_of
from tracking.deadlines.explain import explain_ledger

pytestmark = ON_SQLITE

FIRST = "2026-03-05"


def same_day(desk: TestDesk, **procedure: object) -> Case:
    limit = {"amount": 1, "unit": "same_day"}
    return Case.opened(desk, procedure={**dossier_body()["procedure"], "time_limit": limit, **procedure})


def explained(case: Case) -> list[str]:
    with case.desk.read() as session:
        office = case.desk.office
        ledger = ledger_of(session, office, case.dossier())
        return [line["text_vi"] for line in explain_ledger(ledger, office.calendars, office.rules)]


# --- same day ---


def test_a_same_day_procedure_is_booked_before_what_waited_longer_and_its_operator_is_told(
    shared_desk: TestDesk,
) -> None:
    waiting = [Case.opened(shared_desk) for _ in range(3)]
    for one in waiting:
        one.order("send")
    shared_desk.clock.forward(minutes=5)
    urgent = same_day(shared_desk)
    shared_desk.clock.forward(minutes=5)
    urgent.order("send")
    assert urgent.shipment(urgent.s1).priority
    with shared_desk.context.database.write() as session:
        request = booking_request(session, shared_desk.context.accounts, get_shipment(session, urgent.s1))
        assert "ưu tiên" in request.note
        assert urgent.dossier().procedure_name not in request.note
    booking.drain(shared_desk.context, limit=1)
    assert urgent.shipment(urgent.s1).state == "booked"
    assert [one.shipment(one.s1).state for one in waiting].count("requested") >= 2
    booking.drain(shared_desk.context)


def test_before_the_cutoff_staff_see_what_nobody_has_collected(shared_desk: TestDesk) -> None:
    case = same_day(shared_desk, cutoff="15:00")
    case.order("send")
    booking.drain(case.desk.context)
    case.now("2026-03-02 12:59")
    assert case.attention_kinds("same-day") == []
    case.now("2026-03-02 13:00")
    (trouble,) = [one for one in case.attention() if one.kind == "same-day-uncollected"]
    assert "15:00" in trouble.what_vi
    case.reported(case.s1, COLLECTED, "2026-03-02 13:10")
    assert case.attention_kinds("same-day") == []


def test_a_same_day_result_is_collected_on_its_own_day(shared_desk: TestDesk) -> None:
    case = same_day(shared_desk)
    case.order("receive")
    case.happens("accepted", "2026-03-02 09:00")
    case.finished("2026-03-02 11:00")
    assert f"{case.shipment(case.r1).pickup_on}" == "2026-03-02"


# --- two appointments ---


def suspended(case: Case, when: str = "2026-03-03 09:00", **more: object) -> None:
    case.happens("suspended", when, reason="Nộp lệ phí trước bạ", ground="financial_duty", **{"new_due": FIRST, **more})


def test_both_appointments_are_kept_told_and_explained(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    suspended(case)
    assert case.due is None
    (first,) = case.told_citizen("financial_duty")
    assert "05/03/2026" in first["text_vi"]
    case.happens("resumed", "2026-03-06 09:00", ground="financial_duty")
    assert case.due == "2026-03-10 17:00"
    (second,) = case.told_citizen("financial_duty_done")
    assert "05/03/2026" in second["text_vi"]
    assert "17:00 10/03/2026" in second["text_vi"]
    assert case.told_citizen("due_changed") == []
    story = " ".join(explained(case))
    assert "Lần hẹn thứ nhất, nhận thông báo nghĩa vụ tài chính: 05/03/2026" in story
    assert "Lần hẹn thứ hai, trả kết quả: Thứ Ba 10/03/2026 17:00" in story
    assert [rule for _, _, rule in case.facts()][1:] == ["pause.financial_duty"] * 2


def test_an_earlier_second_appointment_binds_the_agency(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    suspended(case)
    case.happens("resumed", "2026-03-06 09:00", ground="financial_duty", new_due="2026-03-09")
    assert case.due == "2026-03-09 17:00"


def test_a_later_second_appointment_moves_nothing_and_says_so(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    suspended(case)
    case.happens("resumed", "2026-03-06 09:00", ground="financial_duty", new_due="2026-03-20")
    assert case.due == "2026-03-10 17:00"
    assert any("hãy gia hạn" in line for line in explained(case))


def test_who_has_not_paid_by_the_first_appointment_is_shown(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    suspended(case)
    case.now("2026-03-05 16:00")
    assert case.attention_kinds("duty") == []
    case.desk.clock.at(case.desk.clock.now() + timedelta(days=1))
    assert case.attention_kinds("duty") == ["duty-unpaid"]
    case.happens("resumed", "2026-03-09 09:00", ground="financial_duty")
    assert case.attention_kinds("duty") == []


def test_a_pause_for_a_payment_needs_its_first_appointment(case: Case) -> None:
    case.happens("accepted", "2026-03-02 09:00")
    with pytest.raises(Problem) as refused:
        suspended(case, new_due=None)
    assert refusal(refused) == ("event-incomplete", 422)
    assert "first appointment" in refused.value.detail


def test_only_a_pause_may_have_this_ground(case: Case) -> None:
    with pytest.raises(Problem) as refused:
        case.happens("withdrawn", "2026-03-02 09:00", ground="financial_duty")
    assert refusal(refused) == ("event-ground", 422)
