"""Staff at the board in a real browser: by keyboard, without scripts, on a telephone, and while things change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.forms import Direction
from dispatch.shipments import BookingState
from tests.browser.conftest import NARROW, WIDE, barriers, leaving, overflow
from tests.support.board import COOKIE, log_in
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import (
    at_the_desk,
    collected,
    in_doubt,
    incident,
    result_at_the_counter,
    result_with_the_post,
)
from tracking.incidents.records import standing_of
from tracking.incidents.rows import incidents_of
from worker.access.roles import Role
from worker.web.board import figures, live, lookout

Sit = Callable[..., Page]
CODES = (f"H14.10-260302-{n:04}" for n in range(1, 1000))
DESK = f"/board/handovers?agency={AGENCY}&direction={Direction.TO_AGENCY}"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_EVERY", 0.1)
    monkeypatch.setattr(lookout, "_QUICK", 60.0)


@pytest.fixture
def code(desk: TestDesk) -> str:
    """The code of a dossier that is registered and has nothing ordered."""
    code = next(CODES)
    desk.register(code)
    return code


@pytest.fixture
def sit(browser: Browser, address: str, desk: TestDesk) -> Iterator[Sit]:
    """Return what lets an officer sit down at a page of the board; what a page's own rules forbid fails the test."""
    contexts, complaints = [], []

    def open_page(
        path: str, *, narrow: bool = False, dark: bool = False, script: bool = True, lang: str = "vi"
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        cookies = {COOKIE: log_in(desk, Role.OFFICER), "lang": lang}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def pages_of(desk: TestDesk, code: str) -> list[str]:
    number = in_doubt(desk, code)
    order = desk.shipment(number).order_id
    later = next(CODES)
    desk.register(later)
    trouble = incident(desk, later)
    owing = next(CODES)
    desk.register(owing)
    collected(desk, owing)
    return [
        *(f"/board/incidents/{trouble}{end}" for end in ("", "/evidence", "/facts/finding", "/facts/reissue_planned")),
        *(f"/board/dossiers/{one}/incident" for one in (code, later)),
        *(f"/board/remittances?agency={AGENCY}", f"/board/dossiers/{later}/payments"),
        *("/board", f"/board/dossiers/{code}", DESK, "/board/shipments", f"/board/results?agency={AGENCY}"),
        *("/board/operators", "/board/figures", f"/board/shipments/{number}/finding", f"/board/orders/{order}/cancel"),
        f"/board/shipments/{number}/operator",
        *pages_of_returned_results(desk),
    ]


def pages_of_returned_results(desk: TestDesk) -> list[str]:
    back, failed = (next(CODES) for _ in range(2))
    for code in (back, failed):
        desk.register(code)
    result_at_the_counter(desk, back)
    number = result_with_the_post(desk, failed, 5)
    return [
        *(f"/board/dossiers/{back}/{way}" for way in ("second-sending", "counter-pickup")),
        f"/board/shipments/{number}/forward",
    ]


@pytest.mark.parametrize(("lang", "dark"), [("vi", False), ("en", True)])
def test_no_page_keeps_anybody_out_or_is_wider_than_a_telephone(
    desk: TestDesk, sit: Sit, code: str, lang: str, dark: bool
) -> None:
    page = sit("/board", narrow=True, dark=dark, lang=lang)
    for path in pages_of(desk, code):
        page.goto(path)
        assert barriers(page) == [], path
        assert overflow(page) == 0, path


def test_a_doubt_is_settled_by_keyboard_alone(desk: TestDesk, sit: Sit, code: str) -> None:
    number = in_doubt(desk, code)
    page = sit("/board?kind=booking-outcome-unknown&lang=en", script=True)
    page.locator(f'a[href="/board/shipments/{number}/finding"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("What did the post tell you?")
    page.locator('input[name="held"][value="yes"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("EV123456785VN")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("the post holds the order")
    assert desk.shipment(number).booking is BookingState.BOOKED


def test_a_result_is_handed_out_at_the_counter_by_keyboard_alone(desk: TestDesk, sit: Sit, code: str) -> None:
    result_at_the_counter(desk, code)
    page = sit(f"/board/results?agency={AGENCY}&lang=en")
    page.locator(f'a[href="/board/dossiers/{code}/counter-pickup"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Collected at the counter")
    page.locator('input[name="who"][value="recipient"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("9013")
    page.keyboard.press("Tab")
    page.keyboard.type("Nông Thị Xuân")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong-authorisation")).to_be_visible()
    assert barriers(page) == []
    expect(page.locator('input[name="who"][value="authorised"]')).to_be_checked()
    page.locator("#authorisation").focus()
    page.keyboard.type("UQ 12, 02/03/2026")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("the result was collected at the counter")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_result_is_sent_again(desk: TestDesk, sit: Sit, code: str, script: bool) -> None:
    result_at_the_counter(desk, code)
    page = sit(f"/board/dossiers/{code}/second-sending", script=script)
    page.check('input[name="payer"][value="post"]')
    page.fill("#reason", "bưu điện chuyển hoàn quá sớm")
    page.locator("main form button").dblclick()
    expect(page.locator("#legs")).to_contain_text(f"{code}-R2")
    expect(page.locator("#legs")).not_to_contain_text(f"{code}-R3")
    if script:
        page.wait_for_function("sessionStorage.length === 0")  # to whom it goes is kept in no window


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_incident_is_reported_from_its_dossier(desk: TestDesk, sit: Sit, code: str, script: bool) -> None:
    number = in_doubt(desk, code)
    page = sit(f"/board/dossiers/{code}", script=script, lang="en")
    with leaving(page):
        page.locator(f'#incidents a[href="/board/dossiers/{code}/incident"]').click()
    page.check('input[name="kind"][value="wet"]')
    page.check(f'input[name="order"][value="{number}"]')
    page.fill("#what", "the envelope is wet")
    page.fill("#at", "2030-01-01T08:00")
    page.press("#what", "Enter")
    expect(page.locator("#wrong-at")).to_contain_text("has not come yet")
    assert not script or barriers(page) == []
    expect(page.locator('input[name="kind"][value="wet"]')).to_be_checked()
    page.fill("#at", "")
    page.locator("main form button").dblclick()
    expect(page.locator("h1")).to_contain_text("papers wet")
    expect(page.locator("main")).to_contain_text("the envelope is wet")
    with desk.read() as session:
        assert len(incidents_of(session, code)) == 1
    if script:
        page.wait_for_function("sessionStorage.length === 0")  # what happened is kept in no window


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_incident_is_moved_on_by_keyboard_alone(desk: TestDesk, sit: Sit, code: str, script: bool) -> None:
    number = incident(desk, code)
    page = sit("/board?kind=incident-open&lang=en", script=script)

    def follow(href: str) -> None:
        page.locator(f'main a[href="{href}"]').focus()
        with leaving(page):
            page.keyboard.press("Enter")

    follow(f"/board/incidents/{number}")
    expect(page.locator("#next")).to_contain_text("file a written complaint with the post")
    follow(f"/board/incidents/{number}/evidence")
    page.locator("#file").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    slip = b"\xff\xd8\xff\xe0" + code.encode()
    chooser.value.set_files({"name": "slip.jpg", "mimeType": "image/jpeg", "buffer": slip})
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("the slip")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_have_text("The file is kept as evidence.")
    expect(page.locator("#evidence")).to_contain_text("the slip")
    follow(f"/board/incidents/{number}/facts/complaint_filed")
    page.locator("#at").fill("2030-01-01T08:00")
    page.locator("#what").focus()
    page.keyboard.type("all papers are lost, 5/CV")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong-at")).to_contain_text("has not come yet")
    expect(page.locator("#what")).to_have_value("all papers are lost, 5/CV")
    page.locator("#at").fill("")
    page.locator("#what").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#next")).to_contain_text("the post answers the complaint")
    with desk.read() as session:
        told = standing_of(session, desk.office, number).incident
    assert told.acceptance_is_proven
    assert told.complaint is not None
    page.goto(f"/board/incidents/{number}/facts/complaint_filed")
    expect(page.locator("main")).to_contain_text("cannot be written down now")


def test_a_receipt_that_was_written_down_is_not_filled_in_again(desk: TestDesk, sit: Sit, code: str) -> None:
    other = next(CODES)
    desk.register(other)
    order, _stays = collected(desk, code), collected(desk, other)
    page = sit(f"/board/remittances?agency={AGENCY}&find={order}&lang=en")
    ticked = page.locator(f'input[type="checkbox"][value="{order}"]')
    expect(ticked).to_be_checked()
    page.fill("#reference", f"BN {code}")
    page.fill("#amount_vnd", "25.000")
    page.press("#amount_vnd", "Enter")
    expect(page.locator("#done")).to_contain_text("The receipt is written down")
    expect(page.locator("main")).to_contain_text(f"BN {code}")
    expect(ticked).to_have_count(0)
    expect(page.locator("#reference")).to_have_value("")


def test_a_photo_that_is_too_large_is_refused_by_a_page(desk: TestDesk, sit: Sit, code: str) -> None:
    page = sit(f"/board/incidents/{incident(desk, code)}/evidence")
    large = b"\xff\xd8\xff" + b"x" * (3 * desk.context.settings.max_evidence_bytes)
    page.set_input_files("#file", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": large})
    page.check('input[name="shows"][value="damage"]')
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text("Tệp quá lớn")


def test_what_was_typed_beside_a_file_is_there_again_and_the_file_is_not(desk: TestDesk, sit: Sit, code: str) -> None:
    place = f"/board/incidents/{incident(desk, code)}/evidence"
    page = sit(place)
    page.set_input_files("#file", {"name": "slip.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff"})
    page.check('input[name="shows"][value="damage"]')
    page.fill("#caption", "góc bì bị rách")
    page.goto(place)
    expect(page.locator("#caption")).to_have_value("góc bì bị rách")
    expect(page.locator('input[name="shows"][value="damage"]')).to_be_checked()
    expect(page.locator("#file")).to_have_value("")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_record_is_scanned_counted_and_signed(desk: TestDesk, sit: Sit, code: str, script: bool) -> None:
    number = at_the_desk(desk, code)
    page = sit(DESK, script=script)
    page.fill("#text", number)
    page.press("#text", "Enter")
    page.check(f'input[name="verdict:{number}"][value="accept"]')
    page.fill("#postman", "Lý Văn Hải")
    page.locator("#sign button", has_text="Ký biên bản").last.click()
    expect(page.locator("#done")).to_contain_text("Biên bản đã ký")
    expect(page.locator("main")).to_contain_text("Lý Văn Hải")


def test_what_was_filled_in_is_there_again_after_the_line_broke(desk: TestDesk, sit: Sit, code: str) -> None:
    number = at_the_desk(desk, code)
    page = sit(DESK)
    page.fill("#text", number)
    page.press("#text", "Enter")
    page.check(f'input[name="verdict:{number}"][value="accept"]')
    page.fill("#postman", "Lý Văn Hải")
    page.context.set_offline(True)
    page.locator("#sign button", has_text="Ký biên bản").last.click()
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    page.goto(DESK)
    page.locator("a", has_text="BBGN-").first.click()
    expect(page.locator("#postman")).to_have_value("Lý Văn Hải")
    expect(page.locator(f'input[name="verdict:{number}"][value="accept"]')).to_be_checked()


def test_a_double_click_signs_once(desk: TestDesk, sit: Sit, code: str) -> None:
    number = at_the_desk(desk, code)
    page = sit(DESK)
    page.fill("#text", number)
    page.press("#text", "Enter")
    page.locator("[data-accept-rest]").click()
    page.fill("#postman", "Lý Văn Hải")
    page.locator("#sign button", has_text="Ký biên bản").last.dblclick()
    expect(page.locator("#done")).to_contain_text("Biên bản đã ký")


def test_the_list_renews_itself_and_never_under_ones_hands(desk: TestDesk, sit: Sit) -> None:
    first, second = (next(CODES) for _ in range(2))
    desk.register(first)
    desk.register(second)
    page = sit("/board")
    one = in_doubt(desk, first)
    expect(page.locator("#attention")).to_contain_text(one)
    expect(page.locator("#said")).to_have_text("Danh sách đã được cập nhật.")
    held = page.locator(f'a[href="/board/shipments/{one}/finding"]')
    held.focus()
    two = in_doubt(desk, second)
    expect(page.locator("#news")).to_be_visible()
    expect(held).to_be_focused()
    expect(page.locator("#attention")).not_to_contain_text(two)
    page.locator("#news a").click()
    expect(page.locator("#attention")).to_contain_text(two)


@pytest.mark.parametrize(("path", "drawn"), [("/board/figures", ".chart"), ("/board/dossiers/{}", ".strip")])
def test_a_drawing_is_as_dark_as_its_page_and_light_on_paper(
    desk: TestDesk, sit: Sit, code: str, monkeypatch: pytest.MonkeyPatch, path: str, drawn: str
) -> None:
    monkeypatch.setattr(figures, "_KEPT", 0.0)
    other = next(CODES)
    desk.register(other)
    at_the_desk(desk, other)
    desk.tell("accepted", f"{code}-1", code=code)
    for dark, shown in ((False, "light"), (True, "dark")):
        page = sit(path.format(code), dark=dark)
        expect(page.locator(f"{drawn}.{shown}").first).to_be_visible()
        expect(page.locator(f"{drawn}:visible")).to_have_count(page.locator(f"{drawn}.{shown}").count())
        page.emulate_media(media="print")
        expect(page.locator(f"{drawn}.light").first).to_be_visible()
        expect(page.locator(f"{drawn}.dark:visible")).to_have_count(0)
        page.wait_for_function(f"document.querySelector('{drawn}.light').naturalWidth > 0")
        expect(page.locator("p.soft").first).to_have_css("color", "rgb(80, 93, 108)")
