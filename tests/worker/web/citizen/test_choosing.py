"""What a citizen does with an open dossier: each thing is asked once more, and done once, for this dossier alone."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from dispatch.channels.optout import opted_out
from dispatch.citizens import Citizen as Person
from dispatch.orders import PostalOrder
from dispatch.shipment_queries import shipments_of
from dispatch.shipments import Shipment
from tests.support.citizens import Citizen, hidden, said
from tests.support.desk import TestDesk

HOME = {"detail": "Tổ 5", "place": "Xã Xuân Trường, tỉnh Cao Bằng"}
ELSEWHERE = {"detail": "Tổ 9", "place": "Phường Thục Phán, tỉnh Cao Bằng"}
ORDER, ADDRESS, RECEIVER, CANCEL = "buu-chinh", "dia-chi", "nhan-thay", "huy"
HOSTILE = ["<img src=x onerror=alert(1)>", "\u202eevil", "x\x07y", "'; DROP TABLE dossier; --", "A" * 10_000, "{{7*7}}"]


@pytest.fixture(autouse=True)
def _own_time(desk: TestDesk) -> None:
    desk.clock.forward(days=1)


def shipments(desk: TestDesk, code: str) -> list[Shipment]:
    with desk.read() as session:
        return shipments_of(session, code)


def person(desk: TestDesk, code: str, leg: str = "return") -> Person:
    newest = [one for one in shipments(desk, code) if one.leg == leg][-1]
    return Person.from_text(newest.citizen)


def prices(citizen: Citizen, **fields: str) -> httpx.Response:
    return citizen.send(ORDER, {**HOME, **fields})


def test_three_services_are_priced_before_anything_is_ordered(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    assert "Đăng ký bưu chính (xem giá trước)" in said(citizen.open(registered))
    page = prices(citizen)
    assert page.status_code == 200
    text = said(page)
    assert all(name in text for name in ("Chỉ gửi giấy tờ", "Chỉ nhận kết quả", "Gửi giấy tờ và nhận kết quả"))
    assert text.count("₫") >= 4
    assert shipments(desk, registered) == []


def test_an_order_is_placed_once_however_often_its_button_is_pressed(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    citizen.open(registered)
    shown = prices(citizen)
    answers = [citizen.send(ORDER, {"service": "both", "fee_route": "by_post"}, shown) for _ in range(2)]
    assert all("Đã xong: dịch vụ bưu chính" in said(one) for one in answers), said(answers[0])
    with desk.read() as session:
        (order,) = session.scalars(select(PostalOrder).where(PostalOrder.dossier_code == registered))
    assert (order.service, order.fee_route) == ("both", "by_post")
    assert [one.leg for one in shipments(desk, registered)] == ["send", "return"]
    assert "nộp cho bưu tá, có biên lai" in said(citizen.page())


def test_a_second_tab_cannot_order_the_same_twice(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    citizen.open(registered)
    tabs = [prices(citizen), prices(citizen)]
    citizen.send(ORDER, {"service": "send"}, tabs[0])
    late = citizen.send(ORDER, {"service": "send"}, tabs[1])
    assert late.status_code == 409
    assert "đơn đang có" in said(late)
    assert len(shipments(desk, registered)) == 1


def test_without_a_service_the_prices_are_shown_again(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    citizen.open(registered)
    answer = citizen.send(ORDER, {}, prices(citizen))
    assert answer.status_code == 422
    assert "chọn một dịch vụ" in said(answer)
    assert "₫" in said(answer)
    assert "Tổ 5" in answer.text


@pytest.mark.parametrize("place", ["Xã Không Có, tỉnh Cao Bằng", "", "   ", *HOSTILE])
def test_a_wrong_address_says_what_is_wrong_and_keeps_what_was_typed(
    citizen: Citizen, desk: TestDesk, registered: str, place: str
) -> None:
    citizen.open(registered)
    answer = prices(citizen, place=place, detail="Nhà số 7")
    assert answer.status_code == 422
    assert "Vui lòng kiểm tra:" in said(answer)
    assert 'value="Nhà số 7"' in answer.text
    assert "<img" not in answer.text.split("<main")[1]
    assert shipments(desk, registered) == []


def test_an_address_that_could_be_several_is_asked_about_and_then_taken(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    citizen.open(registered)
    asked = prices(citizen, place="Xã Hưng Đạo, tỉnh Cao Bằng")
    assert asked.status_code == 422
    assert "Ông/Bà muốn nói nơi nào?" in said(asked)
    assert 'value="legacy3|Xã Hưng Đạo, Huyện Bảo Lạc, Tỉnh Cao Bằng"' in asked.text
    chosen = prices(
        citizen, place="Xã Hưng Đạo, tỉnh Cao Bằng", which="legacy3|Xã Hưng Đạo, Huyện Bảo Lạc, Tỉnh Cao Bằng"
    )
    assert chosen.status_code == 200, said(chosen)
    citizen.send(ORDER, {"service": "receive"}, chosen)
    assert person(desk, registered).address.startswith("Tổ 5, Xã Hưng Đạo, Huyện Bảo Lạc")


def test_a_new_address_is_shown_as_understood_and_then_put_in_force_once(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    desk.order("receive", dossier=registered)
    citizen.open(registered)
    asked = citizen.send(ADDRESS, ELSEWHERE)
    assert "Thông tin này đúng chưa?" in said(asked)
    assert "Xuân Trường" in person(desk, registered).address
    for _ in range(2):
        assert "địa chỉ mới có hiệu lực" in said(citizen.send(ADDRESS, {}, asked))
    assert person(desk, registered).address == "Tổ 9, Phường Thục Phán, tỉnh Cao Bằng"
    assert said(citizen.page()).count("Đổi địa chỉ của giấy tờ trên trang tra cứu") == 1


def test_a_booked_collection_can_go_nowhere_else(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    desk.order("send", dossier=registered)
    citizen.open(registered)
    shown = citizen.send(ADDRESS, ELSEWHERE)
    desk.work()
    late = citizen.send(ADDRESS, {}, shown)
    assert late.status_code == 409
    assert "gọi bộ phận một cửa" in said(late)
    assert "Đổi địa chỉ" not in said(citizen.page())


def test_a_receiver_is_named_for_the_result_alone_and_kept_when_the_address_changes(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    desk.order("both", dossier=registered)
    citizen.open(registered)
    asked = citizen.send(RECEIVER, {"name": "nông  thị Páo", "phone": "091 234 5678"})
    assert "+84912345678" in said(asked)
    assert "báo tên người nhận" in said(citizen.send(RECEIVER, {}, asked))
    citizen.send(ADDRESS, {}, citizen.send(ADDRESS, ELSEWHERE))
    there = person(desk, registered)
    assert (there.name, there.phone, there.commune_name) == ("nông thị Páo", "+84912345678", "Phường Thục Phán")
    assert person(desk, registered, "send").name == "Bế Đức Hiếu"


@pytest.mark.parametrize("name", ["", "12345", *HOSTILE[2:3], "A" * 200])
def test_a_name_that_is_none_is_refused_and_kept_in_the_form(
    citizen: Citizen, desk: TestDesk, registered: str, name: str
) -> None:
    desk.order("receive", dossier=registered)
    citizen.open(registered)
    answer = citizen.send(RECEIVER, {"name": name, "phone": "0912345678"})
    assert answer.status_code == 422
    assert 'value="0912345678"' in answer.text


def test_once_the_post_has_the_order_a_proxy_needs_a_paper(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    desk.order("receive", dossier=registered)
    desk.tell("accepted", "a", code=registered)
    desk.tell("result_ready", "r", code=registered, result_papers=[{"name": "Trích lục", "originals": 1}])
    desk.work()
    citizen.open(registered)
    page = citizen.page(RECEIVER)
    assert "giấy uỷ quyền" in said(page)
    assert 'name="phone"' not in page.text


def test_cancelling_says_where_the_papers_stay_and_is_done_once(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    desk.order("both", dossier=registered)
    citizen.open(registered)
    asked = citizen.page(CANCEL)
    assert "Giấy tờ vẫn ở chỗ Ông/Bà" in said(asked)
    for _ in range(2):
        assert "đơn đã huỷ" in said(citizen.send(CANCEL, {}, asked))
    assert {one.state for one in shipments(desk, registered)} == {"cancelled"}


def test_going_back_after_a_cancellation_cancels_nothing_that_was_ordered_since(
    citizen: Citizen, desk: TestDesk, registered: str
) -> None:
    desk.order("send", dossier=registered)
    citizen.open(registered)
    before = citizen.page(CANCEL)
    citizen.send(CANCEL, {}, before)
    citizen.send(ORDER, {"service": "send"}, prices(citizen))
    citizen.send(CANCEL, {}, before)
    assert [(one.generation, one.live) for one in shipments(desk, registered)] == [(1, False), (2, True)]


def test_what_the_post_has_collected_is_not_cancelled(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    (number,) = desk.order("send", dossier=registered)
    citizen.open(registered)
    asked = citizen.page(CANCEL)
    desk.work()
    desk.report(number, 2)
    desk.poll()
    late = citizen.send(CANCEL, {}, asked)
    assert late.status_code == 409
    assert "chuyển hoàn" in said(late)
    assert "Huỷ dịch vụ bưu chính" not in said(citizen.page())


def test_an_order_of_another_dossier_cannot_be_cancelled(citizen: Citizen, desk: TestDesk, registered: str) -> None:
    other = f"{registered}-X"
    desk.register(other)
    desk.order("send", dossier=other)
    foreign = shipments(desk, other)[0].order_id
    citizen.open(registered)
    form = hidden(citizen.page())
    answer = citizen.browser.post("/tra-cuu/ho-so/huy", data={**form, "orders": [foreign]})
    assert answer.status_code == 404
    assert shipments(desk, other)[0].live


def test_wishes_about_messages_are_kept_by_way(citizen: Citizen, desk: TestDesk, code: str) -> None:
    desk.register(code, applicant={"name": "Bế Đức Hiếu", "phone": "84919393275", "email": "be@example.vn"})
    citizen.open(code)
    page = citizen.page("tin-nhan")
    assert "091****275" in said(page)
    assert "b***@example.vn" in said(page)
    citizen.send("tin-nhan", {"email": "1"})
    with desk.read() as session:
        assert opted_out(session, "+84919393275", "be@example.vn") == (True, False)
    citizen.send("tin-nhan", {"email": "1", "phone": "1"})
    with desk.read() as session:
        assert opted_out(session, "+84919393275", "be@example.vn") == (False, False)
    assert said(citizen.page()).count("Đổi lựa chọn nhận tin nhắn trên trang tra cứu") == 2


@pytest.mark.parametrize("name", [ORDER, ADDRESS, RECEIVER, CANCEL, "tin-nhan"])
def test_a_form_from_elsewhere_changes_nothing(citizen: Citizen, desk: TestDesk, registered: str, name: str) -> None:
    desk.order("both", dossier=registered)
    citizen.open(registered)
    orders = [one.order_id for one in shipments(desk, registered)]
    fields = {**ELSEWHERE, "name": "Ai Đó", "phone": "0912345678", "orders": orders, "sure": "1", "key": "k" * 20}
    for forms in ("", "0" * 32, "ể"):
        answer = citizen.browser.post(f"/tra-cuu/ho-so/{name}", data={**fields, "forms": forms})
        assert answer.status_code == 403
    assert all(one.live for one in shipments(desk, registered))
    assert "Xuân Trường" in person(desk, registered).address


@pytest.mark.parametrize("name", ["", ORDER, ADDRESS, RECEIVER, CANCEL, "tin-nhan"])
def test_nobody_without_a_session_gets_in(citizen: Citizen, registered: str, name: str) -> None:
    citizen.look_up(registered)
    assert citizen.page(name).status_code == 401
    if name:
        assert citizen.browser.post(f"/tra-cuu/ho-so/{name}", data={"forms": ""}).status_code == 401
