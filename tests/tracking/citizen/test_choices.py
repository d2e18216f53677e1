"""What the citizen may do, when, and what becomes of it: once for each form, and only while it is possible."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dispatch.citizens import Citizen
from dispatch.forms import AddressForm, OrderForm, RecipientForm
from dispatch.problems import Problem
from dispatch.shipment_queries import shipments_of
from tests.support.desk import order_body
from tests.tracking.case import COLLECTED, Case
from tests.tracking.homeward import brought_back, on_its_way
from tracking.citizen import code_rows
from tracking.citizen.codes import new_code, typed_digits
from tracking.citizen.doing import cancel, go_elsewhere, name_receiver, place, want_messages
from tracking.citizen.overview import overview
from tracking.citizen.words import CHANGED
from tracking.telling.told import told

THERE = AddressForm(text="Số 9, Phường Thục Phán, tỉnh Cao Bằng", era="new2")


def do(case: Case, what: Callable[..., Any], *values: Any) -> Any:
    with case.desk.context.database.write() as session:
        return what(session, case.desk.context, *values)


def moves(case: Case, key: str = "k" * 20) -> bool:
    return bool(do(case, go_elsewhere, case.desk.office, case.code, THERE, key))


def test_a_result_on_its_way_is_called_back_to_go_elsewhere_once(case: Case) -> None:
    on_its_way(case)
    assert (moves(case), moves(case)) == (True, False)
    assert case.shipment(case.r1).recall_asked_at is not None
    assert len(case.told_citizen("result_forwarded_later")) == 1


def test_a_result_at_the_counter_goes_out_again_to_the_new_address(case: Case) -> None:
    brought_back(case)
    assert moves(case)
    home = Citizen.from_text(case.shipment(case.r2).citizen)
    assert home.commune_name == "Phường Thục Phán"


def test_without_papers_on_their_way_there_is_no_address_to_change(case: Case) -> None:
    with pytest.raises(Problem) as refusal:
        moves(case)
    assert refusal.value.status == 409
    assert "gọi bộ phận một cửa" in refusal.value.next_step_vi


def test_a_receiver_can_be_named_until_the_post_has_the_order(case: Case) -> None:
    case.order("receive")
    receiver = RecipientForm(name="Nông Thị Páo", phone="0912345678")
    assert [do(case, name_receiver, case.code, receiver, "k" * 20) for _ in range(2)] == [True, False]
    assert Citizen.from_text(case.shipment(case.r1).citizen).name == "Nông Thị Páo"
    case.happens("accepted", "2026-03-02 08:30")
    case.finished("2026-03-02 15:00")
    case.desk.work()
    with pytest.raises(Problem) as refusal:
        do(case, name_receiver, case.code, receiver, "another-key-of-a-form")
    assert "giấy uỷ quyền" in refusal.value.next_step_vi


def test_while_the_papers_are_on_their_way_to_the_agency_the_way_home_can_still_be_cancelled(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    do(case, cancel, case.code, [case.shipment(case.s1).order_id])
    assert (case.shipment(case.s1).state, case.shipment(case.r1).state) == ("in_transit", "cancelled")


def test_an_order_of_somebody_else_is_unknown(case: Case) -> None:
    other = Case.opened(case.desk)
    other.order("send")
    with pytest.raises(Problem, match="Unknown order"):
        do(case, cancel, case.code, [other.shipment(other.s1).order_id])


def test_the_same_form_sent_by_two_hands_at_once_is_one_order(case: Case) -> None:
    form = OrderForm.model_validate(order_body("send", dossier=case.code))
    with ThreadPoolExecutor(4) as hands:
        new = list(hands.map(lambda _: do(case, place, case.desk.office, case.code, form, "k" * 20), range(4)))
    assert sorted(new) == [False, False, False, True]
    with case.desk.read() as session:
        assert len(shipments_of(session, case.code)) == 1


def test_of_many_who_ask_at_once_one_makes_the_telephone_ring(case: Case) -> None:
    context = case.desk.context

    def ask(_: int) -> bool:
        with context.database.write() as session:
            return code_rows.ask(session, context.accounts, case.code, "3275", context.clock.now())

    with ThreadPoolExecutor(4) as hands:
        assert sum(hands.map(ask, range(4))) == 1


def test_of_many_who_enter_a_code_at_once_one_gets_in_and_guesses_in_parallel_are_all_counted(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    otp, context = new_code(), case.desk.context
    monkeypatch.setattr(code_rows, "new_code", lambda: otp)
    with context.database.write() as session:
        assert code_rows.ask(session, context.accounts, case.code, "3275", context.clock.now())

    def enter(guess: str) -> str | None:
        with context.database.write() as session:
            return code_rows.redeem(session, case.code, guess, context.clock.now())

    wrong = f"{(int(typed_digits(otp)) + 1) % 10**6:06d}"
    with ThreadPoolExecutor(4) as hands:
        assert set(hands.map(enter, [wrong] * 4)) == {None}
        assert [one for one in hands.map(enter, [otp] * 4) if one] == [case.code]
    with case.desk.read() as session:
        assert told(session, case.code) == []


def told_of_changes(case: Case) -> list[str]:
    """Return what the citizen's own page tells of it, the earliest first; staff read the same."""
    with case.desk.read() as session:
        shown = overview(session, case.desk.context, case.desk.office, case.code)
    known = {text.vi for text in CHANGED.values()}
    story = [entry.text.vi for entry in reversed(shown.story) if entry.text.vi in known]
    assert [one.what_vi for one in case.timeline() if one.source == "citizen" and one.what_vi in known] == story
    return story


def test_what_the_citizen_changes_stands_in_the_story_once_and_without_what_was_typed(case: Case) -> None:
    case.order("both")
    desk, receiver = case.desk, RecipientForm(name="Nông Thị Páo", phone="0912345678")
    order = case.shipment(case.r1).order_id
    for _ in range(2):
        do(case, go_elsewhere, desk.office, case.code, THERE, "k" * 20)
    desk.clock.forward(minutes=5)
    for _ in range(2):
        do(case, name_receiver, case.code, receiver, "r" * 20)
    desk.clock.forward(minutes=5)
    for _ in range(2):
        do(case, cancel, case.code, [order])
    assert told_of_changes(case) == [
        "Đổi địa chỉ của giấy tờ trên trang tra cứu",
        "Ghi tên người nhận kết quả trên trang tra cứu",
        "Yêu cầu huỷ việc gửi giấy tờ qua bưu điện trên trang tra cứu",
        "Yêu cầu huỷ việc trả kết quả qua bưu điện trên trang tra cứu",
    ]
    assert not [said for said in case.timeline() if "Páo" in said.what_vi or "Thục Phán" in said.what_vi]


def test_only_the_way_that_is_cancelled_is_told_of(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    do(case, cancel, case.code, [case.shipment(case.s1).order_id])
    assert told_of_changes(case) == ["Yêu cầu huỷ việc trả kết quả qua bưu điện trên trang tra cứu"]


def test_a_cancellation_that_the_post_has_yet_to_confirm_is_told_of_when_it_was_asked_for(case: Case) -> None:
    case.order("send")
    case.desk.work()
    for _ in range(2):
        do(case, cancel, case.code, [case.shipment(case.s1).order_id])
    assert case.shipment(case.s1).cancel_wanted
    assert told_of_changes(case) == ["Yêu cầu huỷ việc gửi giấy tờ qua bưu điện trên trang tra cứu"]


def test_other_wishes_about_messages_are_told_of_and_the_same_again_is_not(case: Case) -> None:
    for wanted in (True, False, False):
        with case.desk.context.database.write() as session:
            want_messages(session, case.code, {"+84919393275": wanted}, "người nộp", case.desk.clock.now())
    assert told_of_changes(case) == ["Đổi lựa chọn nhận tin nhắn trên trang tra cứu"]


def test_what_was_refused_is_not_told_of(case: Case) -> None:
    with pytest.raises(Problem):
        moves(case)
    assert told_of_changes(case) == []


def test_an_order_is_told_of_to_citizen_and_staff(case: Case) -> None:
    case.order("both")
    assert "Đăng ký gửi hồ sơ và nhận kết quả qua bưu điện" in [
        one.what_vi for one in case.timeline() if one.source == "citizen"
    ]
    with case.desk.read() as session:
        shown = overview(session, case.desk.context, case.desk.office, case.code)
    assert "Đăng ký dịch vụ bưu chính" in [entry.text.vi for entry in shown.story]
