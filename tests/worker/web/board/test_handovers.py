"""Handover records at the board: expected, scanned, counted, signed; and what goes wrong on the way."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dispatch.forms import Direction
from tests.support.board import Colleague
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import at_the_desk
from tests.worker.web.board.conftest import As
from worker.access import audit
from worker.access.roles import Role

DESK = {"agency": AGENCY, "direction": Direction.TO_AGENCY.value}


@pytest.fixture
def clerk(colleague: As) -> Colleague:
    return colleague(Role.CLERK)


@pytest.fixture
def parcel(desk: TestDesk, registered: str) -> str:
    return at_the_desk(desk, registered)


def scanned(clerk: Colleague, text: str) -> httpx.Response:
    return clerk.send(clerk.page("/board/handovers", **DESK), "/board/handovers/scan", text=text, **DESK)


def drawn(clerk: Colleague, *numbers: str) -> httpx.Response:
    page = clerk.page("/board/handovers", **DESK)
    return clerk.send(page, "/board/handovers/draw-up", order=list(numbers), **DESK)


def signed(
    clerk: Colleague, record: httpx.Response, number: str, verdict: str = "accept", **more: str
) -> httpx.Response:
    fields = {f"verdict:{number}": verdict, "postman": "Lý Văn Hải", **more}
    return clerk.send(record.text, f"{record.url.path}/sign", **fields)


def test_what_is_expected_is_ticked_counted_and_signed(desk: TestDesk, clerk: Colleague, parcel: str) -> None:
    page = clerk.page("/board/handovers", find=parcel, **DESK)
    assert re.search(rf'value="{parcel}" checked', page)
    assert "Tờ khai (01 bản chính)" in page
    record = drawn(clerk, parcel)
    assert "You sign as <strong><bdi>Hà Thị Mai</bdi></strong>" in record.text
    done = signed(clerk, record, parcel)
    assert "The record is signed." in done.text
    assert "Lý Văn Hải" in done.text
    assert '<dt>Due</dt><dd><time datetime="2026-03-05T17:00:00+07:00">' in done.text
    assert f'value="{parcel}"' not in clerk.page("/board/handovers", **DESK)


@pytest.mark.parametrize(
    "written", ["{0}", " {0}\r\n", "https://post.example/t?code={0}&v=2", "{lower}", '{{"order":"{0}"}}']
)
def test_a_scanner_types_the_code_in_many_ways(clerk: Colleague, parcel: str, written: str) -> None:
    record = scanned(clerk, written.format(parcel, lower=parcel.lower()))
    assert "on the record" in record.text
    assert f'name="verdict:{parcel}"' in record.text


def test_a_waybill_and_a_dossiers_code_mean_the_order(desk: TestDesk, clerk: Colleague, parcel: str) -> None:
    waybill = desk.shipment(parcel).waybill
    assert waybill is not None
    assert f'name="verdict:{parcel}"' in scanned(clerk, waybill).text
    assert f'name="verdict:{parcel}"' in scanned(clerk, parcel.removesuffix("-S1")).text


@pytest.mark.parametrize("garbage", ["8934673601234", "\x1b[200~;DROP TABLE", "<b>" * 100, "ø" * 300, "-"])
def test_garbage_is_said_to_be_none_of_ours_and_loses_nothing(clerk: Colleague, parcel: str, garbage: str) -> None:
    record = scanned(clerk, parcel)
    answer = clerk.send(record.text, f"{record.url.path}/scan", text=garbage)
    assert answer.status_code == 404
    assert "This code is not known here" in answer.text
    assert "<b><b>" not in answer.text
    assert f'name="verdict:{parcel}"' in answer.text


def test_the_same_code_twice_is_one_line_and_the_next_goes_on_the_same_record(
    desk: TestDesk, clerk: Colleague, parcel: str
) -> None:
    desk.register(f"{parcel[:-3]}8")
    other = at_the_desk(desk, f"{parcel[:-3]}8")
    first = scanned(clerk, parcel)
    again = scanned(clerk, parcel)
    assert "was on the record already" in again.text
    second = scanned(clerk, other)
    assert first.url.path == again.url.path == second.url.path
    dropped = clerk.send(second.text, f"{second.url.path}/drop", order=parcel)
    assert f'name="verdict:{parcel}"' not in dropped.text
    assert f'name="verdict:{other}"' in dropped.text


def test_a_record_that_was_begun_is_there_after_the_line_broke(clerk: Colleague, colleague: As, parcel: str) -> None:
    record = scanned(clerk, parcel)
    page = colleague(Role.CLERK).page("/board/handovers", **DESK)
    assert f'href="{record.url.path}"' in page
    assert "Records that wait for signatures" in page


def test_a_rejected_line_needs_a_reason_and_what_was_filled_in_stays(
    desk: TestDesk, clerk: Colleague, parcel: str
) -> None:
    record = drawn(clerk, parcel)
    refused = signed(clerk, record, parcel, "reject")
    assert refused.status_code == 422
    assert 'value="Lý Văn Hải"' in refused.text
    assert re.search(rf'name="verdict:{parcel}" value="reject" checked', refused.text)
    done = signed(clerk, record, parcel, "reject", **{f"missing:{parcel}": "Giấy tờ tùy thân", f"seal:{parcel}": "yes"})
    assert "rejected" in done.text
    assert "<dt>Missing</dt><dd><bdi>Giấy tờ tùy thân</bdi></dd>" in done.text


def test_a_line_that_nobody_counted_stops_the_signature(clerk: Colleague, parcel: str) -> None:
    record = drawn(clerk, parcel)
    answer = clerk.send(record.text, f"{record.url.path}/sign", postman="Lý Văn Hải")
    assert answer.status_code == 422
    assert f"Neither accepted nor rejected: {parcel}" in answer.text


def test_a_double_click_signs_once(desk: TestDesk, clerk: Colleague, parcel: str) -> None:
    record = drawn(clerk, parcel)
    first, second = signed(clerk, record, parcel), signed(clerk, record, parcel)
    assert "The record is signed." in first.text
    assert "had been signed already" in second.text
    assert "Lý Văn Hải" in second.text


def test_two_officers_who_sign_at_one_moment_sign_one_record(clerk: Colleague, colleague: As, parcel: str) -> None:
    record = drawn(clerk, parcel)
    other = colleague(Role.OFFICER)
    others = other.get(record.url.path)
    both = [(clerk, record, "Lý Văn Hải"), (other, others, "Lý Hải")]
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda one: signed(one[0], one[1], parcel, postman=one[2]), both))
    assert [answer.status_code for answer in answers] == [200, 200]
    said = sorted("had been signed already" in answer.text for answer in answers)
    assert said == [False, True]


def test_signatures_on_paper_count_from_when_they_were_put_there(desk: TestDesk, clerk: Colleague, parcel: str) -> None:
    record = drawn(clerk, parcel)
    done = signed(clerk, record, parcel, signed_at="2026-03-02T08:10")
    assert 'datetime="2026-03-02T08:10:00+07:00"' in done.text


def test_another_agencys_record_is_one_that_nobody_knows(clerk: Colleague, colleague: As, parcel: str) -> None:
    record = scanned(clerk, parcel)
    stranger = colleague(Role.OFFICER, "H14.99")
    assert stranger.get(record.url.path).status_code == 404
    assert signed(stranger, httpx.Response(200, text=record.text, request=record.request), parcel).status_code in (
        403,
        404,
    )
    answer = scanned(stranger, parcel)
    assert answer.status_code == 403
    assert colleague(Role.AUDITOR).get("/board/handovers").status_code == 403


def test_rejected_papers_of_which_nobody_knows_who_pays_lead_from_the_list_to_the_record(
    desk: TestDesk, clerk: Colleague, parcel: str
) -> None:
    record = drawn(clerk, parcel)
    signed(clerk, record, parcel, "reject", **{f"reason:{parcel}": "Thiếu chữ ký"})
    page = clerk.page("/board", kind="fault-unclear")
    (line,) = re.findall(
        rf'href="(/board/handovers/line/\d+)">Name who pays<span class="visually-hidden">: {parcel}', page
    )
    assert "POST /v1" not in page
    led = clerk.get(line, follow_redirects=True)
    assert led.url.path == record.url.path
    assert f'action="{record.url.path}/fault"' in led.text
    assert clerk.get("/board/handovers/line/999999", follow_redirects=True).status_code == 404
    assert clerk.get(f"/board/handovers/line/{10**30}").status_code == 422, "no such number can be kept"


def test_another_agencys_order_is_not_told_from_one_that_nobody_knows(
    desk: TestDesk, colleague: As, parcel: str
) -> None:
    stranger = colleague(Role.OFFICER, "H14.99")
    theirs, ours = dict(DESK, agency="H14.99"), f"{parcel[:-3]}9-S1"
    answers = [
        stranger.send(stranger.page("/board/handovers"), "/board/handovers/draw-up", order=[one], **theirs)
        for one in (parcel, ours)
    ]
    assert [one.status_code for one in answers] == [404, 404]
    assert AGENCY not in answers[0].text.replace(parcel, "")


@pytest.mark.parametrize(
    "written", ["02/03/2026 8:10", "yesterday", "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-02T08:10+00:00"]
)
def test_a_time_that_cannot_be_read_does_not_become_now(clerk: Colleague, parcel: str, written: str) -> None:
    record = drawn(clerk, parcel)
    refused = signed(clerk, record, parcel, signed_at=written)
    assert refused.status_code == 422
    assert "like 2026-03-02T08:10" in refused.text
    assert 'value="Lý Văn Hải"' in refused.text


def test_who_opens_a_record_is_noted(desk: TestDesk, clerk: Colleague, colleague: As, parcel: str) -> None:
    record = drawn(clerk, parcel)
    colleague(Role.SUPERVISOR).page(record.url.path)
    colleague(Role.SUPERVISOR, "H14.99").get(record.url.path)
    with desk.read() as session:
        latest = audit.entries(session, actor="supervisor@caobang.gov.vn")
    assert [(one.action, one.agency) for one in latest[:1]] == [("handover.read", AGENCY)]
    assert sum(one.action == "handover.read" for one in latest) == 1


OUTWARD = {"agency": AGENCY, "direction": Direction.TO_POST.value}
NOT_READY = "The result is not ready according to the dossier."
NOT_BOOKED = "Nothing is booked for this: the post will not know it."


def taken_from_the_tray(clerk: Colleague, number: str) -> httpx.Response:
    """Scan what somebody has put into the tray for the postman."""
    return clerk.send(clerk.page("/board/handovers", **OUTWARD), "/board/handovers/scan", text=number, **OUTWARD)


def finished(desk: TestDesk, code: str) -> None:
    desk.tell("accepted", f"{code}-1", code=code)
    desk.clock.forward(hours=1)
    desk.tell(
        "result_ready", f"{code}-2", code=code, result_papers=[{"name": "Quyết định", "originals": 1, "copies": 0}]
    )


def test_a_result_that_nobody_has_made_is_handed_over_only_by_who_says_so(
    desk: TestDesk, clerk: Colleague, registered: str
) -> None:
    (number,) = desk.order("receive", dossier=registered)
    record = taken_from_the_tray(clerk, number)
    assert "Read the warning on its line before you hand it over." in record.text
    assert NOT_READY in record.text
    assert NOT_BOOKED in record.text
    refused = signed(clerk, record, number)
    assert refused.status_code == 409
    assert f"Not confirmed: {number}" in refused.text
    assert 'value="Lý Văn Hải"' in refused.text
    done = signed(clerk, record, number, **{f"sure:{number}": "yes"})
    assert "The post has the accepted papers from now on." in done.text
    assert NOT_READY not in done.text
    with desk.read() as session:
        entry, *_earlier = [one for one in audit.entries(session) if one.action == "handover.signed"]
    assert entry.details == {"confirmed": [number]}


def test_what_stays_here_needs_no_confirming(desk: TestDesk, clerk: Colleague, registered: str) -> None:
    (number,) = desk.order("receive", dossier=registered)
    record = taken_from_the_tray(clerk, number)
    done = signed(clerk, record, number, "reject", **{f"reason:{number}": "Chưa có kết quả"})
    assert "rejected" in done.text


def test_a_result_that_is_there_and_that_the_post_expects_carries_no_warning(
    desk: TestDesk, clerk: Colleague, registered: str
) -> None:
    (number,) = desk.order("receive", dossier=registered)
    finished(desk, registered)
    before = taken_from_the_tray(clerk, number).text
    assert NOT_READY not in before
    assert NOT_BOOKED in before
    desk.poll()
    record = taken_from_the_tray(clerk, number)
    assert "was on the record already" in record.text
    assert 'name="sure:' not in record.text
    assert "The record is signed." in signed(clerk, record, number).text


def test_a_booked_result_that_turned_out_to_be_a_mistake_is_warned_of_before_it_is_signed(
    desk: TestDesk, clerk: Colleague, registered: str
) -> None:
    (number,) = desk.order("receive", dossier=registered)
    finished(desk, registered)
    desk.poll()
    record = taken_from_the_tray(clerk, number)
    assert NOT_READY not in record.text
    desk.tell("corrected", f"{registered}-3", code=registered, voids=f"{registered}-2", reason="Nhầm hồ sơ")
    assert NOT_READY in clerk.page(record.url.path)
    assert signed(clerk, record, number).status_code == 409


def test_the_warning_is_in_vietnamese_too(desk: TestDesk, colleague: As, registered: str) -> None:
    (number,) = desk.order("receive", dossier=registered)
    record = taken_from_the_tray(colleague(Role.CLERK, language="vi"), number)
    assert "Theo hồ sơ, kết quả chưa có." in record.text
    assert "bưu điện sẽ không biết bưu gửi này" in record.text


def test_a_page_that_refused_a_scan_can_be_read_in_the_other_language(clerk: Colleague) -> None:
    refused = scanned(clerk, "không phải mã nào")
    link = re.search(r'class="language" href="([^"]+)"', refused.text)
    assert link
    desk_page = clerk.get(html.unescape(str(refused.url.join(link.group(1)))))
    assert (desk_page.status_code, desk_page.url.path) == (200, "/board/handovers")
    assert '<html lang="vi">' in desk_page.text


def test_a_record_that_was_not_signed_can_be_opened_anew(desk: TestDesk, clerk: Colleague, parcel: str) -> None:
    record = drawn(clerk, parcel)
    refused = clerk.send(record.text, f"{record.url.path}/sign")
    assert refused.status_code == 422
    assert clerk.get(refused.url.path).url.path == record.url.path
