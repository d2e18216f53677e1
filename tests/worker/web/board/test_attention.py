"""The board's first page: what needs a hand now, what to do about it, and the button that does it."""

from __future__ import annotations

import re
from pathlib import Path

from dispatch.shipment_queries import get_shipment
from tests.support.board import Colleague, at_the_board, log_in
from tests.support.desk import AGENCY, TestDesk, opened_desk
from tests.support.web import visit
from tests.worker.web.board.cases import in_doubt, lost
from tests.worker.web.board.conftest import As
from tracking.watching.items import _words
from tracking.watching.kinds import Urgency, kinds
from worker.access.roles import Role


def test_every_kind_of_trouble_has_its_title_and_urgency() -> None:
    assert kinds().keys() == _words().keys()
    assert {kind.urgency for kind in kinds().values()} == set(Urgency)
    assert all(kind.title_vi and kind.title_en for kind in kinds().values())


def test_a_quiet_desk_says_that_nothing_needs_a_hand(colleague: As) -> None:
    assert "Nothing needs a hand." in colleague(Role.CLERK, "H14.77").page("/board")


def test_an_empty_system_says_what_comes_first_until_the_first_dossier_is_there(tmp_path: Path) -> None:
    with (
        opened_desk(tmp_path) as desk,
        visit(desk) as web,
        at_the_board(str(web.base_url), log_in(desk, Role.CLERK, "H14.77"), "en") as clerk,
    ):
        assert "The system is still empty" in clerk.page("/board")
        assert "Nothing has been ordered yet." in clerk.page("/board/shipments", lang="en")
        assert "No dossier of an agency that you look after" in clerk.page("/board/results")
        desk.register("H14.10-260302-0001")
        assert "The system is still empty" not in clerk.page("/board")


def test_a_row_says_what_happened_since_when_who_has_the_papers_and_what_to_do(
    desk: TestDesk, officer: Colleague, registered: str
) -> None:
    number = in_doubt(desk, registered)
    page = officer.page("/board", kind="booking-outcome-unknown")
    assert f"It is not known whether the operator holds order {number}" in page
    assert '<time datetime="2026-03-02T' in page
    assert "the citizen" in page
    assert "What to do now:" in page
    assert f'href="/board/shipments/{number}/finding"' in page
    assert f'href="/board/dossiers/{registered}"' in page


def test_the_most_urgent_comes_first(desk: TestDesk, colleague: As, code: str) -> None:
    desk.register(code, agency={"code": "H14.31", "name": "Sở Y tế"})
    in_doubt(desk, code)
    urgent = f"{code}9"
    desk.register(urgent, agency={"code": "H14.31", "name": "Sở Y tế"})
    lost(desk, urgent)
    page = colleague(Role.OFFICER, "H14.31").page("/board")
    assert page.index("Papers lost</h3>") < page.index("Not known whether the post has the order</h3>")


def test_a_clerk_sees_no_other_agencys_trouble_and_no_button_he_may_not_press(
    desk: TestDesk, colleague: As, registered: str
) -> None:
    number = in_doubt(desk, registered)
    assert number not in colleague(Role.OFFICER, "H14.99").page("/board")
    page = colleague(Role.CLERK, AGENCY).page("/board", kind="booking-outcome-unknown")
    assert number in page
    assert f"/board/shipments/{number}/finding" not in page


def test_a_stranger_is_led_to_the_log_in(colleague: As) -> None:
    stranger = colleague()
    stranger.http.cookies.clear()
    answer = stranger.http.get("/board", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/board/login?next=/board"


def test_ten_thousand_troubles_come_in_pages(desk: TestDesk, colleague: As) -> None:
    agency = {"code": "H14.55", "name": "Sở Nội vụ"}
    for n in range(30):
        desk.register(f"H14.55-260302-{n:04}", agency=agency)
        lost(desk, f"H14.55-260302-{n:04}")
    viewer = colleague(Role.OFFICER, "H14.55")
    first = viewer.page("/board")
    assert first.count('<li class="card task') == 25
    assert "Page 1 of 2" in first
    second = viewer.page("/board", page=2)
    numbers = {n for page in (first, second) for n in re.findall(r"Open the dossier<span[^>]*>: (\S+)</span>", page)}
    assert len(numbers) == 30
    assert "Page 2 of 2" in viewer.page("/board", page=99_999)


def test_the_list_alone_is_what_a_script_renews(desk: TestDesk, officer: Colleague, registered: str) -> None:
    in_doubt(desk, registered)
    part = officer.page("/board/list")
    assert "<html" not in part
    assert re.search(r'data-version="[0-9a-f]{16}"', part)


def test_what_another_system_wrote_stays_text(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    with desk.context.database.write() as session:
        get_shipment(session, number).trouble = "<script>alert(1)</script>\u202eevil"
    page = officer.page("/board", kind="booking-outcome-unknown")
    assert "<script>alert" not in page
    assert re.search(r"<bdi>[^<]*&lt;script&gt;alert\(1\)&lt;/script&gt;\u202eevil</bdi>", page)
