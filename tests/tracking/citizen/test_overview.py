"""What the citizen reads at each point of the way: where the papers are, when the result comes, what is next."""

from __future__ import annotations

from datetime import date

import pytest

from carriers.states import ShipmentState
from dispatch.shipment_queries import get_shipment
from tests.tracking.case import AT_THE_DOOR, BOOKED, COLLECTED, DELIVERED, FAILED, Case, local_text
from tests.tracking.homeward import brought_back, heard, on_its_way
from tracking.citizen.overview import Overview, overview
from tracking.citizen.progress import Stage


def seen(case: Case) -> Overview:
    with case.desk.read() as session:
        return overview(session, case.desk.context, case.desk.office, case.code)


def holders(shown: Overview) -> set[str]:
    return {paper.holder.vi for paper in shown.papers}


def test_before_anything_is_ordered_the_citizen_has_the_papers_and_three_services(case: Case) -> None:
    shown = seen(case)
    assert holders(shown) == {"Ông/Bà đang giữ"}
    assert shown.progress.stage is Stage.FILED
    assert shown.choices.services == ("send", "receive", "both")
    assert "Mang giấy tờ đến bộ phận một cửa" in shown.coming.text.vi
    assert shown.money.fee_left_vnd == 25_000
    assert shown.contact == "02063852136"


def test_papers_on_their_way_are_with_the_post_and_no_date_is_promised_yet(case: Case) -> None:
    case.order("both")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    shown = seen(case)
    assert holders(shown) == {"bưu điện đang giữ"}
    assert (shown.due.due, shown.coming.home_by) == (None, None)
    assert "Thời hạn giải quyết bắt đầu khi hai bên ký" in shown.coming.text.vi
    assert shown.choices.carried == ("send",)
    assert shown.choices.cancels == ("return",)


def test_while_the_post_has_yet_to_confirm_a_cancellation_nobody_waits_for_the_postman(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, BOOKED, "2026-03-02 09:00")
    assert "Bưu tá sẽ đến lấy giấy tờ" in seen(case).coming.text.vi
    with case.desk.context.database.write() as session:
        get_shipment(session, case.s1).cancel_wanted = True
    assert "đang được huỷ" in seen(case).coming.text.vi


def test_once_it_is_signed_for_the_day_is_told_with_its_reason_and_the_day_at_home(case: Case) -> None:
    case.order("both")
    case.arrives()
    case.signed(case.s1, "2026-03-02 16:05")
    shown = seen(case)
    assert holders(shown) == {"tại Sở Tư pháp"}
    assert local_text(shown.due.due) == "2026-03-05 17:00"
    assert "ký" in shown.due.reasons[0].vi
    assert shown.coming.home_by == date(2026, 3, 10)
    assert [entry.text.vi for entry in shown.story[:2]] == [
        shown.due.reasons[0].vi,
        "Cơ quan ký biên bản nhận giấy tờ từ bưu điện",
    ]
    assert shown.choices.services == ()


def test_a_supplement_says_what_is_missing_and_that_the_time_stands_still(case: Case) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    case.happens("supplement_requested", "2026-03-03 09:00", reason="thiếu bản sao <khai sinh>")
    shown = seen(case)
    assert shown.due.due is None
    assert "bổ sung giấy tờ: thiếu bản sao <khai sinh>" in shown.coming.text.vi
    assert "further papers from you: thiếu bản sao" in shown.coming.text.en


def test_an_extension_shows_both_dates(case: Case) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    case.happens("extended", "2026-03-03 09:00", new_due="2026-03-12", reason="chờ xác minh")
    shown = seen(case)
    assert (local_text(shown.due.original), local_text(shown.due.due)) == ("2026-03-05 17:00", "2026-03-12 17:00")
    assert any("chờ xác minh" in reason.vi for reason in shown.due.reasons)


def test_a_date_of_another_system_is_not_told_by_us(case: Case) -> None:
    case.register(due_date_owner="source")
    case.happens("accepted", "2026-03-02 08:30")
    shown = seen(case)
    assert (shown.due.elsewhere, shown.due.due, shown.due.reasons) == (True, None, ())
    assert "theo hệ thống nơi Ông/Bà nộp" in shown.coming.text.vi


@pytest.mark.parametrize(("code", "said"), [(AT_THE_DOOR, "đang mang kết quả đến"), (FAILED, "mời lần nữa")])
def test_the_way_home_says_what_to_have_ready(case: Case, code: int, said: str) -> None:
    on_its_way(case)
    assert seen(case).progress.stage is Stage.TO_CITIZEN
    case.reported(case.r1, code, "2026-03-04 10:00")
    shown = seen(case)
    assert said in shown.coming.text.vi


def test_a_delivered_result_ends_it(case: Case) -> None:
    on_its_way(case)
    case.reported(case.r1, DELIVERED, "2026-03-04 10:00")
    shown = seen(case)
    assert shown.progress.stage is Stage.DONE
    assert "Không còn việc gì" in shown.coming.text.vi
    assert (shown.choices.services, shown.choices.cancel, shown.choices.readdress) == ((), (), None)
    result = next(paper for paper in shown.papers if paper.is_result)
    assert result.holder.vi == "Ông/Bà đang giữ"


def test_a_result_that_came_back_waits_at_the_counter_until_a_day(case: Case) -> None:
    brought_back(case)
    shown = seen(case)
    assert shown.progress.stage is Stage.READY
    assert "nhận tại quầy" in shown.coming.text.vi
    assert shown.kept_until is not None
    assert shown.choices.readdress is not None


def test_lost_papers_say_who_searches_and_who_pays(case: Case) -> None:
    case.order("send")
    case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
    heard(case, case.s1, ShipmentState.LOST, "2026-03-04 09:00")
    assert "Nếu lỗi do bưu điện" in seen(case).coming.text.vi


def test_the_story_says_the_same_thing_once_and_names_no_officer(case: Case) -> None:
    case.order("send")
    for code, when in ((BOOKED, "08:30"), (COLLECTED, "09:00"), (COLLECTED, "11:00"), (COLLECTED, "13:00")):
        case.reported(case.s1, code, f"2026-03-02 {when}")
    case.reported(case.s1, DELIVERED, "2026-03-02 15:00")
    case.signed(case.s1, "2026-03-02 16:05")
    texts = [entry.text.vi for entry in seen(case).story]
    assert texts.count("Giấy tờ đang trên đường đến cơ quan") == 1
    whole = str(seen(case))
    assert not [name for name in ("Hoàng Thị Lan", "Nông Văn Páo", case.s1) if name in whole.replace(case.code, "…")]


def test_a_withdrawn_dossier_says_so(case: Case) -> None:
    case.happens("accepted", "2026-03-02 08:30")
    case.happens("withdrawn", "2026-03-03 09:00")
    shown = seen(case)
    assert shown.progress.stage is Stage.WITHDRAWN
    assert shown.choices.services == ()
