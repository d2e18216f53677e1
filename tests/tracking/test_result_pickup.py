"""When the postman comes for a result: planned with every due date, and taken back with a result that was none."""

from __future__ import annotations

import pytest

from dispatch import booking
from dispatch.settlements import cancel_refused
from dispatch.settling import settle
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import BookingState
from tests.dispatch.bookings import held
from tests.tracking.case import COLLECTED, Case

RESULT = [{"name": "Kết quả", "originals": 1}]


def pickup(case: Case, number: str | None = None) -> str:
    return str(case.shipment(number or case.r1).pickup_on)


def finished_too_early(case: Case, when: str = "2026-03-03 10:00") -> None:
    case.happens("result_ready", when, event_id="hasty", result_papers=RESULT)


def taken_back(case: Case, when: str = "2026-03-03 16:00") -> None:
    assert case.happens("corrected", when, voids="hasty", reason="nhầm hồ sơ").contradiction is None


@pytest.fixture
def awaited(case: Case) -> Case:
    """A dossier whose result is due on Thursday 5 March and goes home by post."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    return case


def test_the_pickup_is_planned_for_the_working_day_after_the_due_date(awaited: Case) -> None:
    assert pickup(awaited) == "2026-03-06"


def test_an_extension_plans_it_anew_and_tells_the_citizen_when_to_expect_the_result(awaited: Case) -> None:
    awaited.happens("extended", "2026-03-03 09:00", reason="chờ ý kiến Sở", new_due="2026-03-13")
    assert pickup(awaited) == "2026-03-16"
    (told,) = awaited.told_citizen("due_extended_by_post")
    assert "17:00 13/03/2026" in told["text_vi"]
    assert "by 18/03/2026" in told["text_en"]


def test_while_the_clock_stands_still_nobody_is_expected(awaited: Case) -> None:
    awaited.happens("supplement_requested", "2026-03-03 09:00", reason="thiếu giấy xác nhận")
    assert pickup(awaited) == "None"
    awaited.happens("supplement_completed", "2026-03-04 09:00")
    assert pickup(awaited) == "2026-03-10"


def test_a_result_that_was_none_is_taken_back_before_anybody_was_told(awaited: Case) -> None:
    finished_too_early(awaited)
    taken_back(awaited)
    home = awaited.shipment(awaited.r1)
    assert (home.waits_for_result, pickup(awaited), awaited.due) == (True, "2026-03-06", "2026-03-05 17:00")
    assert "Kết quả" not in awaited.holders()
    assert "nhầm lẫn" in awaited.told_citizen("result_not_ready")[0]["text_vi"]


def test_a_booked_pickup_of_a_result_that_was_none_is_cancelled_and_the_leg_waits_again(awaited: Case) -> None:
    finished_too_early(awaited)
    booking.drain(awaited.desk.context)
    taken_back(awaited)
    booking.drain(awaited.desk.context)
    assert awaited.shipment(awaited.r1).booking is BookingState.CANCELLED
    assert held(awaited.desk, awaited.r1)["live"] == 0
    heir = awaited.shipment(f"{awaited.code}-R2")
    assert (heir.waits_for_result, str(heir.pickup_on)) == (True, "2026-03-06")
    awaited.finished("2026-03-04 15:00")
    booking.drain(awaited.desk.context)
    assert awaited.shipment(heir.order_number).booking is BookingState.BOOKED


def test_the_true_result_may_come_while_the_wrong_pickup_is_still_being_cancelled(awaited: Case) -> None:
    finished_too_early(awaited)
    booking.drain(awaited.desk.context)
    taken_back(awaited)
    awaited.finished("2026-03-04 15:00")
    booking.drain(awaited.desk.context)
    heir = awaited.shipment(f"{awaited.code}-R2")
    assert (heir.booking, str(heir.pickup_on)) == (BookingState.BOOKED, "2026-03-05")
    assert [data["kind"] for data in awaited.told_citizen("result_by_post")] == ["result_by_post"] * 2


def test_a_withdrawal_leaves_no_successor(awaited: Case) -> None:
    finished_too_early(awaited)
    booking.drain(awaited.desk.context)
    taken_back(awaited)
    awaited.happens("withdrawn", "2026-03-03 17:00")
    booking.drain(awaited.desk.context)
    assert not awaited.shipment(awaited.r1).live
    with awaited.desk.read() as session:
        assert [one.order_number for one in shipments_of(session, awaited.code)] == [awaited.r1]


def test_a_result_that_is_with_the_post_already_is_left_to_a_person(awaited: Case) -> None:
    finished_too_early(awaited)
    booking.drain(awaited.desk.context)
    awaited.reported(awaited.r1, COLLECTED, "2026-03-03 15:00")
    taken_back(awaited)
    assert awaited.holders()["Kết quả"] == "post:vnpost_ngsp"
    assert "result-too-early" in awaited.attention_kinds()


def test_a_pickup_that_the_operator_will_not_cancel_serves_the_true_result(awaited: Case) -> None:
    finished_too_early(awaited)
    booking.drain(awaited.desk.context)
    taken_back(awaited)
    settle(awaited.desk.context, awaited.r1, cancel_refused("Bưu tá đang trên đường"))
    awaited.finished("2026-03-04 15:00")
    booking.drain(awaited.desk.context)
    home = awaited.shipment(awaited.r1)
    assert (home.live, home.booking, str(home.pickup_on)) == (True, BookingState.BOOKED, "2026-03-05")


def test_a_result_before_its_date_is_told_so_and_its_pickup_moves_forward(awaited: Case) -> None:
    assert pickup(awaited) == "2026-03-06"
    awaited.finished("2026-03-03 10:00")
    assert pickup(awaited) == "2026-03-04"
    (told,) = awaited.told_citizen("result_by_post")
    assert "sớm hơn ngày hẹn 05/03/2026" in told["text_vi"]
    assert "before its due date 05/03/2026" in told["text_en"]
    booking.drain(awaited.desk.context)
    assert awaited.shipment(awaited.r1).booking is BookingState.BOOKED


@pytest.mark.parametrize("came", ["2026-03-05 10:00", "2026-03-09 10:00"])
def test_a_result_on_its_day_or_later_is_not_called_early(awaited: Case, came: str) -> None:
    awaited.finished(came)
    (told,) = awaited.told_citizen("result_by_post")
    assert "sớm" not in told["text_vi"]
    assert "before its" not in told["text_en"]


def test_an_early_result_that_waits_at_the_counter_is_told_so(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-03 10:00")
    assert "sớm hơn ngày hẹn 05/03/2026" in case.told_citizen("result_ready")[0]["text_vi"]
