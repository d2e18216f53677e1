"""Several dossiers of one citizen in one parcel: one order, and every dossier still has a story of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dispatch import booking
from dispatch.forms import Direction, HandoverForm, SignatureForm
from dispatch.generations import succeed
from dispatch.handovers import draw_up, expected
from dispatch.order_changes import ask_to_cancel
from dispatch.parcels import ParcelForm, form_parcel
from dispatch.problems import Problem
from dispatch.requests import booking_request
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import BookingState, Shipment
from tests.dispatch.people import refusal
from tests.support.desk import CARRIER, TestDesk
from tests.tracking.case import BOOKED, COLLECTED, DELIVERED, Case
from tests.tracking.counting import CARD, FORM, slip
from tests.tracking.homeward import failed, money, price_known
from tracking.acceptance import sign_handover
from tracking.parcels import tell_riders
from tracking.undeliverable import UNPAID

POST, AGENCY = f"post:{CARRIER}", "agency:H14.10"


@pytest.fixture
def other(case: Case) -> Case:
    """Another dossier of the same citizen."""
    return Case.opened(case.desk)


def together(desk: TestDesk, numbers: Sequence[str], **more: Any) -> list[Shipment]:
    with desk.context.database.write() as session:
        form = ParcelForm.model_validate({"orders": list(numbers), **more})
        shipments = form_parcel(session, form, desk.clock.now())
        tell_riders(session, desk.context, shipments)
        return shipments


def created(desk: TestDesk, *cases: Case) -> list[str]:
    codes = tuple(case.code for case in cases)
    return [one["order_number"] for one in desk.operator.orders() if one["order_number"].startswith(codes)]


def sign_both(desk: TestDesk, numbers: Sequence[str], direction: str, when: str, case: Case) -> None:
    record = HandoverForm(agency="H14.10", carrier=CARRIER, direction=Direction(direction), orders=list(numbers))
    signature = {
        "signed_at": case.now(when),
        "officer": "Hoàng Thị Lan",
        "postman": "Nông Văn Páo",
        "lines": [{"order": number, "accepted": True} for number in numbers],
    }
    with desk.context.database.write() as session:
        handover, lines = draw_up(session, record, desk.clock.now())
        assert len(lines) == len(numbers)
        sign_handover(session, desk.context, desk.office, handover.id, SignatureForm.model_validate(signature))


def test_papers_of_two_dossiers_go_in_one_order_and_each_clock_starts_at_its_own_line(case: Case, other: Case) -> None:
    desk = case.desk
    case.order("send")
    other.order("send")
    together(desk, [case.s1, other.s1])
    booking.drain(desk.context)
    assert created(desk, case, other) == [case.s1]
    assert other.shipment(other.s1).booking is BookingState.RIDING
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    for one, number in ((case, case.s1), (other, other.s1)):
        assert (one.shipment(number).state, one.shipment(number).live) == ("delivered", False)
        assert set(one.holders().values()) == {POST}
        assert one.hands() == [(POST, "2026-03-02 09:00")]
    with desk.read() as session:
        awaited = [one.shipment.order_number for one in expected(session, "H14.10", Direction.TO_AGENCY)]
    assert {case.s1, other.s1} <= set(awaited)
    sign_both(desk, [case.s1, other.s1], "to_agency", "2026-03-03 10:00", case)
    assert [one.facts() for one in (case, other)] == [[("start", "2026-03-03 10:00", "start.handover")]] * 2
    assert {*case.holders().values(), *other.holders().values()} == {AGENCY}


def test_one_order_lists_what_lies_in_it_and_collects_one_sum(case: Case, other: Case) -> None:
    for one in (case, other):
        one.order("send", fee_by_post=True)
    together(case.desk, [case.s1, other.s1])
    with case.desk.read() as session:
        request = booking_request(session, case.desk.context.accounts, get_shipment(session, case.s1))
    assert request.cod_vnd == 50000
    assert len(request.contents) == 4
    (told,) = other.told_citizen("one_parcel")
    assert case.code in told["text_vi"]


def test_the_same_parcel_again_is_the_same_parcel(case: Case, other: Case) -> None:
    case.order("send")
    other.order("send")
    for _ in range(2):
        first, second = together(case.desk, [case.s1, other.s1])
    assert (first.order_number, second.rides_with) == (case.s1, case.s1)
    assert len(other.told_citizen("one_parcel")) == 1


def test_results_wait_for_the_last_of_them_and_go_together(case: Case, other: Case) -> None:
    for one in (case, other):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(case.desk, [case.r1, other.r1])
    case.finished("2026-03-03 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == []
    other.finished("2026-03-04 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == [case.r1]
    case.reported(case.r1, BOOKED, "2026-03-04 09:30")
    sign_both(case.desk, [case.r1, other.r1], "to_post", "2026-03-04 15:00", case)
    case.reported(case.r1, COLLECTED, "2026-03-04 15:05")
    case.reported(case.r1, DELIVERED, "2026-03-05 09:00")
    for one in (case, other):
        assert set(one.holders().values()) == {"citizen"}
        assert len(one.told_citizen("result_delivered")) == 1


def test_dossiers_may_be_named_instead_of_orders(case: Case, other: Case) -> None:
    for one in (case, other):
        one.order("receive")
    with case.desk.context.database.write() as session:
        form = ParcelForm.model_validate({"dossiers": [case.code, other.code]})
        numbers = [one.order_number for one in form_parcel(session, form, case.desk.clock.now())]
    assert numbers == [case.r1, other.r1]


def test_another_citizen_or_another_address_goes_in_a_parcel_of_its_own(case: Case, other: Case) -> None:
    stranger = Case.opened(case.desk, applicant={"name": "Nông Thị Mai", "phone": "0912345678"})
    case.order("send")
    stranger.order("send")
    other.order("send", address={"text": "Tổ 6, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"})
    for one, why in ((stranger, "another citizen"), (other, "another address")):
        with pytest.raises(Problem) as refused:
            together(case.desk, [case.s1, one.s1])
        assert refusal(refused) == ("parcel-differs", 409)
        assert why in refused.value.detail
    assert case.shipment(case.s1).carries is False


def test_what_an_operator_may_know_of_goes_into_no_parcel(case: Case, other: Case) -> None:
    case.order("send")
    booking.drain(case.desk.context)
    other.order("send")
    with pytest.raises(Problem) as refused:
        together(case.desk, [other.s1, case.s1])
    assert refusal(refused) == ("parcel-too-late", 409)


def cancelled(case: Case, number: str) -> None:
    with case.desk.context.database.write() as session:
        shipment = get_shipment(session, number)
        ask_to_cancel([shipment], case.desk.clock.now())
        succeed(session, shipment, case.desk.clock.now())


def test_a_rider_that_is_cancelled_gets_off_and_hears_no_more_of_the_parcel(case: Case, other: Case) -> None:
    case.order("send")
    other.order("send")
    together(case.desk, [case.s1, other.s1])
    booking.drain(case.desk.context)
    cancelled(other, other.s1)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert case.shipment(case.s1).state == "in_transit"
    assert other.shipment(other.s1).state == "cancelled"
    assert set(other.holders().values()) == {"citizen"}


def test_results_wait_no_longer_for_one_that_is_cancelled(case: Case, other: Case) -> None:
    for one in (case, other):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(case.desk, [case.r1, other.r1])
    case.finished("2026-03-03 09:00")
    cancelled(other, other.r1)
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == [case.r1]
    assert other.shipment(other.r1).rides_with is None


def test_a_parcel_that_is_not_paid_for_is_owed_once(case: Case, other: Case) -> None:
    for one in (case, other):
        one.order("receive")
        one.happens("accepted", "2026-03-02 08:30")
    together(case.desk, [case.r1, other.r1])
    for one in (case, other):
        one.finished("2026-03-02 15:00")
    booking.drain(case.desk.context)
    price_known(case)
    case.reported(case.r1, COLLECTED, "2026-03-03 08:00")
    failed(case, UNPAID, "2026-03-03 10:00")
    assert [len(money(one, one.r1)) for one in (case, other)] == [1, 0]
    assert [len(one.told_citizen("result_unpaid")) for one in (case, other)] == [1, 1]


@pytest.mark.parametrize("told", [False, True], ids=["before-booking", "after-booking"])
def test_when_the_order_of_a_parcel_is_cancelled_the_rest_is_ordered_by_itself(
    case: Case, other: Case, told: bool
) -> None:
    third = Case.opened(case.desk)
    for one in (case, other, third):
        one.order("send")
    together(case.desk, [case.s1, other.s1, third.s1])
    if told:
        booking.drain(case.desk.context)
    cancelled(case, case.s1)
    booking.drain(case.desk.context)
    assert case.shipment(case.s1).state == "cancelled"
    booking.drain(case.desk.context)
    assert other.shipment(other.s1).booking is BookingState.BOOKED
    assert third.shipment(third.s1).rides_with == other.s1
    case.reported(other.s1, COLLECTED, "2026-03-02 10:00")
    assert [one.shipment(one.s1).state for one in (other, third)] == ["in_transit", "in_transit"]


def test_each_dossier_in_a_parcel_has_its_own_slip(case: Case, other: Case) -> None:
    case.order("send")
    other.order("send")
    together(case.desk, [case.s1, other.s1])
    booking.drain(case.desk.context)
    slip(other, "2026-03-02 09:00", FORM, missing=["Giấy tờ tùy thân"], decision="send_anyway", number=other.s1)
    slip(case, "2026-03-02 09:05", FORM, CARD)
    assert other.holders() == {"Tờ khai": POST, "Giấy tờ tùy thân": "citizen"}
    assert set(case.holders().values()) == {POST}
    case.reported(case.s1, COLLECTED, "2026-03-02 09:30")
    assert other.holders() == {"Tờ khai": POST, "Giấy tờ tùy thân": "citizen"}


def waiting_for_the_other(case: Case, other: Case) -> None:
    """Two results are to go in one parcel; the one with the order is there, and the other is not."""
    for one in (case, other):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(case.desk, [case.r1, other.r1])
    case.finished("2026-03-03 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == []


def test_a_parcel_waits_no_more_for_the_result_of_a_dossier_that_was_withdrawn(case: Case, other: Case) -> None:
    waiting_for_the_other(case, other)
    other.happens("withdrawn", "2026-03-10 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == [case.r1]
    assert other.shipment(other.r1).state == "cancelled"
    booked = case.shipment(case.r1)
    assert booked.booking is BookingState.BOOKED
    assert booked.pickup_on is None, "the day that was planned is over, so the postman comes when he can"
    assert "not-collected" not in case.attention_kinds()


def test_a_parcel_waits_no_more_for_a_leg_that_was_cancelled(case: Case, other: Case) -> None:
    waiting_for_the_other(case, other)
    case.now("2026-03-03 10:00")
    cancelled(other, other.r1)
    booking.drain(case.desk.context)
    assert created(case.desk, case, other) == [case.r1]
    assert str(case.shipment(case.r1).pickup_on) == "2026-03-04"


def test_a_parcel_still_waits_for_the_one_that_is_left(case: Case, other: Case) -> None:
    third = Case.opened(case.desk)
    for one in (case, other, third):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(case.desk, [case.r1, other.r1, third.r1])
    case.finished("2026-03-03 09:00")
    other.happens("withdrawn", "2026-03-04 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other, third) == []
    third.happens("withdrawn", "2026-03-05 09:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other, third) == [case.r1]


def test_a_parcel_goes_when_the_only_one_it_waits_for_gets_off(case: Case, other: Case) -> None:
    """A rider whose result was struck out before the parcel was full is waited for by its own leg alone."""
    third = Case.opened(case.desk)
    for one in (case, other, third):
        one.order("receive")
        one.happens("accepted", "2026-03-02 09:00")
    together(case.desk, [case.r1, other.r1, third.r1])
    case.finished("2026-03-03 09:00")
    papers = [{"name": "Kết quả", "originals": 1}]
    other.happens("result_ready", "2026-03-03 10:00", event_id="early", result_papers=papers)
    other.happens("corrected", "2026-03-03 10:05", voids="early", reason="nhầm hồ sơ")
    assert other.shipment(other.r1).booking is BookingState.REQUESTED
    third.happens("withdrawn", "2026-03-03 11:00")
    booking.drain(case.desk.context)
    assert created(case.desk, case, other, third) == [case.r1]
