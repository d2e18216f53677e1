"""What follows when a journey moves on: custody, the transit promise, and who is told of it."""

from __future__ import annotations

import pytest

from dispatch.shipments import BookingState
from tests.tracking.case import (
    AT_THE_DOOR,
    BOOKED,
    COLLECTED,
    COMING,
    DELIVERED,
    FAILED,
    NOBODY_HOME,
    RETURNED,
    RETURNING,
    UNKNOWN,
    Case,
)
from tests.tracking.deadlines.story import at

POST, DESK, CITIZEN = "post:vnpost_ngsp", "agency:H14.10", "citizen"
IN_HANOI = {"text": "Số 5, Phường Hoàn Kiếm, thành phố Hà Nội", "era": "new2"}


@pytest.fixture
def result(case: Case) -> Case:
    """A result that waits at the agency for the postman: Wednesday, 4 March, 15:00."""
    case.order("receive")
    case.happens("accepted", "2026-03-02 10:00")
    case.finished("2026-03-04 15:00")
    return case


# --- custody ---


def test_papers_go_from_the_citizen_over_the_post_to_the_agency(case: Case) -> None:
    case.order("send")
    assert set(case.holders().values()) == {CITIZEN}
    case.arrives("2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:00")
    assert case.hands() == [(POST, "2026-03-02 09:00"), (DESK, "2026-03-02 16:00")]


def test_a_result_goes_home_with_the_originals(result: Case) -> None:
    result.signed(result.r1, "2026-03-05 08:30", direction="to_post")
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00")
    result.reported(result.r1, DELIVERED, "2026-03-06 10:00")
    home = [(POST, "2026-03-05 08:30"), (CITIZEN, "2026-03-06 10:00")]
    assert result.hands("Kết quả") == home
    assert result.hands("Tờ khai") == [(DESK, "2026-03-02 10:00"), *home]


def test_a_postman_who_signed_nothing_took_the_result_all_the_same(result: Case) -> None:
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00")
    assert result.hands("Kết quả") == [(POST, "2026-03-05 09:00")]


def test_papers_the_post_brings_back_are_the_citizens_again(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, RETURNED, "2026-03-05 09:00")
    assert case.hands() == [(POST, "2026-03-02 09:00"), (CITIZEN, "2026-03-05 09:00")]
    assert "09:00 05/03/2026" in case.told_citizen("papers_back")[0]["text_vi"]


def test_the_way_before_the_collection_moves_no_paper(case: Case) -> None:
    case.order("send")
    for code, when in ((BOOKED, "08:30"), (COMING, "09:00"), (NOBODY_HOME, "09:30")):
        case.reported(case.s1, code, f"2026-03-02 {when}")
    assert set(case.holders().values()) == {CITIZEN}
    assert case.shipment(case.s1).state == "collection_failed"


def test_a_delivery_stamped_after_the_signature_takes_nothing_from_the_agency(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 15:00")
    case.reported(case.s1, DELIVERED, "2026-03-02 15:10")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert set(case.holders().values()) == {DESK}


def test_a_signature_recorded_late_still_has_the_last_word(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, DELIVERED, "2026-03-02 15:10")
    case.signed(case.s1, "2026-03-02 15:00")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert case.hands() == [(DESK, "2026-03-02 15:00")]


# --- the transit promise ---


def test_papers_within_the_province_have_two_working_days(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert str(case.shipment(case.s1).transit_due) == "2026-03-04"
    assert case.shipment(case.s1).transit_kept is None
    case.reported(case.s1, DELIVERED, "2026-03-04 16:30")
    assert case.shipment(case.s1).transit_kept is True


def test_a_day_too_late_breaks_the_promise(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, DELIVERED, "2026-03-05 08:00")
    assert case.shipment(case.s1).transit_kept is False


def test_the_promise_leaves_tet_out(case: Case) -> None:
    story = Case.opened(case.desk, filed_at="2026-02-10T07:45:00+07:00")
    story.desk.clock.at(at("2026-02-10 08:00"))
    story.order("send")
    story.reported(story.s1, COLLECTED, "2026-02-13 09:00")
    assert str(story.shipment(story.s1).transit_due) == "2026-02-24"


def test_another_province_is_farther(case: Case) -> None:
    case.order("send", address=IN_HANOI)
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert str(case.shipment(case.s1).transit_due) == "2026-03-06"


def test_the_first_attempt_keeps_the_promise_of_a_result(result: Case) -> None:
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00")
    result.reported(result.r1, FAILED, "2026-03-09 09:00")
    result.reported(result.r1, DELIVERED, "2026-03-16 09:00")
    assert str(result.shipment(result.r1).transit_due) == "2026-03-09"
    assert result.shipment(result.r1).transit_kept is True


def test_a_collection_that_is_heard_of_late_moves_the_promise_back(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, AT_THE_DOOR, "2026-03-05 09:00")
    assert str(case.shipment(case.s1).transit_due) == "2026-03-09"
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert str(case.shipment(case.s1).transit_due) == "2026-03-04"


# --- adoption ---


def test_an_event_before_our_own_booking_commit_adopts_the_order(case: Case) -> None:
    case.order("send")
    assert case.shipment(case.s1).booking is BookingState.REQUESTED
    case.reported(case.s1, BOOKED, "2026-03-02 08:05", ItemCode="HC000000015VN")
    adopted = case.shipment(case.s1)
    assert (adopted.booking, adopted.state, adopted.waybill) == (BookingState.BOOKED, "booked", "HC000000015VN")
    (told,) = case.told_onestop("postal.order_booked")
    assert (told["order_number"], told["waybill"]) == (case.s1, "HC000000015VN")


def test_an_event_of_a_parked_order_settles_it(case: Case) -> None:
    case.order("send")
    with case.desk.context.database.write() as session:
        shipment = session.get_one(type(case.shipment(case.s1)), case.s1)
        shipment.booking, shipment.trouble = BookingState.PARKED, "nobody knows"
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert (case.shipment(case.s1).booking, case.shipment(case.s1).trouble) == (BookingState.BOOKED, None)


def test_a_code_nobody_understands_proves_no_booking(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, UNKNOWN, "2026-03-02 08:05")
    assert case.shipment(case.s1).booking is BookingState.REQUESTED
    assert case.told_onestop("postal.order_booked") == []


# --- who is told ---


def test_the_onestop_is_told_of_every_state_and_its_copy_ends_equal(result: Case) -> None:
    for code, when in ((COLLECTED, "05 09:00"), (AT_THE_DOOR, "06 09:00"), (DELIVERED, "06 10:00")):
        result.reported(result.r1, code, f"2026-03-{when}")
    moved = [data["state"] for data in result.told_onestop("postal.shipment_moved")]
    assert moved == ["in_transit", "out_for_delivery", "delivered"]
    copy = result.copy()
    assert copy.results == ((result.r1, "delivered"),)
    told = copy.shipment(result.r1)
    assert told is not None
    assert told.state == result.shipment(result.r1).state


def test_two_failed_attempts_invite_twice_and_the_result_goes_back(result: Case) -> None:
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00")
    result.reported(result.r1, FAILED, "2026-03-06 10:00")
    result.reported(result.r1, FAILED, "2026-03-10 10:00")
    result.reported(result.r1, RETURNING, "2026-03-12 10:00")
    result.reported(result.r1, RETURNED, "2026-03-13 10:00")
    assert ["(lần 1)" in one["text_vi"] for one in result.told_citizen("invitation")] == [True, False]
    assert "attempt 2" in result.told_citizen("invitation")[1]["text_en"]
    (returned,) = result.told_onestop("postal.result_returned")
    assert returned["reason"] == "2 failed attempts at delivery"
    assert result.copy().results == ((result.r1, "returned"),)
    assert result.shipment(result.r1).live is False


def test_nobody_is_invited_to_fetch_what_was_delivered(result: Case) -> None:
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00")
    result.reported(result.r1, DELIVERED, "2026-03-09 10:00")
    result.reported(result.r1, FAILED, "2026-03-06 10:00")
    assert result.told_citizen("invitation") == []
    assert len(result.shipment(result.r1).failed_attempts) == 1


def test_a_result_under_way_is_announced_with_its_day_and_waybill(result: Case) -> None:
    result.reported(result.r1, COLLECTED, "2026-03-05 09:00", ItemCode="HC000000015VN")
    (told,) = result.told_citizen("result_on_the_way")
    assert "09/03/2026" in told["text_vi"]
    assert "HC000000015VN" in told["text_en"]


def test_a_leg_that_ended_stays_ended_when_its_end_is_heard_of_late(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.reported(case.s1, RETURNING, "2026-03-03 10:00")
    assert case.shipment(case.s1).live is True
    case.reported(case.s1, DELIVERED, "2026-03-03 09:00")
    assert (case.shipment(case.s1).state, case.shipment(case.s1).live) == ("returning", False)


def test_a_state_lasts_since_its_first_report_however_late_that_comes(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-03 09:00")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert case.shipment(case.s1).state_since == case.now("2026-03-02 09:00")
