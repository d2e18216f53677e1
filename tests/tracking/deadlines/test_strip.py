"""The calendar strip: what each day counted for, and how it looks on a page and in a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, pairwise
from typing import Literal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendars import OfficeCalendar
from config.clock import VIETNAM
from tests.support.contrast import contrast
from tests.tracking.deadlines.nonsense import fact_lists
from tests.tracking.deadlines.offices import NEW, OFFICE, OLD, Versions
from tests.tracking.deadlines.story import asked, at, complete, extended, fact, recalendared, result, start
from tracking.deadlines import (
    ClockFact,
    DayKind,
    DayMark,
    FactKind,
    Moment,
    Term,
    Unit,
    WorkingTime,
    fold,
    ledger_strip,
    load_rules,
    strip,
    strip_blocks,
    strip_svg,
)
from tracking.deadlines.strip_inks import IN_THE_DARK, ON_WHITE, Inks

LAW = load_rules()
TEN_DAYS = Term(10, Unit.WORKING_DAYS)
TWO_DAYS = Term(2, Unit.WORKING_DAYS)
FORTY_HOURS = Term(40, Unit.WORKING_HOURS)
SAME_DAY = Term(1, Unit.SAME_DAY)
SVG = "{http://www.w3.org/2000/svg}"
OVER_TET = [start("2026-02-06 08:15"), asked("2026-02-10 10:00"), complete("2026-02-13 09:00")]

instants = st.builds(datetime.combine, st.dates(date(2024, 6, 1), date(2027, 6, 30)), st.times(), st.just(VIETNAM))
terms = st.builds(Term, st.integers(1, 40), st.sampled_from(Unit))
told_strips = st.builds(lambda facts, term: marks_of(facts, term), fact_lists, terms).filter(bool)
weeks_in_a_row: st.SearchStrategy[Literal[1, 2]] = st.sampled_from([1, 2])


def paused(when: str) -> ClockFact:
    return fact(FactKind.SUSPEND, when)


def resumed(when: str) -> ClockFact:
    return fact(FactKind.RESUME, when)


def marks_of(facts: Sequence[ClockFact], term: Term = TEN_DAYS) -> list[DayMark]:
    return ledger_strip(fold(facts, term, OFFICE, LAW), OFFICE)


def numbers(marks: Sequence[DayMark]) -> list[int]:
    return [mark.number for mark in marks if mark.number is not None]


def days_of(marks: Sequence[DayMark], kind: DayKind) -> list[str]:
    return [f"{mark.day:%m-%d}" for mark in marks if mark.kind is kind]


def clock_hours(marks: Sequence[DayMark]) -> list[str]:
    """The working hours used up by the end of each day on which some were."""
    used = [(mark.day, divmod(mark.used_minutes, 60)) for mark in marks if mark.used_minutes is not None]
    return [f"{day:%m-%d} {hours}:{minutes:02}" for day, (hours, minutes) in used]


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
    assert days_of(marks, DayKind.PAUSED) == ["02-11", "02-12", "02-13"]
    tet = [mark for mark in marks if mark.kind is DayKind.DAY_OFF]
    assert [mark.day.day for mark in tet] == [16, 17, 18, 19, 20]
    assert {mark.document[:27] for mark in tet} == {"Công văn 9859/VPCP-KGVX ngà"}


def test_after_a_pause_the_count_goes_on() -> None:
    marks = marks_of([start("2026-03-02 08:15"), paused("2026-03-04 10:00"), resumed("2026-03-10 09:00")])
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
    calendars = Versions(usual=OFFICE)
    before = ledger_strip(fold([started], TWO_DAYS, calendars, LAW), calendars)
    change = recalendared("2026-01-02 09:00", NEW)
    after = ledger_strip(fold([started, change], TWO_DAYS, calendars, LAW), calendars)
    friday = date(2026, 1, 2)
    assert [mark.kind for mark in (*before, *after) if mark.day == friday] == [DayKind.COUNTED, DayKind.DAY_OFF]


def test_where_a_result_ends_a_pause_the_days_go_on_to_the_date_in_force() -> None:
    marks = marks_of([start("2026-03-02 08:15"), paused("2026-03-04 10:00"), result("2026-03-10 09:00")])
    assert numbers(marks) == list(range(1, 11))
    assert moments(marks)[2:] == [("03-10", Moment.RESULT), ("03-20", Moment.DUE)]


def test_a_clock_that_was_stopped_before_it_began_to_count_stands_still() -> None:
    friday_evening, wednesday = start("2026-03-06 18:00"), resumed("2026-03-11 09:00")
    marks = marks_of([friday_evening, paused("2026-03-07 10:00"), wednesday])
    assert days_of(marks, DayKind.PAUSED) == ["03-09", "03-10", "03-11"]
    assert (numbers(marks)[0], days_of(marks, DayKind.COUNTED)[0]) == (1, "03-12")


def test_of_forty_hours_those_of_the_first_day_count() -> None:
    marks = marks_of([start("2026-03-02 08:15")], FORTY_HOURS)
    assert clock_hours(marks) == [
        "03-02 6:45",
        "03-03 14:15",
        "03-04 21:45",
        "03-05 29:15",
        "03-06 36:45",
        "03-09 40:00",
    ]
    assert {mark.kind for mark in marks} == {DayKind.COUNTED, DayKind.WEEKLY_REST}
    assert numbers(marks) == []


def test_a_pause_on_the_first_day_uses_none_of_the_hours() -> None:
    same_day = [start("2026-03-02 08:15"), paused("2026-03-02 10:00"), resumed("2026-03-02 14:00")]
    assert clock_hours(marks_of(same_day, FORTY_HOURS))[:2] == ["03-02 4:45", "03-03 12:15"]


def test_hours_go_on_after_a_pause_from_where_they_were() -> None:
    facts = [start("2026-03-02 08:15"), paused("2026-03-03 07:00"), resumed("2026-03-05 16:00")]
    marks = marks_of(facts, FORTY_HOURS)
    assert clock_hours(marks)[:3] == ["03-02 6:45", "03-05 7:45", "03-06 15:15"]
    assert days_of(marks, DayKind.PAUSED) == ["03-03", "03-04"]
    assert clock_hours(marks)[-1] == "03-12 40:00"


def test_after_a_supplement_the_hours_begin_at_zero() -> None:
    facts = [start("2026-03-02 08:15"), asked("2026-03-03 09:30"), complete("2026-03-03 16:00")]
    marks = marks_of(facts, Term(8, Unit.WORKING_HOURS))
    assert clock_hours(marks) == ["03-02 6:45", "03-03 1:00", "03-04 8:00"]


def test_hours_that_came_too_late_in_the_evening_begin_the_next_morning() -> None:
    marks = marks_of([start("2026-03-02 17:30")], Term(8, Unit.WORKING_HOURS))
    assert [mark.kind for mark in marks] == [DayKind.NOT_COUNTED, DayKind.COUNTED, DayKind.COUNTED]
    assert clock_hours(marks) == ["03-03 7:30", "03-04 8:00"]


def test_on_the_days_of_an_extension_the_whole_term_is_used() -> None:
    marks = marks_of(
        [start("2026-03-02 08:15"), extended("2026-03-02 14:00", at("2026-03-05 17:00"))], Term(8, Unit.WORKING_HOURS)
    )
    assert clock_hours(marks) == ["03-02 6:45", "03-03 8:00", "03-04 8:00", "03-05 8:00"]


def test_the_hours_of_a_make_up_saturday_count() -> None:
    (made_up,) = [m for m in marks_of([start("2026-08-20 09:00")], FORTY_HOURS) if m.kind is DayKind.MAKE_UP]
    assert clock_hours([made_up]) == ["08-22 21:00"]


@given(instants, st.integers(1, 300), st.sampled_from([None, time(15)]))
def test_on_the_due_day_the_hours_are_those_of_the_term(event: datetime, amount: int, cutoff: time | None) -> None:
    term = Term(amount, Unit.WORKING_HOURS)
    marks = strip(event, OFFICE.due(event, term, cutoff=cutoff), OFFICE, term, cutoff)
    used = [mark.used_minutes for mark in marks if mark.used_minutes is not None]
    assert marks[-1].used_minutes == used[-1] == amount * 60
    assert used == sorted(used)


@given(st.integers(0, 39 * 60), st.integers(0, 30 * 60))
def test_a_pause_takes_nothing_from_the_hours_of_the_term(before: int, length: int) -> None:
    stopped = OFFICE.add_working_time(at("2026-03-02 08:15"), timedelta(minutes=before))
    goes_on = stopped + timedelta(minutes=length)
    facts = [start("2026-03-02 08:15"), paused(f"{stopped:%Y-%m-%d %H:%M}"), resumed(f"{goes_on:%Y-%m-%d %H:%M}")]
    assert clock_hours(marks_of(facts, FORTY_HOURS))[-1].endswith(" 40:00")


@given(instants, st.integers(1, 40))
def test_half_days_are_counted_up_to_those_of_the_term(event: datetime, amount: int) -> None:
    term = Term(amount, Unit.HALF_DAYS)
    marks = strip(event, OFFICE.due(event, term), OFFICE, term)
    assert marks[-1].number == numbers(marks)[-1] == amount
    assert numbers(marks) == sorted(set(numbers(marks)))


def test_half_days_say_how_many_are_used_by_the_end_of_each_day() -> None:
    facts = [start("2026-03-02 08:15"), paused("2026-03-03 10:00"), resumed("2026-03-05 14:00")]
    marks = marks_of(facts, Term(5, Unit.HALF_DAYS))
    used = [(f"{mark.day:%m-%d}", mark.number) for mark in marks if mark.number is not None]
    assert used == [("03-02", 1), ("03-03", 2), ("03-06", 4), ("03-09", 5)]


def test_the_day_on_which_a_same_day_term_begins_is_the_term() -> None:
    (today,) = marks_of([start("2026-03-02 08:15")], SAME_DAY)
    assert (today.kind, today.number, today.moments) == (DayKind.COUNTED, 1, (Moment.START, Moment.DUE))
    evening, tomorrow = marks_of([start("2026-03-02 17:30")], SAME_DAY)
    assert [(mark.kind, mark.number) for mark in (evening, tomorrow)] == [
        (DayKind.NOT_COUNTED, None),
        (DayKind.COUNTED, 1),
    ]


def test_of_a_same_day_term_that_goes_on_after_a_pause_nothing_is_left_to_count() -> None:
    marks = marks_of([start("2026-03-02 08:15"), paused("2026-03-02 10:00"), resumed("2026-03-04 09:00")], SAME_DAY)
    assert [(f"{mark.day:%m-%d}", mark.number) for mark in marks if mark.number] == [("03-02", 1)]
    assert moments(marks)[-1] == ("03-04", Moment.DUE)


def test_a_same_day_term_that_was_stopped_before_it_began_has_its_day_to_come() -> None:
    marks = marks_of([start("2026-03-06 18:00"), paused("2026-03-07 10:00"), resumed("2026-03-11 09:00")], SAME_DAY)
    assert moments(marks)[-1] == ("03-11", Moment.DUE)


def test_calendar_days_count_from_the_day_after_a_saturday_evening() -> None:
    marks = marks_of([start("2026-03-07 18:00")], Term(3, Unit.CALENDAR_DAYS))
    assert [(f"{mark.day:%m-%d}", mark.number) for mark in marks] == [
        ("03-07", None),
        ("03-08", 1),
        ("03-09", 2),
        ("03-10", 3),
    ]


@given(told_strips)
def test_no_number_comes_twice_unless_the_clock_began_again(marks: list[DayMark]) -> None:
    labelled = [mark for mark in marks if mark.number is not None]
    begun = [mark.day for mark in marks if {Moment.START, Moment.RESTART} & set(mark.moments)]
    for one, other in pairwise(labelled):
        again = any(one.day <= day <= other.day for day in begun)
        assert again or (one.number or 0) < (other.number or 0)


@given(told_strips)
def test_what_comes_after_the_due_day_has_no_number(marks: list[DayMark]) -> None:
    due = next((mark.day for mark in marks if Moment.DUE in mark.moments), date.max)
    after = [mark for mark in marks if mark.day > due or mark.kind is DayKind.LATE]
    assert all(mark.number is None and mark.used_minutes is None for mark in after)


def test_until_a_late_result_the_working_days_are_late() -> None:
    marks = marks_of([start("2026-08-17 08:15"), result("2026-08-25 09:00")], TWO_DAYS)
    assert numbers(marks) == [1, 2]
    assert days_of(marks, DayKind.LATE) == ["08-20", "08-21", "08-22", "08-24", "08-25"]
    (made_up,) = [mark for mark in marks if mark.name_vi]
    assert (f"{made_up.day:%m-%d}", made_up.name_en) == ("08-22", "Make-up for 31 August 2026")


@pytest.mark.parametrize("term", [Term(1, unit) for unit in Unit])
def test_a_late_day_is_late_whatever_the_term_is_counted_in(term: Term) -> None:
    marks = marks_of([start("2026-03-02 08:15"), result("2026-03-09 09:00")], term)
    assert days_of(marks, DayKind.LATE)[-4:] == ["03-04", "03-05", "03-06", "03-09"]


def test_a_late_clock_that_stands_still_grows_no_later() -> None:
    facts = [start("2026-03-02 08:15"), paused("2026-03-06 10:00"), complete("2026-03-10 09:00")]
    marks = marks_of(facts, TWO_DAYS)
    assert days_of(marks, DayKind.LATE) == ["03-05", "03-06"]
    assert days_of(marks, DayKind.PAUSED) == ["03-09", "03-10"]
    assert numbers(marks) == [1, 2, 1, 2]


def test_what_happened_on_a_day_stands_in_the_order_of_the_clock() -> None:
    marks = marks_of([start("2026-03-02 08:15"), result("2026-03-03 16:00")], Term(8, Unit.WORKING_HOURS))
    assert moments(marks) == [("03-02", Moment.START), ("03-03", Moment.DUE), ("03-03", Moment.RESULT)]


def test_where_the_calendar_of_a_record_lacks_a_year_the_one_that_counted_is_drawn() -> None:
    short = WorkingTime(OfficeCalendar("caobang", OFFICE.calendar.years[:-1]))
    began = fact(FactKind.START, "2026-12-30 08:15", calendar=short.calendar.version)

    class Kept:
        def of(self, version: str) -> WorkingTime:
            return short if version == short.calendar.version else OFFICE

    assert numbers(ledger_strip(fold([began], TEN_DAYS, Kept(), LAW), Kept())) == list(range(1, 11))


BLOCKS = """\
02/2026
06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26
▔▔ ·· ·· ██ ██ ▒▒ ▒▒ ▒▒ ·· ·· ░░ ░░ ░░ ░░ ░░ ·· ·· ██ ██ ██ ██
         1  2                                      1  2  3  4
▶           ‖        ↻

      03/2026
27 28 01 02 03 04 05 06
██ ·· ·· ██ ██ ██ ██ ██
5        6  7  8  9  10
                     ◆

██ ngày được tính  ▔▔ ngày làm việc không tính  ▒▒ thời hạn tạm dừng  ·· nghỉ hằng tuần  ░░ nghỉ lễ, tết, hoán đổi
▶ bắt đầu tính  ‖ tạm dừng  ↻ tính lại từ đầu  ◆ hạn trả
16/02–20/02: Tết Nguyên đán Bính Ngọ (Công văn 9859/VPCP-KGVX ngày 13/10/2025; Thông báo 9441/TB-BNV năm 2025)"""

HOURS = """\
02/2026     03/2026
27    28    01    02    03    04    05
██    ··    ··    ██    ▒▒    ██    ██
3:30              8:30        9:30  17:00
▶                 ‖▷‖         ▷

03/2026
06    07    08    09    10    11
██    ··    ··    ██    ▚▚    ▚▚
24:30             30:00
                  ◆           ✓

██ ngày được tính  ▒▒ thời hạn tạm dừng  ·· nghỉ hằng tuần  ▚▚ quá hạn
▶ bắt đầu tính  ‖ tạm dừng  ▷ tiếp tục  ✓ có kết quả  ◆ hạn trả
Số ghi ở mỗi ngày: giờ:phút làm việc đã dùng của thời hạn"""
PAUSED_TWICE = [
    start("2026-02-27 13:30"),
    paused("2026-03-02 10:00"),
    resumed("2026-03-02 14:00"),
    paused("2026-03-02 16:30"),
    resumed("2026-03-04 16:00"),
    result("2026-03-11 09:00"),
]


def test_the_terminal_shows_it_in_blocks() -> None:
    assert strip_blocks(marks_of(OVER_TET)) == BLOCKS


def test_the_terminal_makes_room_for_hours_and_for_all_that_happened_on_a_day() -> None:
    assert strip_blocks(marks_of(PAUSED_TWICE, Term(30, Unit.WORKING_HOURS))) == HOURS


@pytest.mark.parametrize(
    ("term", "days", "columns"),
    [
        (Term(30, Unit.WORKING_DAYS), 21, 3),
        (Term(120, Unit.WORKING_DAYS), 14, 4),
        (Term(9, Unit.WORKING_HOURS), 2, 5),
        (Term(90, Unit.WORKING_HOURS), 7, 6),
        (Term(120, Unit.WORKING_HOURS), 7, 7),
    ],
)
def test_a_band_has_as_many_whole_weeks_as_fit_on_a_terminal(term: Term, days: int, columns: int) -> None:
    _, dates, blocks, *_ = strip_blocks(marks_of([start("2026-03-02 08:15")], term)).splitlines()
    assert [len(dates.split()), len(blocks.split())] == [days, days]
    assert (dates.index("03"), blocks.rindex(" ")) == (columns, (days - 1) * columns - 1)


@pytest.mark.parametrize(("happened", "days"), [(1, 21), (3, 14), (5, 7), (12, 7)])
def test_a_band_has_room_for_all_signs_of_a_day(happened: int, days: int) -> None:
    first, *others = marks_of([start("2026-03-02 08:15")], Term(30, Unit.WORKING_DAYS))
    busy = replace(first, moments=(Moment.PAUSE,) * happened)
    _, dates, _, _, signs, *_ = strip_blocks([busy, *others]).splitlines()
    assert (len(dates.split()), signs) == (days, "‖" * happened)
    assert dates.index("03") > happened


@given(told_strips)
def test_no_band_is_wider_than_a_terminal_or_has_an_empty_line(marks: list[DayMark]) -> None:
    most = max(len(mark.moments) for mark in marks)
    lines = [line for band in strip_blocks(marks).split("\n\n")[:-1] for line in band.splitlines()]
    assert most > 10 or all(0 < len(line) <= 78 for line in lines)


def drawn(marks: Sequence[DayMark], weeks: Literal[1, 2] = 2) -> ET.Element:
    return ET.fromstring(strip_svg(marks, weeks))


def cells(svg: ET.Element) -> list[ET.Element]:
    return list(svg.iter(f"{SVG}g"))


def words(svg: ET.Element, tag: str) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}{tag}")]


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


def test_in_the_dark_it_says_the_same_and_nothing_shines() -> None:
    marks = marks_of(OVER_TET)
    dark = ET.fromstring(strip_svg(marks, inks=IN_THE_DARK))
    inks = {element.get(name) for element in dark.iter() for name in ("fill", "stroke")}
    assert inks.isdisjoint({"#000", "#555", "#999", "#ddd", "#fff"})
    assert [words(dark, tag) for tag in ("text", "title")] == [words(drawn(marks), tag) for tag in ("text", "title")]


@pytest.mark.parametrize("inks", [ON_WHITE, IN_THE_DARK], ids=["on white", "in the dark"])
def test_words_and_edges_stand_out_from_what_they_stand_on(inks: Inks) -> None:
    assert min(contrast(inks.ink, ground) for ground in (inks.paper, inks.rest)) >= 7
    assert contrast(inks.edge, inks.paper) >= 3
    assert contrast(inks.lines, inks.paper) >= 2, "hatching is seen, and words on it are read"


@given(told_strips)
def test_whatever_happened_can_be_drawn(marks: list[DayMark]) -> None:
    assert len(cells(drawn(marks))) == len(marks)
    assert all(first.day < second.day for first, second in pairwise(marks))
    assert strip_blocks(marks)


def test_every_moment_of_a_day_stands_in_its_cell() -> None:
    marks = marks_of(PAUSED_TWICE, Term(30, Unit.WORKING_HOURS))
    (monday,) = [cell for cell in cells(drawn(marks)) if "02/03/2026" in words(cell, "title")[0]]
    assert words(monday, "text") == ["2", "8:30", "dừng", "tiếp", "dừng"]


def test_of_more_than_three_moments_the_first_two_stand_there_and_the_rest_is_counted() -> None:
    busy = DayMark(
        date(2026, 3, 2), DayKind.COUNTED, 1, (Moment.PAUSE, Moment.RESUME, Moment.PAUSE, Moment.RESULT, Moment.DUE)
    )
    (cell,) = cells(drawn([busy]))
    assert words(cell, "text") == ["2/3", "1", "dừng", "tiếp", "+3"]
    assert words(cell, "title") == [
        "Thứ Hai 02/03/2026: ngày tính thứ 1; tạm dừng; tiếp tục; tạm dừng; có kết quả; hạn trả"
    ]


def test_those_who_hear_the_page_are_told_what_a_number_counts() -> None:
    hours = words(drawn(marks_of([start("2026-03-02 08:15")], FORTY_HOURS)), "title")
    assert "Thứ Hai 02/03/2026: đã dùng 6 giờ 45 phút làm việc; bắt đầu tính" in hours
    halves = words(drawn(marks_of([start("2026-03-02 08:15")], Term(5, Unit.HALF_DAYS))), "title")
    assert "Thứ Ba 03/03/2026: đã dùng 3 nửa ngày làm việc" in halves
    late = words(drawn(marks_of([start("2026-08-17 08:15"), result("2026-08-24 09:00")], TWO_DAYS)), "title")
    assert "Thứ Bảy 22/08/2026: Làm bù cho ngày 31/8/2026; quá hạn" in late
    assert "Thứ Hai 24/08/2026: quá hạn; có kết quả" in late


def test_each_kind_of_day_looks_different() -> None:
    marks = [DayMark(date(2026, 3, 2), kind, 1 if kind is DayKind.COUNTED else None, ()) for kind in DayKind]
    looks = [cells(drawn([mark]))[0] for mark in marks]
    assert len({tuple((part.tag, part.get("fill"), part.get("d")) for part in look) for look in looks}) == len(DayKind)
    assert len({strip_blocks([mark]).splitlines()[2] for mark in marks}) == len(DayKind)


def test_words_on_a_pattern_stand_on_white() -> None:
    svg = drawn(marks_of([start("2026-03-02 08:15"), result("2026-03-05 09:00")], TWO_DAYS))
    edged = [text.text for cell in cells(svg) for text in cell.iter(f"{SVG}text") if text.get("stroke") == "#fff"]
    assert edged == ["5", "kết quả"]


def test_the_number_of_a_document_is_never_torn_apart() -> None:
    documents = " ".join(["9441/TB-BNV"] * 9)
    off = DayMark(date(2026, 3, 2), DayKind.DAY_OFF, None, (Moment.DUE,), "Nghỉ lễ", "", documents)
    assert " ".join(words(drawn([off], weeks=1), "text")).endswith(f"02/03: Nghỉ lễ ({documents})")


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box") -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def meets(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def box(text: ET.Element) -> Box:
    """Where a text stands at most, set in DejaVu Sans, which is the widest of the usual fonts."""
    letters = text.text or ""
    ems = sum(0.64 if letter.isdigit() else 0.4 if letter in "iíịlt /:+" else 0.62 for letter in letters)
    above, below = (0.95, 0.25) if any(map(str.isalpha, letters)) else (0.75, 0)
    size, x, y = (float(text.get(name, "")) for name in ("font-size", "x", "y"))
    width = ems * size * (1.1 if text.get("font-weight") else 1)
    left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor", "")]
    return Box(left, y - above * size, left + width, y + below * size)


def outline(rect: ET.Element, within: float = 0) -> Box:
    x, y, width, height = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
    return Box(x + within, y + within, x + width - within, y + height - within)


def assert_nothing_overlaps(svg: ET.Element) -> None:
    sheet = outline(next(svg.iter(f"{SVG}rect")))
    texts = [(text.text, box(text)) for text in svg.iter(f"{SVG}text")]
    assert [text for text, place in texts if not sheet.holds(place)] == []
    assert [(one, other) for (one, here), (other, there) in combinations(texts, 2) if here.meets(there)] == []
    for cell in cells(svg):
        inside = outline(next(cell.iter(f"{SVG}rect")), within=3)
        assert [text.text for text in cell.iter(f"{SVG}text") if not inside.holds(box(text))] == []


@given(told_strips, weeks_in_a_row)
def test_no_words_overlap_or_leave_their_place(marks: list[DayMark], weeks: Literal[1, 2]) -> None:
    assert_nothing_overlaps(drawn(marks, weeks))


@pytest.mark.parametrize("weeks", [1, 2])
@pytest.mark.parametrize(
    "term",
    [
        Term(40, Unit.WORKING_DAYS),
        Term(120, Unit.WORKING_DAYS),
        Term(300, Unit.WORKING_HOURS),
        Term(1100, Unit.WORKING_HOURS),
    ],
)
def test_long_terms_have_room_for_their_numbers(term: Term, weeks: Literal[1, 2]) -> None:
    assert_nothing_overlaps(drawn(marks_of([start("2026-01-05 08:15")], term), weeks))


def test_one_week_in_a_row_can_be_read_on_a_telephone() -> None:
    svg = drawn(marks_of(OVER_TET), weeks=1)
    assert float(svg.get("width", "inf")) <= 340
    assert words(svg, "text")[:7] == ["T2", "T3", "T4", "T5", "T6", "T7", "CN"]
    wide = drawn(marks_of(OVER_TET))
    assert words(wide, "text")[:14] == words(svg, "text")[:7] * 2
    assert float(wide.get("width", "0")) > 340


@pytest.mark.parametrize("draw", [strip_svg, strip_blocks])
def test_names_from_a_calendar_are_never_taken_for_markup(draw: Callable[[Sequence[DayMark]], str]) -> None:
    mark = DayMark(date(2026, 3, 2), DayKind.DAY_OFF, None, (Moment.DUE,), "<b>Nghỉ & vui</b>", "", "CV 1")
    text = draw([mark])
    assert ("<b>" in text) == (draw is strip_blocks)
