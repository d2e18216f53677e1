"""The calendar strip: what each day counted for, and how it looks on a page and in a terminal."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import VIETNAM
from tests.tracking.deadlines.nonsense import fact_lists
from tests.tracking.deadlines.offices import NEW, OFFICE, OLD, Versions
from tests.tracking.deadlines.story import asked, complete, fact, recalendared, result, start
from tracking.deadlines import (
    ClockFact,
    DayKind,
    DayMark,
    FactKind,
    Moment,
    Term,
    Unit,
    fold,
    ledger_strip,
    load_rules,
    strip,
    strip_blocks,
    strip_svg,
)

LAW = load_rules()
TEN_DAYS = Term(10, Unit.WORKING_DAYS)
OVER_TET = [start("2026-02-06 08:15"), asked("2026-02-10 10:00"), complete("2026-02-13 09:00")]

instants = st.builds(datetime.combine, st.dates(date(2024, 6, 1), date(2027, 6, 30)), st.times(), st.just(VIETNAM))


def marks_of(facts: Sequence[ClockFact], term: Term = TEN_DAYS) -> list[DayMark]:
    return ledger_strip(fold(facts, term, OFFICE, LAW), OFFICE)


def numbers(marks: Sequence[DayMark]) -> list[int]:
    return [mark.number for mark in marks if mark.number is not None]


def moments(marks: Sequence[DayMark]) -> list[tuple[str, Moment]]:
    return [(f"{mark.day:%m-%d}", moment) for mark in marks for moment in mark.moments]


@given(instants, st.integers(1, 40), st.sampled_from([None, time(15)]))
def test_as_many_days_are_counted_as_the_term_has(event: datetime, amount: int, cutoff: time | None) -> None:
    term = Term(amount, Unit.WORKING_DAYS)
    marks = strip(event, OFFICE.due(event, term, cutoff=cutoff), OFFICE, cutoff=cutoff)
    assert numbers(marks) == list(range(1, amount + 1))
    assert marks[0].day == event.date()
    assert marks[-1].number == amount
    assert marks[-1].moments == (Moment.DUE,)


@given(instants, st.integers(1, 40))
def test_of_calendar_days_each_is_counted_up_to_the_last_and_then_work_is_awaited(event: datetime, amount: int) -> None:
    term = Term(amount, Unit.CALENDAR_DAYS)
    marks = strip(event, OFFICE.due(event, term), OFFICE, term)
    assert [mark.number for mark in marks[1 : amount + 1]] == list(range(1, amount + 1))
    assert numbers(marks[amount + 1 :]) == []


def test_a_supplement_over_tet_begins_its_count_again() -> None:
    marks = marks_of(OVER_TET)
    assert numbers(marks) == [1, 2, *range(1, 11)]
    assert moments(marks) == [
        ("02-06", Moment.START),
        ("02-10", Moment.PAUSE),
        ("02-13", Moment.RESTART),
        ("03-06", Moment.DUE),
    ]
    assert [f"{mark.day:%d}" for mark in marks if mark.kind is DayKind.PAUSED] == ["11", "12", "13"]
    tet = [mark for mark in marks if mark.kind is DayKind.DAY_OFF]
    assert [mark.day.day for mark in tet] == [16, 17, 18, 19, 20]
    assert {mark.document[:27] for mark in tet} == {"Công văn 9859/VPCP-KGVX ngà"}


def test_after_a_pause_the_count_goes_on() -> None:
    paused = [
        start("2026-03-02 08:15"),
        fact(FactKind.SUSPEND, "2026-03-04 10:00"),
        fact(FactKind.RESUME, "2026-03-10 09:00"),
    ]
    marks = marks_of(paused)
    assert numbers(marks) == list(range(1, 11))
    assert marks[-1].day == date(2026, 3, 20)


def test_a_make_up_saturday_is_counted_and_named() -> None:
    (made_up,) = [mark for mark in marks_of([start("2026-08-20 09:00")]) if mark.kind is DayKind.MAKE_UP]
    assert (made_up.day, made_up.number) == (date(2026, 8, 22), 2)
    assert made_up.name_en == "Make-up for 31 August 2026"


def test_a_pause_without_end_shows_the_days_up_to_it() -> None:
    marks = marks_of(OVER_TET[:2])
    assert (marks[-1].day, marks[-1].moments) == (date(2026, 2, 10), (Moment.PAUSE,))


def test_a_result_is_shown_whether_early_or_late() -> None:
    early = marks_of([start("2026-03-02 08:15"), result("2026-03-09 09:00")])
    assert moments(early)[1:] == [("03-09", Moment.RESULT), ("03-16", Moment.DUE)]
    late = marks_of([start("2026-03-02 08:15"), result("2026-03-18 09:00")])
    assert moments(late)[1:] == [("03-16", Moment.DUE), ("03-18", Moment.RESULT)]


def test_a_dossier_that_was_never_started_has_no_days() -> None:
    assert marks_of([result("2026-03-02 08:15")]) == []


def test_after_a_change_of_the_calendar_the_new_one_is_drawn() -> None:
    started = fact(FactKind.START, "2025-12-31 15:30", calendar=OLD)
    calendars, two_days = Versions(usual=OFFICE), Term(2, Unit.WORKING_DAYS)
    before = ledger_strip(fold([started], two_days, calendars, LAW), calendars)
    change = recalendared("2026-01-02 09:00", NEW)
    after = ledger_strip(fold([started, change], two_days, calendars, LAW), calendars)
    friday = date(2026, 1, 2)
    assert [mark.kind for mark in (*before, *after) if mark.day == friday] == [DayKind.COUNTED, DayKind.DAY_OFF]


BLOCKS = """\
02/2026
06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
▔▔ ·· ·· ██ ██ ▒▒ ▒▒ ▒▒ ·· ·· ░░ ░░ ░░ ░░ ░░ ·· ·· ██ ██ ██ ██
▶        1  2‖       ↻                             1  2  3  4

      03/2026
27 28 01 02 03 04 05 06
██ ·· ·· ██ ██ ██ ██ ██
5        6  7  8  9  10◆

██ ngày được tính  ▔▔ ngày làm việc không tính  ▒▒ thời hạn tạm dừng  ·· nghỉ hằng tuần  ░░ nghỉ lễ, tết, hoán đổi
▶ bắt đầu tính  ‖ tạm dừng  ↻ tính lại từ đầu  ◆ hạn trả
16/02–20/02: Tết Nguyên đán Bính Ngọ (Công văn 9859/VPCP-KGVX ngày 13/10/2025; Thông báo 9441/TB-BNV năm 2025)"""


def test_the_terminal_shows_it_in_blocks() -> None:
    assert strip_blocks(marks_of(OVER_TET)) == BLOCKS


def drawn(marks: Sequence[DayMark]) -> ET.Element:
    return ET.fromstring(strip_svg(marks))


def words(svg: ET.Element, tag: str) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{{http://www.w3.org/2000/svg}}{tag}")]


def test_the_page_shows_each_day_and_says_it_to_those_who_hear_the_page() -> None:
    svg = drawn(marks_of(OVER_TET))
    titles = words(svg, "title")
    assert titles[0] == "Cách tính hạn từ 06/02/2026 đến 06/03/2026"
    assert len(titles) == 1 + 29
    assert "Thứ Ba 10/02/2026: ngày tính thứ 2; tạm dừng" in titles
    assert "Thứ Tư 18/02/2026: Tết Nguyên đán Bính Ngọ" in titles
    (told,) = words(svg, "desc")
    assert "Thứ Sáu 06/03/2026: ngày tính thứ 10; hạn trả. 16/02–20/02: Tết Nguyên đán" in told
    assert svg.get("role") == "img"
    assert told in (svg.get("aria-label") or "")


def test_the_drawing_needs_no_colour() -> None:
    inks = {element.get(name) for element in drawn(marks_of(OVER_TET)).iter() for name in ("fill", "stroke")}
    assert inks - {None, "none"} == {"#000", "#555", "#999", "#ddd", "#fff"}


@given(fact_lists.map(lambda facts: ledger_strip(fold(facts, TEN_DAYS, OFFICE, LAW), OFFICE)).filter(bool))
def test_whatever_happened_can_be_drawn(marks: list[DayMark]) -> None:
    inside = [element for element in drawn(marks).iter() if element.tag.endswith("}g")]
    assert len(inside) == len(marks)
    assert all(first.day < second.day for first, second in pairwise(marks))
    assert strip_blocks(marks)


@pytest.mark.parametrize("draw", [strip_svg, strip_blocks])
def test_names_from_a_calendar_are_never_taken_for_markup(draw: Callable[[Sequence[DayMark]], str]) -> None:
    mark = DayMark(date(2026, 3, 2), DayKind.DAY_OFF, None, (Moment.DUE,), "<b>Nghỉ & vui</b>", "", "CV 1")
    text = draw([mark])
    assert ("<b>" in text) == (draw is strip_blocks)
