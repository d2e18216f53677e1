"""One dossier's page: everything about it for those who may see it, and nothing for anybody else."""

from __future__ import annotations

from tests.support.board import Colleague
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import at_the_desk
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role


def test_it_tells_the_whole_story(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = at_the_desk(desk, registered, "both")
    page = officer.page(f"/board/dossiers/{registered}")
    assert number in page
    assert "papers to the agency" in page
    assert "Bế Đức Hiếu" in page
    assert "Tờ khai (01 bản chính)" in page
    assert "The clock starts when the agency signs for the papers." in page
    assert "Filed by the citizen" in page
    assert "VNPost" in page
    assert f'href="/board/orders/{desk.shipment(number).order_id}/' in page


def test_a_vietnamese_reader_finds_no_words_of_the_program_in_it(
    desk: TestDesk, colleague: As, registered: str
) -> None:
    at_the_desk(desk, registered, "both")
    page = colleague(Role.SUPERVISOR, language="vi").page(f"/board/dossiers/{registered}")
    assert "· đặt đơn ·" in page
    assert "bưu tá đã nhận" in page
    assert [word for word in ("· book", ">ok<", " collected<") if word in page] == []


def test_the_days_up_to_the_due_date_are_drawn(desk: TestDesk, officer: Colleague, registered: str) -> None:
    desk.tell("accepted", "e1", code=registered)
    page = officer.page(f"/board/dossiers/{registered}")
    drawings = {}
    for ground in ("light", "dark"):
        assert f'src="/board/dossiers/{registered}/deadline.svg?ground={ground}"' in page
        drawn = officer.get(f"/board/dossiers/{registered}/deadline.svg", ground=ground)
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert drawn.text.startswith("<svg")
        drawings[ground] = drawn.text
    assert 'fill="#fff"' in drawings["light"]
    assert "#fff" not in drawings["dark"]


def test_whoever_may_not_know_whom_it_concerns_is_not_told(desk: TestDesk, colleague: As, registered: str) -> None:
    at_the_desk(desk, registered)
    page = colleague(Role.AUDITOR).page(f"/board/dossiers/{registered}")
    assert "papers to the agency" in page
    for private in ("Bế Đức Hiếu", "84919393275", "Xuân Trường"):
        assert private not in page
    clerk = colleague(Role.CLERK).page(f"/board/dossiers/{registered}")
    assert "Bế Đức Hiếu" in clerk
    assert "Calls to the post" not in clerk


def test_each_reading_is_in_the_audit_trail(desk: TestDesk, colleague: As, registered: str) -> None:
    colleague(Role.CLERK).page(f"/board/dossiers/{registered}")
    with desk.read() as session:
        (entry,) = audit.entries(session, subject=registered)
    assert (entry.action, entry.actor, entry.agency) == ("dossier.read", "clerk@caobang.gov.vn", AGENCY)
    assert entry.details == {"personal_data": True}


def test_another_agencys_dossier_is_answered_as_one_that_nobody_knows(colleague: As, registered: str) -> None:
    stranger = colleague(Role.SUPERVISOR, "H14.99")
    known, unknown = (stranger.get(f"/board/dossiers/{code}") for code in (registered, "H14.10-990101-0001"))
    assert (known.status_code, unknown.status_code) == (404, 404)
    assert known.text.replace(registered, "-") == unknown.text.replace("H14.10-990101-0001", "-")
    assert stranger.get(f"/board/dossiers/{registered}/deadline.svg").status_code == 404


def test_names_with_markup_and_letters_from_right_to_left_stay_names(
    desk: TestDesk, officer: Colleague, code: str
) -> None:
    name = "<b>Bế</b> \u202eĐức " + "x" * 120
    applicant = {"name": name, "phone": "84919393275"}
    desk.register(code, applicant=applicant, agency={"code": AGENCY, "name": "Sở <i>Tư pháp</i>"})
    page = officer.page(f"/board/dossiers/{code}")
    assert "<b>Bế</b>" not in page
    assert "<i>Tư pháp" not in page
    assert "<bdi>&lt;b&gt;Bế" in page
