"""The citizen on an old telephone: looks a dossier up, proves whose it is, and reads where the papers are."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from dispatch.channels import dossier_link
from dispatch.dossiers import get_dossier
from tests.browser.conftest import Visit, barriers, leaving, overflow
from tests.support.citizens import PHONE_DIGITS, codes_sent
from tests.support.desk import TestDesk

_SERIAL = count(1)


@pytest.fixture
def code(desk: TestDesk) -> str:
    """A dossier whose papers have been fetched and are with the agency."""
    desk.clock.forward(days=1)
    code = f"H14.10-260302-7{next(_SERIAL):03}"
    desk.register(code)
    send, _ = desk.order("both", dossier=code)
    desk.work()
    desk.report(send, 2)
    desk.poll()
    return code


def proven(page: Page, desk: TestDesk, code: str) -> None:
    """Go the way of a citizen from the form to the open dossier, by keyboard as telephones do: Enter sends."""
    page.get_by_label("Mã hồ sơ", exact=True).fill(code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tiến độ hồ sơ")).to_be_visible()
    page.get_by_role("link", name="Xem đầy đủ").click()
    page.get_by_label("Bốn chữ số cuối").fill(PHONE_DIGITS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mã xác thực")).to_be_visible()
    page.get_by_label("Sáu chữ số").fill(codes_sent(desk, code)[-1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Giấy tờ đang ở đâu")).to_be_visible()


def test_the_whole_way_on_an_old_telephone_without_scripts(visit: Visit, desk: TestDesk, code: str) -> None:
    page = visit("/tra-cuu", narrow=True, script=False)
    proven(page, desk, code)
    expect(page.get_by_text("Giấy tờ đang trên đường đến cơ quan").first).to_be_visible()
    expect(page.get_by_text("bưu điện đang giữ").first).to_be_visible()
    page.get_by_role("button", name="Đóng hồ sơ").click()
    expect(page.get_by_role("heading", name="Tra cứu hồ sơ")).to_be_visible()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_without_a_log_in_keep_nobody_out(visit: Visit, code: str, language: str, dark: bool) -> None:
    page = visit(f"/tra-cuu?lang={language}", narrow=True, dark=dark)
    shut = {"/tra-cuu": (barriers(page), overflow(page))}
    for said, asked in (("nothing found", "H14.10-260302-9999"), ("progress", code)):
        page.goto("/tra-cuu")
        page.locator("#code").fill(asked)
        with leaving(page):
            page.locator("#code").press("Enter")
        shut[said] = (barriers(page), overflow(page))
    for path in ("/tra-cuu/xac-thuc", "/tra-cuu/ma-xac-thuc", "/tra-cuu/ho-so", f"{dossier_link.PATH}/x"):
        page.goto(path)
        shut[path] = (barriers(page), overflow(page))
    assert shut == dict.fromkeys(shut, ([], 0))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_open_dossier_keeps_nobody_out(visit: Visit, desk: TestDesk, code: str, dark: bool) -> None:
    page = visit("/tra-cuu", narrow=True, dark=dark)
    proven(page, desk, code)
    for language in ("vi", "en"):
        page.goto(f"/tra-cuu/ho-so?lang={language}")
        assert barriers(page) == []
        assert overflow(page) == 0


def test_the_link_of_a_letter_opens_the_dossier_with_one_press(visit: Visit, desk: TestDesk, code: str) -> None:
    with desk.read() as session:
        link = dossier_link.link("", get_dossier(session, code), desk.clock.now() - timedelta(days=3))
    page = visit(link, narrow=True, script=False)
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.get_by_role("heading", name="Giấy tờ đang ở đâu")).to_be_visible()
