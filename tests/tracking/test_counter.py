"""A result at the counter: reminded, kept, taken in person, or sent once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from carriers.states import ShipmentState
from dispatch import booking
from dispatch.change_forms import OperatorForm
from dispatch.generations import next_generation
from dispatch.money.unnamed import name_postage
from dispatch.other_operator import give_to_another
from dispatch.parties import Party
from dispatch.problems import Problem
from dispatch.shipment_queries import get_shipment, shipments_of
from dispatch.shipments import BookingState, Leg
from tests.tracking.case import COLLECTED, DELIVERED, FAILED, Case
from tests.tracking.conftest import ON_SQLITE
from tests.tracking.homeward import (
    THERE,
    brought_back,
    collected,
    forwarded,
    money,
    on_its_way,
    price_known,
    sent_again,
    standing,
)
from tracking import counter_reminders
from tracking.counter_facts import open_wait
from tracking.undeliverable import Stage

pytestmark = ON_SQLITE

DESK = "agency:H14.10"
IN_HANOI = {"text": "Số 5, Phường Hoàn Kiếm, thành phố Hà Nội", "era": "new2"}


def days_pass(case: Case, days: int) -> None:
    for _ in range(days):
        case.desk.clock.forward(days=1)
        counter_reminders.remind(case.desk.context, case.desk.office)


def r2(case: Case) -> str:
    return f"{case.code}-R2"


# --- reminders and retention ---


def test_the_citizen_is_reminded_as_often_as_the_rule_says_and_no_more(case: Case) -> None:
    brought_back(case)
    days_pass(case, 6)
    assert case.told_citizen("counter_reminder") == []
    days_pass(case, 2)
    (first,) = case.told_citizen("counter_reminder")
    assert "10:00 10/03/2026" in first["text_vi"]
    assert "06/09/2026" in first["text_vi"]
    days_pass(case, 170)
    assert len(case.told_citizen("counter_reminder")) == 5


def test_a_result_that_nobody_takes_is_shown_when_its_time_is_over(case: Case) -> None:
    brought_back(case)
    case.now("2026-09-06 12:00")
    assert case.attention_kinds("counter") == []
    case.now("2026-09-07 08:00")
    (item,) = [one for one in case.attention() if one.kind == "counter-too-long"]
    assert "10/03/2026" in item.what_vi
    collected(case, "2026-09-07 09:00")
    assert case.attention_kinds("counter") == []


def test_nobody_is_reminded_of_what_goes_out_again(case: Case) -> None:
    brought_back(case)
    sent_again(case, "2026-03-11 09:00")
    days_pass(case, 10)
    assert case.told_citizen("counter_reminder") == []


# --- taken in person ---


def test_who_comes_to_the_counter_gets_the_result_for_the_last_digits_of_a_paper(case: Case) -> None:
    brought_back(case)
    fact = collected(case, "2026-03-12 09:00")
    assert (fact.id_kind, fact.id_last) == ("cccd", "9013")
    assert set(case.holders().values()) == {"citizen"}
    assert case.hands("Kết quả")[-1] == ("citizen", "2026-03-12 09:00")
    found = standing(case)
    assert found is not None
    assert found.stage is Stage.COLLECTED
    assert len(case.told_citizen("result_collected")) == 1


def test_the_same_pickup_again_changes_nothing_and_another_one_is_refused(case: Case) -> None:
    brought_back(case)
    first = collected(case, "2026-03-12 09:00")
    assert collected(case, "2026-03-12 09:00").id == first.id
    assert len(case.told_citizen("result_collected")) == 1
    with pytest.raises(Problem, match="taken already"):
        collected(case, "2026-03-12 09:00", id_last="1111")


def test_somebody_else_needs_an_authorisation(case: Case) -> None:
    brought_back(case)
    with pytest.raises(Problem, match=r"Art. 5\(2\)\(d\)"):
        collected(case, "2026-03-12 09:00", name="Nông Thị Xuân")
    fact = collected(case, "2026-03-12 09:00", name="Nông Thị Xuân", authorisation="Giấy uỷ quyền 05/2026")
    assert fact.authorisation == "Giấy uỷ quyền 05/2026"


@pytest.mark.parametrize("when", ["2026-03-09 09:00"])
def test_nothing_is_taken_before_it_was_there(case: Case, when: str) -> None:
    brought_back(case)
    with pytest.raises(Problem, match="not at the counter then"):
        collected(case, when)


def test_nothing_is_taken_that_the_post_still_has(case: Case) -> None:
    on_its_way(case)
    with pytest.raises(Problem, match="No result waits"):
        collected(case, "2026-03-12 09:00")


def test_nothing_is_taken_that_the_postman_has_signed_for_though_his_operator_has_not_told_of_it(case: Case) -> None:
    brought_back(case)
    heir = sent_again(case, "2026-03-11 09:00").order_number
    booking.drain(case.desk.context)
    case.signed(heir, "2026-03-12 08:00", direction="to_post")
    with pytest.raises(Problem) as refused:
        collected(case, "2026-03-12 08:30")
    assert refused.value.kind == "not-at-counter"
    assert case.shipment(heir).live
    assert not case.shipment(heir).cancel_wanted
    case.reported(heir, COLLECTED, "2026-03-12 08:20")
    with case.desk.read() as session:
        assert open_wait(session, case.code) is None


def test_a_line_that_the_postman_does_not_take_leaves_the_result_at_the_counter(case: Case) -> None:
    brought_back(case)
    heir = sent_again(case, "2026-03-11 09:00").order_number
    booking.drain(case.desk.context)
    case.signed(heir, "2026-03-12 08:00", direction="to_post", accepted=False, reason="không đủ giấy tờ")
    assert collected(case, "2026-03-12 08:30").order_number == case.r1


def test_what_is_taken_at_the_counter_is_not_sent_as_well(case: Case) -> None:
    brought_back(case)
    sent_again(case, "2026-03-11 09:00")
    collected(case, "2026-03-11 10:00")
    assert case.shipment(r2(case)).state == ShipmentState.CANCELLED


# --- sent once more ---


def test_a_second_sending_is_a_new_generation_at_the_cost_of_the_party_at_fault(case: Case) -> None:
    brought_back(case)
    price_known(case, 26_000)
    heir = sent_again(case, "2026-03-11 09:00", address=THERE)
    assert (heir.order_number, heir.payer, heir.live) == (r2(case), Party.CITIZEN, True)
    assert (str(heir.pickup_on), heir.booking) == ("2026-03-12", BookingState.REQUESTED)
    (due,) = money(case, r2(case))
    assert (due.id, due.debtor, due.amount_vnd) == (f"{r2(case)}:postage:due", Party.CITIZEN, 26_000)
    assert due.legal_source == "Quyết định 45/2016/QĐ-TTg, Điều 12(4)"
    booking.drain(case.desk.context)
    case.signed(r2(case), "2026-03-12 08:00", direction="to_post")
    case.reported(r2(case), COLLECTED, "2026-03-12 08:00")
    case.reported(r2(case), DELIVERED, "2026-03-13 10:00")
    assert set(case.holders().values()) == {"citizen"}
    assert standing(case) is None
    days_pass(case, 10)
    assert case.told_citizen("counter_reminder") == []


def test_what_the_post_carries_at_its_own_fault_costs_nobody(case: Case) -> None:
    brought_back(case)
    price_known(case)
    assert sent_again(case, "2026-03-11 09:00", payer="post").payer is Party.POST
    assert money(case, r2(case)) == []
    assert case.attention_kinds("postage") == []


def test_a_second_sending_that_nobody_collected_costs_nobody_anything(case: Case) -> None:
    brought_back(case)
    price_known(case, 26_000)
    sent_again(case, "2026-03-11 09:00")
    collected(case, "2026-03-11 10:00")
    assert [(one.kind, one.amount_vnd) for one in money(case, r2(case))] == [("due", 26_000), ("waived", 26_000)]


def test_what_the_post_carries_for_nothing_and_late_is_paid_back_to_nobody(case: Case) -> None:
    brought_back(case)
    price_known(case, 26_000)
    sent_again(case, "2026-03-11 09:00", payer="post")
    booking.drain(case.desk.context)
    case.reported(r2(case), COLLECTED, "2026-03-12 08:00")
    case.reported(r2(case), DELIVERED, "2026-03-25 10:00")
    assert case.shipment(r2(case)).state == ShipmentState.DELIVERED
    assert money(case, r2(case)) == []


def test_a_result_that_nobody_has_collected_cannot_be_handed_back(case: Case) -> None:
    case.happens("accepted", "2026-03-02 10:00")
    case.order("receive")
    case.finished("2026-03-04 10:00")
    case.desk.work()
    with pytest.raises(Problem, match="nobody has collected it"):
        case.signed(case.r1, "2026-03-05 09:00")


def test_papers_that_the_post_has_signed_for_are_given_to_no_other_operator(case: Case) -> None:
    """Nor is their order cancelled, although the operator has reported nothing yet: two would be live otherwise."""
    case.happens("accepted", "2026-03-02 10:00")
    case.order("receive")
    case.finished("2026-03-04 10:00")
    case.desk.work()
    case.signed(case.r1, "2026-03-05 09:00", direction="to_post")
    context, form = case.desk.context, OperatorForm(carrier="myvnpost", reason="chậm")
    with context.database.write() as session, pytest.raises(Problem, match="with their operator"):
        give_to_another(session, context, shipments_of(session, case.code), form, case.desk.clock.now())


def test_postage_of_which_nobody_knows_the_amount_is_named_by_a_person(case: Case) -> None:
    brought_back(case)
    heir = sent_again(
        case, "2026-03-11 09:00", payer="agency", address={**THERE, "text": "Số 5, Phường Hoàn Kiếm, thành phố Hà Nội"}
    )
    assert case.attention_kinds("postage") == ["postage-unnamed"]
    id = f"{heir.order_number}:postage:due"
    for _ in range(2):
        with case.desk.context.database.write() as session:
            name_postage(session, id, 31_000, "Hà Thị Mai", case.desk.clock.now())
    with case.desk.context.database.write() as session, pytest.raises(Problem, match="Another amount"):
        name_postage(session, id, 32_000, "Hà Thị Mai", case.desk.clock.now())
    assert [(one.debtor, one.amount_vnd) for one in money(case, r2(case))] == [(Party.AGENCY, 31_000)]
    assert case.attention_kinds("postage") == []


def test_nothing_is_sent_twice_at_once(case: Case) -> None:
    brought_back(case)
    sent_again(case, "2026-03-11 09:00")
    with pytest.raises(Problem, match="being sent already"):
        sent_again(case, "2026-03-11 10:00")
    with case.desk.read() as session:
        assert sum(s.live for s in shipments_of(session, case.code) if s.leg is Leg.RETURN) == 1


def test_nothing_is_sent_again_that_has_not_come_back(case: Case) -> None:
    on_its_way(case)
    with pytest.raises(Problem, match="No result waits"):
        sent_again(case, "2026-03-04 09:00")


def test_the_database_itself_lets_no_leg_live_twice(case: Case) -> None:
    on_its_way(case)
    with pytest.raises(IntegrityError), case.desk.context.database.write() as session:
        next_generation(session, get_shipment(session, case.r1), case.desk.clock.now())


# --- forwarded ---


def test_where_no_address_is_taken_the_result_comes_back_and_goes_on_by_itself(case: Case) -> None:
    on_its_way(case)
    price_known(case, 26_000)
    case.reported(case.r1, FAILED, "2026-03-03 10:00")
    forwarded(case, "2026-03-03 11:00")
    forwarded(case, "2026-03-03 11:00")
    assert len(case.told_citizen("result_forwarded_later")) == 1
    booking.drain(case.desk.context)
    assert "call it" in str(case.shipment(case.r1).trouble)
    case.now("2026-03-05 08:00")
    assert "recall-unanswered" in case.attention_kinds()
    case.reported(case.r1, 6, "2026-03-05 09:00")
    assert [kind for kind in case.attention_kinds() if kind in ("recall-unanswered", "turned-back-early")] == []
    assert case.shipment(case.r1).trouble is None
    case.signed(case.r1, "2026-03-06 09:00")
    heir = case.shipment(r2(case))
    assert (heir.live, heir.payer, heir.booking) == (True, Party.CITIZEN, BookingState.REQUESTED)
    assert "Thục Phán" in heir.citizen
    assert (len(case.told_citizen("result_sent_again")), case.told_citizen("result_back")) == (1, [])
    (due,) = money(case, r2(case))
    assert (due.debtor, due.legal_source) == (Party.CITIZEN, "Luật Bưu chính 49/2010/QH12, Điều 16(3)")


def test_where_the_operator_takes_it_the_parcel_goes_there_and_who_asks_pays(case: Case) -> None:
    on_its_way(case)
    price_known(case, 26_000)
    forwarded(case, "2026-03-03 11:00", lambda _shipment: True, asked_by={"who": "agency"})
    shipment = case.shipment(case.r1)
    assert shipment.new_citizen is not None
    assert "Thục Phán" in shipment.new_citizen
    due = money(case, case.r1)[-1]
    assert due.id.startswith(f"{case.r1}:forwarding:")
    assert due.debtor is Party.AGENCY


def test_from_the_counter_it_is_sent_on_at_once(case: Case) -> None:
    brought_back(case)
    heir = forwarded(case, "2026-03-11 09:00")
    assert (heir.order_number, "Thục Phán" in heir.citizen) == (r2(case), True)


def test_somebody_else_cannot_forward_a_result(case: Case) -> None:
    on_its_way(case)
    with pytest.raises(Problem, match=r"Art\. 16") as refusal:
        forwarded(case, "2026-03-03 11:00", asked_by={"who": "other", "name": "Hàng xóm"})
    assert refusal.value.kind == "not-yours-to-change"


def test_what_was_delivered_cannot_be_forwarded(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, DELIVERED, "2026-03-03 10:00")
    with pytest.raises(Problem, match="can be forwarded"):
        forwarded(case, "2026-03-03 11:00")


def test_reminders_are_told_once_by_however_many_workers(case: Case) -> None:
    brought_back(case)
    case.desk.clock.at(case.desk.clock.now() + timedelta(days=8))
    for _ in range(3):
        counter_reminders.remind(case.desk.context, case.desk.office)
    assert len(case.told_citizen("counter_reminder")) == 1
    assert set(case.holders().values()) == {DESK}
