"""A dossier is withdrawn: before a decision everything stops and comes back; after it, a contradiction is kept."""

from __future__ import annotations

from sqlalchemy import select

from dispatch import booking
from dispatch.dossiers import get_dossier
from dispatch.shipments import BookingState
from tests.tracking.case import AT_THE_DOOR, COLLECTED, DELIVERED, RETURNED, RETURNING, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import on_its_way
from tests.tracking.test_money import debts
from tracking.money import fee_registered
from tracking.stop_notices import StopNotice, notices_of

pytestmark = ON_SQLITE


def notices(case: Case) -> list[StopNotice]:
    with case.desk.read() as session:
        return notices_of(session, case.code)


def test_before_a_decision_the_agency_issues_a_stop_notice(case: Case) -> None:
    case.order("both")
    case.happens("withdrawn", "2026-03-02 10:00", event_id="w-1", reason="nộp nhầm thủ tục")
    case.happens("withdrawn", "2026-03-02 10:00", event_id="w-1", reason="nộp nhầm thủ tục")
    (notice,) = notices(case)
    assert "mẫu 05" in notice.text_vi
    assert "nộp nhầm thủ tục" in notice.text_vi
    assert "Nghị định 118/2025/NĐ-CP, Điều 21" in notice.legal_source
    assert notice.officer == "Hà Thị Mai"
    assert any("Stop notice" in moment.what_en for moment in case.timeline())


def test_a_pickup_is_stopped_and_a_parcel_is_called_back_to_the_citizen(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    case.happens("withdrawn", "2026-03-02 10:00")
    assert case.shipment(case.r1).booking is BookingState.CANCELLED
    assert case.shipment(case.s1).recall_wanted
    assert len(case.told_citizen("papers_recalled")) == 1
    booking.drain(case.desk.context)
    assert "takes no recall" in str(case.shipment(case.s1).trouble)
    assert "booking-booked" in case.attention_kinds()
    case.reported(case.s1, RETURNING, "2026-03-03 09:00")
    assert "booking-booked" not in case.attention_kinds()
    case.reported(case.s1, RETURNED, "2026-03-04 09:00")
    assert set(case.holders().values()) == {"citizen"}
    assert case.hands() == [("post:vnpost_ngsp", "2026-03-02 09:00"), ("citizen", "2026-03-04 09:00")]


def test_a_parcel_that_arrives_all_the_same_is_not_called_back_any_more(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, AT_THE_DOOR, "2026-03-02 09:00")
    case.happens("withdrawn", "2026-03-02 10:00")
    case.reported(case.s1, DELIVERED, "2026-03-02 11:00")
    assert (case.shipment(case.s1).recall_wanted, case.shipment(case.s1).next_at) == (False, None)


def test_after_the_decision_a_withdrawal_is_a_contradiction_with_a_name_and_stops_nothing(case: Case) -> None:
    on_its_way(case)
    due, told = case.due, len(case.told_citizen("withdrawn"))
    applied = case.happens("withdrawn", "2026-03-03 10:00")
    assert applied.contradiction == "already_stopped"
    assert notices(case) == []
    shipment = case.shipment(case.r1)
    assert (shipment.live, shipment.cancel_wanted, shipment.recall_asked_at) == (True, False, None)
    assert (case.due, len(case.told_citizen("withdrawn"))) == (due, told)
    assert "không thể rút" in case.told_citizen("withdrawal_too_late")[0]["text_vi"]
    (item,) = [one for one in case.attention() if one.kind == "clock-contradiction"]
    assert "Hà Thị Mai" in item.what_vi


def test_a_booked_return_stays_booked_when_a_withdrawal_comes_after_the_result(case: Case) -> None:
    case.order("receive")
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    case.happens("withdrawn", "2026-03-02 16:00")
    assert (case.shipment(case.r1).live, case.shipment(case.r1).cancel_wanted) == (True, False)


def test_a_withdrawal_that_is_heard_of_late_calls_back_the_result(case: Case) -> None:
    """By event time it came first, so it is the result that contradicts it."""
    on_its_way(case)
    case.happens("withdrawn", "2026-03-02 14:00")
    assert case.shipment(case.r1).recall_asked_at is not None
    assert len(notices(case)) == 1


def test_nothing_personal_of_the_citizen_is_in_the_notice(case: Case) -> None:
    case.happens("withdrawn", "2026-03-02 10:00")
    with case.desk.read() as session:
        (text,) = session.scalars(select(StopNotice.text_vi).where(StopNotice.dossier_code == case.code))
    assert "Bế Đức Hiếu" not in text


# --- the fee ---


def fees(case: Case) -> list[tuple[str, str, int]]:
    """Return who owes whom how much of the fee."""
    return sorted((debtor, to, vnd) for ledger, debtor, to, vnd in debts(case) if ledger == "fee")


def sent_with_its_fee(case: Case) -> Case:
    """The postman has the papers, and 25,000 đồng for the agency, since Monday 09:00."""
    case.order("send", fee_route="by_post")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    return case


FEE_GOES_BACK = [("agency", "citizen", 25_000), ("post", "agency", 25_000)]
"""What the postman has is the agency's, and the agency has done nothing for it."""


def test_a_fee_that_was_paid_before_the_agency_began_goes_back_to_the_citizen(case: Case) -> None:
    sent_with_its_fee(case)
    assert fees(case) == [("post", "agency", 25_000)]
    case.happens("withdrawn", "2026-03-02 10:00")
    assert fees(case) == FEE_GOES_BACK


def test_a_dossier_that_is_registered_once_more_does_not_owe_its_fee_again(case: Case) -> None:
    sent_with_its_fee(case)
    case.happens("withdrawn", "2026-03-02 10:00")
    case.register()
    with case.desk.context.database.write() as session:
        fee_registered(session, get_dossier(session, case.code), case.desk.clock.now())
    assert fees(case) == FEE_GOES_BACK


def test_what_the_agency_has_begun_is_paid_for_though_it_is_withdrawn(case: Case) -> None:
    sent_with_its_fee(case)
    case.reported(case.s1, DELIVERED, "2026-03-02 11:00")
    case.signed(case.s1, "2026-03-02 14:00")
    case.happens("withdrawn", "2026-03-03 10:00")
    assert fees(case) == [("post", "agency", 25_000)]


def test_papers_that_are_signed_for_after_the_withdrawal_make_no_fee_due(case: Case) -> None:
    sent_with_its_fee(case)
    case.happens("withdrawn", "2026-03-02 10:00")
    case.reported(case.s1, DELIVERED, "2026-03-02 11:00")
    case.signed(case.s1, "2026-03-02 14:00")
    assert fees(case) == FEE_GOES_BACK


def test_papers_that_were_signed_for_before_make_it_due_though_that_is_entered_later(case: Case) -> None:
    sent_with_its_fee(case)
    case.reported(case.s1, DELIVERED, "2026-03-02 11:00")
    case.happens("withdrawn", "2026-03-03 10:00")
    assert fees(case) == FEE_GOES_BACK
    case.signed(case.s1, "2026-03-02 14:00", recorded="2026-03-03 11:00")
    assert fees(case) == [("post", "agency", 25_000)]


def test_a_pickup_that_is_heard_of_after_the_withdrawal_leaves_the_same_debts(case: Case) -> None:
    case.order("send", fee_route="by_post")
    booking.drain(case.desk.context)
    case.happens("withdrawn", "2026-03-02 10:00")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    assert fees(case) == FEE_GOES_BACK
