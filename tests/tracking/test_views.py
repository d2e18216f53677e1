"""What people are shown of a dossier: the next step of each shipment, and the whole story in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dispatch.problems import Problem
from dispatch.shipments import BookingState, Shipment
from tests.support.accounts import change_account
from tests.support.desk import TestDesk, opened_desk
from tests.tracking.case import COLLECTED, DELIVERED, FAILED, UNKNOWN, Case, document, keep
from tracking import apply, views

MONEY = {"code": "20", "money_only": True, "certainty": "confirmed", "source": "VNPost, 03/2026"}


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDesk]:
    """One desk on SQLite: nothing here depends on the database."""
    with opened_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.mark.parametrize(
    ("booking", "says"),
    [
        (BookingState.REQUESTED, "booked at the operator"),
        (BookingState.BOOKING, "being called"),
        (BookingState.OUTCOME_UNKNOWN, "never booked again blindly"),
        (BookingState.BOOKED, "followed"),
        (BookingState.PARKED, "a person decides: no such commune"),
    ],
)
def test_every_state_of_a_booking_has_a_next_step(case: Case, booking: BookingState, says: str) -> None:
    case.order("send")
    shipment = case.shipment(case.s1)
    shipment.booking, shipment.trouble = booking, "no such commune"
    assert says in str(views.next_step(shipment))


def test_a_way_home_that_waits_for_the_result_says_so(case: Case) -> None:
    case.order("both")
    assert views.next_step(case.shipment(case.r1)) == "booked when the result is ready"


def test_a_cancellation_that_is_out_says_so(case: Case) -> None:
    case.order("send")
    shipment: Shipment = case.shipment(case.s1)
    shipment.cancel_wanted = True
    assert "asked to cancel" in str(views.next_step(shipment))


def test_what_has_ended_has_no_next_step(case: Case) -> None:
    case.order("send")
    case.arrives()
    assert views.next_step(case.shipment(case.s1)) is None


def test_the_story_is_told_in_the_order_in_which_things_happened(case: Case) -> None:
    case.order("both")
    case.signed(case.s1, "2026-03-02 16:00")
    case.finished("2026-03-04 15:00")
    case.reported(case.r1, FAILED, "2026-03-06 09:00")
    case.reported(case.r1, COLLECTED, "2026-03-05 09:00")
    case.reported(case.r1, DELIVERED, "2026-03-09 09:00")
    case.deliver()
    story = case.timeline()
    assert [moment.at for moment in story] == sorted(moment.at for moment in story)
    told = [moment.what_vi for moment in story if moment.source == "vnpost_ngsp"]
    assert [line.split(": ")[1].split(" (")[0] for line in told] == [
        "đang vận chuyển",
        "phát chưa thành công",
        "đã phát",
    ]


def test_the_story_names_everybody_who_has_a_part_in_it(case: Case) -> None:
    case.order("send")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:00")
    case.deliver()
    sources = {moment.source for moment in case.timeline()}
    assert sources == {
        "one-stop",
        "vnpost_ngsp",
        "Hoàng Thị Lan / Nông Văn Páo",
        "due date",
        "message",
        "routing",
        "citizen",
    }
    for moment in case.timeline():
        assert moment.what_vi
        assert moment.what_en


def test_a_rejected_line_tells_why(case: Case) -> None:
    case.order("send")
    case.signed(case.s1, "2026-03-02 16:00", accepted=False, missing_papers=["Tờ khai"])
    (record,) = [moment for moment in case.timeline() if "Biên bản" in moment.what_vi or "biên bản" in moment.what_vi]
    assert record.what_vi.endswith("từ chối: Tờ khai")
    assert record.what_en.endswith("rejected: Tờ khai")


def test_a_message_is_told_when_it_has_been_sent_and_not_before(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    assert "message" not in {moment.source for moment in case.timeline()}
    case.deliver()
    assert "message" in {moment.source for moment in case.timeline()}


def test_an_unknown_code_is_part_of_the_story(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, UNKNOWN, "2026-03-02 09:00")
    assert any("mã chưa biết '9'" in moment.what_vi for moment in case.timeline())


def test_the_story_of_an_unknown_dossier_is_refused(case: Case) -> None:
    with pytest.raises(Problem, match="Unknown dossier"):
        Case(case.desk, "H14.10-000000-0000").timeline()


def with_confirmed_codes(desk: TestDesk) -> None:
    table = {"name": "vnpost-2026-03", "issued": "2026-12-01", "codes": [MONEY]}
    change_account(desk, options={"confirmed_statuses": table})


def test_an_event_about_money_is_told_and_is_no_unknown_code(case: Case) -> None:
    desk = case.desk
    with_confirmed_codes(desk)
    case.order("send")
    keep(desk, document(case.s1, 20, desk.clock.now() - timedelta(minutes=5)))
    apply.drain(desk.context, desk.office)
    (line,) = [moment for moment in case.timeline() if moment.source == "vnpost_ngsp"]
    assert ("về tiền" in line.what_vi, "about money only" in line.what_en) == (True, True)
    assert case.attention() == []
