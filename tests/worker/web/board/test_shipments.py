"""Shipments are found by what a clerk has in hand, narrowed by filters, and listed in pages."""

from __future__ import annotations

import re

import pytest

from tests.support.board import Colleague
from tests.support.desk import AGENCY, TestDesk
from tests.worker.web.board.cases import in_doubt
from tests.worker.web.board.conftest import As, With
from worker.access import audit
from worker.access.roles import Role


def listed(page: str) -> list[str]:
    return re.findall(r'data-label="Order"><a class="code"[^>]*>([^<]+)</a>', page)


def searched(who: Colleague, text: str) -> list[str]:
    answer = who.send(who.page("/board/shipments"), "/board/shipments/search", q=text)
    assert answer.status_code == 200
    assert "84919" not in str(answer.url)
    return listed(answer.text)


def test_it_is_found_by_order_dossier_waybill_and_phone(desk: TestDesk, officer: Colleague, code: str) -> None:
    desk.register(code, applicant={"name": "Lý Thị Nga", "phone": "0912 000 111"})
    number = desk.order("send", dossier=code)[0]
    desk.work()
    waybill = desk.shipment(number).waybill
    for text in (number, f" {number.lower()} ", code, waybill or "", "0912000111", "+84 912 000 111"):
        assert searched(officer, text) == [number], text
    assert searched(officer, "0912000112") == []
    with desk.read() as session:
        assert audit.entries(session, actor="officer@caobang.gov.vn")[0].action == "shipments.searched-by-phone"


@pytest.mark.parametrize("nonsense", ["%", "' OR 1=1 --", "<script>", "x" * 500, "\u202e", ""])
def test_nonsense_finds_nothing_and_breaks_nothing(desk: TestDesk, officer: Colleague, nonsense: str) -> None:
    answer = officer.send(officer.page("/board/shipments"), "/board/shipments/search", q=nonsense)
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_filters_narrow_the_list_and_wrong_ones_do_not(desk: TestDesk, officer: Colleague, registered: str) -> None:
    number = in_doubt(desk, registered)
    assert number in listed(
        officer.page("/board/shipments", state="outcome_unknown", leg="send", operator="vnpost_ngsp")
    )
    for query in ({"state": "delivered"}, {"leg": "transfer"}, {"since": "2026-03-03"}, {"until": "2026-03-01"}):
        assert number not in listed(officer.page("/board/shipments", **query))
    assert number in listed(officer.page("/board/shipments", since="2026-03-02", until="2026-03-02"))
    wrong = {"state": "flying", "leg": "up", "operator": "x", "agency": "H14.99", "since": "tomorrow", "after": "9-"}
    assert listed(officer.page("/board/shipments", **wrong))


def test_the_pages_hold_everything_once(desk: TestDesk, colleague: As) -> None:
    agency = {"code": "H14.66", "name": "Sở Xây dựng"}
    numbers = set()
    for n in range(60):
        desk.register(f"H14.66-260302-{n:04}", agency=agency)
        numbers |= set(desk.order("send", dossier=f"H14.66-260302-{n:04}"))
    who = colleague(Role.CLERK, "H14.66")
    first = who.page("/board/shipments")
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after
    second = who.page("/board/shipments" + after.group(1).replace("&amp;", "&"))
    assert len(listed(first)) == 50
    assert sorted(listed(first) + listed(second)) == sorted(numbers)
    assert 'rel="next"' not in second


def test_another_agencys_shipments_are_not_there(desk: TestDesk, colleague: As, registered: str) -> None:
    number = desk.order("send", dossier=registered)[0]
    stranger = colleague(Role.SUPERVISOR, "H14.99")
    assert listed(stranger.page("/board/shipments")) == []
    for text in (number, registered, "84919393275"):
        assert searched(stranger, text) == []


def test_whose_telephone_it_is_is_found_only_where_personal_data_may_be_read(
    desk: TestDesk, colleague_with: With, code: str
) -> None:
    desk.register(code, applicant={"name": "Lý Thị Nga", "phone": "0912 000 333"})
    number = desk.order("send", dossier=code)[0]
    clerk_elsewhere = colleague_with((Role.AUDITOR, AGENCY), (Role.CLERK, "H14.99"))
    assert searched(clerk_elsewhere, number) == [number]
    assert searched(clerk_elsewhere, "0912000333") == []
    assert searched(colleague_with((Role.CLERK, AGENCY)), "0912000333") == [number]
