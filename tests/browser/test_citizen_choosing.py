"""The citizen orders the post with the price first, changes the address, names a receiver and cancels, by telephone."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Page, expect

from dispatch.citizens import Citizen
from dispatch.shipment_queries import shipments_of
from tests.browser.conftest import Visit, barriers, leaving, overflow
from tests.browser.test_citizen_looking import proven
from tests.support.desk import TestDesk

_SERIAL = count(1)


@pytest.fixture
def code(desk: TestDesk) -> str:
    """A dossier with nothing ordered."""
    desk.clock.forward(days=1)
    code = f"H14.10-260302-8{next(_SERIAL):03}"
    desk.register(code)
    return code


def write_address(page: Page, detail: str, place: str) -> None:
    page.get_by_label("Số nhà, đường, thôn, tổ").fill(detail)
    page.get_by_label("Xã, phường, tỉnh").fill(place)


def usable(page: Page) -> bool:
    return barriers(page) == [] and overflow(page) == 0


def test_an_order_is_placed_with_its_price_shown_first(visit: Visit, desk: TestDesk, code: str) -> None:
    page = visit("/tra-cuu", narrow=True, script=False)
    proven(page, desk, code)
    page.get_by_role("link", name="Đăng ký bưu chính (xem giá trước)").click()
    write_address(page, "Tổ 5", "Xã Không Có, tỉnh Cao Bằng")
    page.get_by_role("button", name="Xem giá").click()
    expect(page.get_by_role("alert")).to_contain_text("Không tìm thấy xã, phường")
    expect(page.get_by_label("Số nhà, đường, thôn, tổ")).to_have_value("Tổ 5")
    page.get_by_label("Xã, phường, tỉnh").fill("Xã Hưng Đạo, tỉnh Cao Bằng")
    page.get_by_role("button", name="Xem giá").click()
    page.get_by_label("Huyện Bảo Lạc").check()
    page.get_by_role("button", name="Xem giá").click()
    expect(page.get_by_text("₫").first).to_be_visible()
    page.get_by_label("Gửi giấy tờ và nhận kết quả").check()
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_role("status")).to_contain_text("đã được đăng ký")
    with desk.read() as session:
        assert [one.leg for one in shipments_of(session, code)] == ["send", "return"]


def test_address_receiver_and_cancellation_are_each_confirmed(visit: Visit, desk: TestDesk, code: str) -> None:
    desk.order("receive", dossier=code)
    page = visit("/tra-cuu", narrow=True)
    proven(page, desk, code)
    with leaving(page):
        page.get_by_role("link", name="Đổi địa chỉ").click()
    assert usable(page)
    write_address(page, "Tổ 9", "Phường Thục Phán, tỉnh Cao Bằng")
    with leaving(page):
        page.get_by_role("button", name="Tiếp tục").click()
    assert usable(page)
    page.get_by_role("button", name="Đúng, dùng địa chỉ này").click()
    expect(page.get_by_role("status")).to_contain_text("địa chỉ mới có hiệu lực")
    page.get_by_role("link", name="Nhờ người khác nhận thay").click()
    page.get_by_label("Họ và tên").fill("Nông Thị Páo")
    page.get_by_label("Số điện thoại").fill("0912345678")
    with leaving(page):
        page.get_by_role("button", name="Tiếp tục").click()
    assert usable(page)
    with leaving(page):
        page.get_by_role("button", name="Đúng, người này nhận thay").click()
    with desk.read() as session:
        there = Citizen.from_text(shipments_of(session, code)[0].citizen)
    assert (there.name, there.commune_name) == ("Nông Thị Páo", "Phường Thục Phán")
    with leaving(page):
        page.get_by_role("link", name="Huỷ dịch vụ bưu chính").click()
    assert usable(page)
    page.get_by_role("button", name="Đồng ý huỷ").click()
    expect(page.get_by_role("status")).to_contain_text("đã huỷ")
    page.go_back()
    page.reload()
    expect(page.get_by_text("Không có gì để huỷ")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_form_keeps_nobody_out(visit: Visit, desk: TestDesk, code: str, dark: bool) -> None:
    page = visit("/tra-cuu", narrow=True, dark=dark)
    proven(page, desk, code)
    for name in ("buu-chinh", "dia-chi", "nhan-thay", "huy", "tin-nhan"):
        for language in ("en", "vi"):
            page.goto(f"/tra-cuu/ho-so/{name}?lang={language}")
            assert usable(page), name
    page.goto("/tra-cuu/ho-so/buu-chinh")
    write_address(page, "Tổ 5", "Xã Hưng Đạo, tỉnh Cao Bằng")
    with leaving(page):
        page.get_by_role("button", name="Xem giá").click()
    assert usable(page)
    page.get_by_label("Huyện Bảo Lạc").check()
    with leaving(page):
        page.get_by_role("button", name="Xem giá").click()
    assert usable(page)
