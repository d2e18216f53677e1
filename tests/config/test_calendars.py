from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

from config.calendars import Certainty, MissingCalendarYear, OfficeCalendar, load_calendar
from config.errors import ConfigurationError

HEADER = """office = "{office}"
year = {year}

[weekly]
monday = ["07:30-11:30", "13:30-17:00"]
"""

OFF = """
[[days_off]]
dates = [{dates}]
name_vi = "Nghỉ"
name_en = "Off"
document = "Công văn 1"
certainty = "high"
"""

MAKE_UP = OFF.replace("days_off", "make_up_days") + 'sessions = ["07:30-11:30"]\n'


RECEPTION = "\n[reception.weekly]\n{hours}\n"

RECEPTION_DAY = MAKE_UP.replace("make_up_days", "reception.days")


@pytest.fixture(scope="module")
def caobang() -> OfficeCalendar:
    return load_calendar("caobang")


def write(folder: Path, text: str, *, office: str = "thanhpho", year: int = 2028) -> Path:
    path = folder / office / f"{year}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(office=office, year=year) if "{office}" in text else text, encoding="utf-8")
    return path


def fault_of(folder: Path, text: str) -> str:
    path = write(folder, HEADER.format(office="thanhpho", year=2028) + text)
    with pytest.raises(ConfigurationError) as caught:
        load_calendar("thanhpho", folder)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 250), (2026, 249), (2027, 249)])
def test_each_official_year_has_its_number_of_working_days(
    caobang: OfficeCalendar, year: int, working_days: int
) -> None:
    assert sum(bool(caobang.sessions_on(day)) for day in caobang.days() if day.year == year) == working_days


def test_only_the_swap_of_january_2026_differs_from_the_holidays_library(caobang: OfficeCalendar) -> None:
    library = holidays.country_holidays("VN", years=range(2024, 2028))
    differing = [day for day in caobang.days() if bool(caobang.sessions_on(day)) != library.is_working_day(day)]
    assert differing == [date(2026, 1, 2), date(2026, 1, 10)]


def test_the_late_swap_keeps_its_document_and_the_day_it_was_announced(caobang: OfficeCalendar) -> None:
    off, made_up = caobang.day_off(date(2026, 1, 2)), caobang.make_up_day(date(2026, 1, 10))
    assert off is not None
    assert made_up is not None
    assert "12729/VPCP-KGVX" in off.document
    assert off.document == made_up.document
    assert off.announced == date(2025, 12, 25)


def test_what_follows_from_law_alone_is_marked_as_less_certain(caobang: OfficeCalendar) -> None:
    labour_day = caobang.day_off(date(2027, 5, 3))
    assert labour_day is not None
    assert labour_day.certainty is Certainty.MEDIUM


def test_culture_day_was_still_worked_in_2025(caobang: OfficeCalendar) -> None:
    assert caobang.sessions_on(date(2025, 11, 24))
    assert not caobang.sessions_on(date(2026, 11, 24))


def test_a_year_without_a_file_is_an_error_that_names_office_year_and_next_step(caobang: OfficeCalendar) -> None:
    with pytest.raises(MissingCalendarYear, match=r"caobang.*2028.*caobang/2028\.toml") as caught:
        caobang.sessions_on(caobang.last_day + timedelta(days=1))
    assert (caught.value.office, caught.value.year) == ("caobang", 2028)


def test_an_extra_folder_adds_a_year_and_changes_the_version(caobang: OfficeCalendar, tmp_path: Path) -> None:
    write(tmp_path, HEADER, office="caobang")
    extended = load_calendar("caobang", tmp_path)
    assert extended.last_day == date(2028, 12, 31)
    assert extended.version != caobang.version
    assert extended.version.startswith("caobang 2024-2028 ")


def test_a_year_in_the_extra_folder_wins_over_the_packaged_one(tmp_path: Path) -> None:
    write(tmp_path, HEADER + OFF.replace("{dates}", "2027-06-07"), office="caobang", year=2027)
    assert load_calendar("caobang", tmp_path).sessions_on(date(2027, 6, 7)) == ()


def test_the_version_is_the_same_for_the_same_content(caobang: OfficeCalendar) -> None:
    assert load_calendar("caobang").version == caobang.version


def test_a_comment_does_not_change_the_version(tmp_path: Path) -> None:
    write(tmp_path, HEADER)
    before = load_calendar("thanhpho", tmp_path).version
    write(tmp_path, "# read again by the office\n" + HEADER)
    assert load_calendar("thanhpho", tmp_path).version == before


def test_an_unknown_office_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no working calendar for office 'nowhere'"):
        load_calendar("nowhere", tmp_path)


def test_a_gap_between_two_years_is_refused(tmp_path: Path) -> None:
    write(tmp_path, HEADER, year=2028)
    write(tmp_path, HEADER, year=2030)
    with pytest.raises(ConfigurationError, match=r"add thanhpho/2029\.toml"):
        load_calendar("thanhpho", tmp_path)


def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER)
    path.rename(path.with_name("2029.toml"))
    with pytest.raises(ConfigurationError, match="line 2: says office 'thanhpho', year 2028"):
        load_calendar("thanhpho", tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (OFF.format(dates="2029-01-01"), 8, "2029-01-01 does not belong to 2028"),
        (OFF.format(dates="2028-01-03") + OFF.format(dates="2028-01-03"), 15, "2028-01-03 is given twice"),
        (OFF.format(dates="2028-01-03") + MAKE_UP.format(dates="2028-01-03"), 15, "2028-01-03 is given twice"),
        (MAKE_UP.format(dates="2028-01-03"), 8, "2028-01-03 is already a working day"),
        (OFF.format(dates=""), 7, "days_off.0.dates"),
        (OFF.format(dates="2028-01-03") + 'closed = "yes"\n', 7, "days_off.0.closed"),
        ('tuesday = ["07:30-11:30", "11:00-17:00"]\n', 6, "sessions overlap"),
        ('tuesday = ["11:30-07:30"]\n', 6, "must close after it opens"),
        ('tuesday = ["all day"]\n', 6, "write it like '07:30-11:30'"),
        ("tuesday = []\n", 6, "weekly.tuesday"),
        ('tueday = ["07:30-11:30"]\n', 6, "weekly.tueday"),
        ("tuesday = [\n", 6, "not valid TOML"),
        (RECEPTION.format(hours='monday = ["all day"]'), 8, "write it like '07:30-11:30'"),
        (RECEPTION.format(hours='saturday = ["07:30-11:30", "11:00-12:00"]'), 8, "sessions overlap"),
        (RECEPTION.format(hours='samstag = ["07:30-11:30"]'), 8, "reception.weekly.samstag"),
        (RECEPTION_DAY.format(dates="2029-03-03"), 8, "2029-03-03 does not belong to 2028"),
        (OFF.format(dates="2028-01-03") + RECEPTION_DAY.format(dates="2028-01-03"), 15, "2028-01-03 is given twice"),
        (RECEPTION_DAY.format(dates="2028-01-08") + 'closed = "yes"\n', 7, "reception.days.0.closed"),
    ],
)
def test_a_fault_in_a_file_names_the_file_the_line_and_the_trouble(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    fault = fault_of(tmp_path, text)
    assert message in fault
    assert f"line {line}" in fault or "not valid TOML" in fault


def test_an_announcement_of_the_same_day_is_not_taken_for_the_fault(tmp_path: Path) -> None:
    wrong = OFF.format(dates="2029-01-01").replace("[[days_off]]", "[[days_off]]\nannounced = 2029-01-01")
    assert "line 9:" in fault_of(tmp_path, wrong)


def test_reception_hours_replace_those_of_their_weekday_and_of_single_days_only(tmp_path: Path) -> None:
    hours = RECEPTION.format(hours='monday = ["07:00-10:30"]\nsaturday = ["08:00-11:00"]')
    off, extra, made_up = "2028-01-03", "2028-01-09", "2028-01-15"
    days = OFF.format(dates=off) + MAKE_UP.format(dates=made_up) + RECEPTION_DAY.format(dates=extra)
    write(tmp_path, HEADER + 'tuesday = ["07:30-11:30"]\n' + days + hours)
    calendar = load_calendar("thanhpho", tmp_path)
    received = {
        day.isoformat(): [f"{session.opens:%H:%M}" for session in calendar.reception_on(day)]
        for day in (date(2028, 1, number) for number in (3, 4, 8, 9, 10, 12, 15))
    }
    assert received == {
        off: [],
        "2028-01-04": ["07:30"],
        "2028-01-08": ["08:00"],
        extra: ["07:30"],
        "2028-01-10": ["07:00"],
        "2028-01-12": [],
        made_up: ["07:30"],
    }
    assert calendar.sessions_on(date(2028, 1, 8)) == calendar.sessions_on(date(2028, 1, 9)) == ()


def test_reception_hours_move_no_due_date_and_make_no_new_version(tmp_path: Path) -> None:
    write(tmp_path, HEADER)
    before = load_calendar("thanhpho", tmp_path).version
    write(tmp_path, HEADER + RECEPTION.format(hours='saturday = ["07:30-11:30"]'))
    assert load_calendar("thanhpho", tmp_path).version == before


def test_cao_bang_receives_while_it_works(caobang: OfficeCalendar) -> None:
    assert all(caobang.reception_on(day) == caobang.sessions_on(day) for day in caobang.days())
