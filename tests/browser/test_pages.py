"""What every page keeps: it fits an old telephone, can be used without a mouse, and is readable in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, barriers, overflow


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_keeps_nobody_out(visit: Visit, language: str, dark: bool) -> None:
    page = visit(f"/board/no-such-page?lang={language}", dark=dark, narrow=True)
    assert barriers(page) == []
    assert overflow(page) == 0


def test_the_content_is_one_key_away(visit: Visit) -> None:
    page = visit("/board/no-such-page")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Đến nội dung chính")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
