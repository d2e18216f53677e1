"""A calendar that changes after receipts were printed: 2 January 2026 was announced as a day off eight days ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from config.calendars import OfficeCalendar, load_calendar
from config.clock import VIETNAM, local
from dispatch.dossiers import Dossier, get_dossier
from dispatch.messenger import CITIZEN
from dispatch.outbox import OutboxMessage
from tests.support.desk import TestDesk, opened_desk
from tracking.calendar_change import Move, confirm, impact, review
from tracking.calendar_versions import KeptCalendars
from tracking.clock_facts import latest_version, ledger_of
from tracking.deadlines.working_time import WorkingTime
from tracking.office import Office
from tracking.watch import attention

NEW_YEAR = date(2026, 1, 2)
SWAP = date(2026, 1, 10)
DOCUMENT = "Công văn 12729/VPCP-KGVX ngày 25/12/2025"
DOSSIERS = 100


def before_the_announcement(calendar: OfficeCalendar) -> OfficeCalendar:
    """Return the calendar as it was known in mid-December 2025."""
    years = tuple(
        replace(
            year,
            days_off=tuple(off for off in year.days_off if off.day != NEW_YEAR),
            make_up_days=tuple(day for day in year.make_up_days if day.day != SWAP),
        )
        for year in calendar.years
    )
    return replace(calendar, years=years)


def code(number: int) -> str:
    return f"H14.10-251222-{number:04d}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    with opened_desk(tmp_path) as opened:
        opened.office = office_by(opened, before_the_announcement(load_calendar("caobang")))
        opened.runtime.prepare()
        yield opened


def office_by(desk: TestDesk, calendar: OfficeCalendar) -> Office:
    working_time = WorkingTime(calendar)
    kept = KeptCalendars(working_time, desk.context.database)
    return replace(desk.office, working_time=working_time, calendars=kept)


def accept(desk: TestDesk, number: int, at: datetime, days: int) -> None:
    procedure = {
        "code": "1.001193",
        "name": "Đăng ký khai sinh",
        "time_limit": {"amount": days, "unit": "working_days"},
        "postal_submission": True,
        "postal_return": True,
    }
    desk.register(code(number), procedure=procedure, filed_at="2025-12-15T08:00:00+07:00")
    desk.tell("accepted", "e-1", at, code(number))


def announce(desk: TestDesk) -> None:
    desk.office = office_by(desk, load_calendar("caobang"))
    desk.runtime.prepare()


def due(desk: TestDesk, number: int) -> date:
    with desk.read() as session:
        version = latest_version(session, code(number))
    assert version is not None
    assert version.due is not None
    return local(version.due).date()


def moves(desk: TestDesk) -> list[Move]:
    with desk.read() as session:
        return list(impact(session, desk.office))


WEDNESDAY = datetime(2025, 12, 31, 15, 30, tzinfo=VIETNAM)


def test_a_new_calendar_moves_nothing_by_itself(desk: TestDesk) -> None:
    desk.clock.at(WEDNESDAY)
    accept(desk, 1, WEDNESDAY, 2)
    assert due(desk, 1) == date(2026, 1, 5)

    announce(desk)

    with desk.read() as session:
        dossier_ledger = ledger_of(session, desk.office, _dossier(desk, 1))
    assert local(dossier_ledger.current_due or WEDNESDAY).date() == date(2026, 1, 5)
    assert due(desk, 1) == date(2026, 1, 5)


def test_staff_see_whose_date_would_move_and_confirm_it(desk: TestDesk) -> None:
    desk.clock.at(WEDNESDAY)
    accept(desk, 1, WEDNESDAY, 2)
    announce(desk)

    (move,) = moves(desk)
    assert (move.dossier, move.due_from.date(), move.due_to.date()) == (code(1), date(2026, 1, 5), date(2026, 1, 6))
    assert review(desk.context, desk.office) == 1
    assert "calendar-changed" in kinds(desk)

    confirm(desk.context, desk.office, officer="Hà Thị Mai", document=DOCUMENT, codes=None)

    assert due(desk, 1) == date(2026, 1, 6)
    assert moves(desk) == []
    assert "calendar-changed" not in kinds(desk)


def test_the_ledger_says_which_calendar_each_line_used_and_which_document_moved_the_date(desk: TestDesk) -> None:
    desk.clock.at(WEDNESDAY)
    accept(desk, 1, WEDNESDAY, 2)
    before = desk.office.calendar_version
    announce(desk)
    confirm(desk.context, desk.office, officer="Hà Thị Mai", document=DOCUMENT, codes=None)

    with desk.read() as session:
        first, second = ledger_of(session, desk.office, _dossier(desk, 1)).lines

    assert (first.calendar_version, second.calendar_version) == (before, desk.office.calendar_version)
    assert second.fact.reason == DOCUMENT
    assert "Hà Thị Mai" in second.fact.evidence


def test_a_printed_date_is_never_shortened_by_a_make_up_saturday(desk: TestDesk) -> None:
    friday = datetime(2026, 1, 9, 9, 0, tzinfo=VIETNAM)
    desk.clock.at(friday)
    accept(desk, 1, friday, 3)
    assert due(desk, 1) == date(2026, 1, 14)

    announce(desk)  # Saturday 10 January has become a working day: counted anew it would be Tuesday the 13th

    assert moves(desk) == []
    assert confirm(desk.context, desk.office, officer="Hà Thị Mai", document=DOCUMENT, codes=None) == []
    assert due(desk, 1) == date(2026, 1, 14)


def test_a_dossier_accepted_afterwards_counts_by_the_new_calendar(desk: TestDesk) -> None:
    desk.clock.at(WEDNESDAY)
    announce(desk)
    accept(desk, 1, WEDNESDAY, 2)

    assert due(desk, 1) == date(2026, 1, 6)


def test_a_hundred_open_dossiers_are_sorted_into_those_that_move_and_those_that_do_not(desk: TestDesk) -> None:
    monday = datetime(2025, 12, 22, 9, 0, tzinfo=VIETNAM)
    desk.clock.at(monday)
    for number in range(1, DOSSIERS + 1):
        accept(desk, number, monday, 1 + number % 20)
    printed = {number: due(desk, number) for number in range(1, DOSSIERS + 1)}
    announce(desk)

    proposed = {move.dossier: move.due_to.date() for move in moves(desk)}
    wanted = {}
    for number in range(1, DOSSIERS + 1):
        counted_anew = desk.office.working_time.add_working_days(monday.date(), 1 + number % 20)
        if counted_anew > printed[number]:
            wanted[code(number)] = counted_anew
    assert proposed == wanted
    assert 0 < len(proposed) < DOSSIERS

    confirm(desk.context, desk.office, officer="Hà Thị Mai", document=DOCUMENT, codes=None)

    after = {number: due(desk, number) for number in range(1, DOSSIERS + 1)}
    assert after == {number: wanted.get(code(number), printed[number]) for number in printed}


def test_one_dossier_can_be_confirmed_before_the_others(desk: TestDesk) -> None:
    desk.clock.at(WEDNESDAY)
    accept(desk, 1, WEDNESDAY, 2)
    accept(desk, 2, WEDNESDAY, 2)
    announce(desk)

    confirm(desk.context, desk.office, officer="Hà Thị Mai", document=DOCUMENT, codes=[code(2)])

    assert [move.dossier for move in moves(desk)] == [code(1)]


def kinds(desk: TestDesk) -> set[str]:
    with desk.read() as session:
        return {item.kind for item in attention(session, desk.context, desk.office)}


def _dossier(desk: TestDesk, number: int) -> Dossier:
    with desk.read() as session:
        return get_dossier(session, code(number))


def test_a_dossier_that_had_no_date_gets_one_as_soon_as_the_year_is_known(desk: TestDesk) -> None:
    whole = load_calendar("caobang")
    desk.office = office_by(desk, replace(whole, years=tuple(year for year in whole.years if year.year < 2026)))
    desk.runtime.prepare()
    desk.clock.at(WEDNESDAY)
    accept(desk, 1, WEDNESDAY, 2)
    with desk.read() as session:
        assert latest_version(session, code(1)) is None
    assert "clock-contradiction" in kinds(desk)

    announce(desk)
    review(desk.context, desk.office)

    assert due(desk, 1) == date(2026, 1, 6)
    assert "clock-contradiction" not in kinds(desk)
    with desk.read() as session:
        told = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.destination == CITIZEN)).all()
    assert any("hạn trả kết quả: 17:00 06/01/2026" in payload for payload in told)
