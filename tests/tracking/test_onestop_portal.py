"""The portal ends at the newest state, whatever failed in between: whole stories through the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.desk import CODE
from tests.support.portal import PortalDesk, opened_portal_desk

FIVE_CHANGES = ("accepted", "supplement_requested", "supplement_completed", "suspended", "resumed")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PortalDesk]:
    with opened_portal_desk(tmp_path) as desk:
        yield desk


def test_a_day_without_the_portal_costs_fewer_calls_than_there_were_changes(desk: PortalDesk) -> None:
    codes = [f"H14.10-260302-{number:04d}" for number in range(1, 21)]
    for code in codes:
        desk.register(code)
    desk.settle()
    before = len(desk.books.calls())
    desk.faults({"kind": "down", "times": None})
    for hour in range(25):
        if hour % 5 == 0:
            kind = FIVE_CHANGES[hour // 5]
            for code in codes:
                desk.happens(kind, f"e{hour}", code=code, reason="Thiếu giấy khai sinh")
        desk.deliver()
        desk.desk.clock.forward(hours=1)
    assert all(desk.copy(code)["TrangThaiHoSo"] == "1" for code in codes)
    desk.faults()
    desk.settle()
    assert [code for code in codes if not desk.is_in_line(code)] == []
    calls = [fate for _, _, fate in desk.books.calls()][before:]
    assert calls.count("taken") == 2 * len(codes)  # the newest state, and its steps in one chunk
    assert len(calls) < len(codes) * len(FIVE_CHANGES)


def test_whichever_of_two_changes_is_heard_of_first_the_copy_ends_at_the_newest(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    nine = desk.desk.clock.now() + timedelta(hours=1)
    desk.desk.clock.forward(hours=3)
    desk.happens("suspended", "e2", at=nine + timedelta(hours=1), reason="Xác minh")
    desk.deliver()
    assert desk.copy()["TrangThaiHoSo"] == "1"
    desk.happens("accepted", "e1", at=nine)
    desk.settle()
    assert desk.is_in_line()
    assert desk.history() == ["Nộp hồ sơ", "Tiếp nhận hồ sơ", "Tạm dừng giải quyết hồ sơ: Xác minh"]


def test_a_dossier_that_the_portal_refuses_holds_up_no_other(desk: PortalDesk) -> None:
    desk.register()
    desk.register("H14.10-260302-0002")
    desk.faults({"kind": "refused", "match": CODE, "times": None})
    desk.deliver()
    assert desk.is_in_line("H14.10-260302-0002")
    assert ["Mã TTHC không có hiệu lực" in (message.trouble or "") for message in desk.owed()] == [True]
    desk.faults()
    desk.settle()
    assert desk.is_in_line()


def test_a_registration_that_is_corrected_reaches_the_portal(desk: PortalDesk) -> None:
    desk.register()
    desk.settle()
    desk.register(applicant={"name": "Bế Đức Hiệu", "phone": "84919393275", "id_number": "004412799013"})
    desk.settle()
    assert desk.copy()["ChuHoSo"] == "Bế Đức Hiệu"
    assert desk.fates() == ["taken", "taken"]


def test_a_state_to_which_a_dossier_returns_is_sent_when_the_answer_in_between_was_lost(desk: PortalDesk) -> None:
    desk.register()
    desk.happens("accepted", "e1")
    desk.settle()
    desk.happens("result_ready", "wrong", result_papers=[{"name": "Kết quả", "originals": 1}])
    desk.faults({"kind": "drop"})
    desk.deliver()
    assert desk.copy()["TrangThaiHoSo"] == "9"  # the portal has it, and we do not know that it has
    desk.happens("corrected", "e3", voids="wrong", reason="Nhập nhầm hồ sơ")
    desk.settle()
    assert desk.copy()["TrangThaiHoSo"] == "4"
