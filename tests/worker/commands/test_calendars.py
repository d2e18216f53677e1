"""``postal calendar``: a year that reads, and a comparison that says whose word counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from worker.cli import app

WEEK = '[weekly]\nmonday = ["07:30-11:30", "13:30-17:00"]\nfriday = ["07:30-11:00"]\n'
ENTRY = """
[[{kind}]]
dates = [{dates}]
name_vi = "{name}"
name_en = "A day"
document = "{document}"
certainty = "high"
"""
SATURDAY_MORNINGS = """
[reception.weekly]
saturday = ["08:00-11:00"]
"""

WriteYear = Callable[[str], None]


def postal(*words: str) -> Result:
    return CliRunner().invoke(app, ["calendar", *words])


def shown(*words: str) -> str:
    result = postal("show", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def checked(code: int) -> list[dict[str, Any]]:
    result = postal("check", "--office", "thanhpho", "--json")
    assert result.exit_code == code, result.output
    answer = json.loads(result.stdout)
    assert answer["settled"] is (code == 0)
    findings: list[dict[str, Any]] = answer["findings"]
    return findings


def entry(kind: str, dates: str, document: str = "Công văn 1/VP", name: str = "Một ngày") -> str:
    sessions = "" if kind == "days_off" else 'sessions = ["08:00-11:00"]\n'
    return ENTRY.format(kind=kind, dates=dates, document=document, name=name) + sessions


@pytest.fixture
def write_year(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WriteYear:
    """Give the office of ``thanhpho``, open on Mondays and Friday mornings, the year 2025 with these entries."""
    monkeypatch.setenv("POSTAL_CALENDARS", str(tmp_path))
    (tmp_path / "thanhpho").mkdir()

    def write(entries: str) -> None:
        text = f'office = "thanhpho"\nyear = 2025\n{WEEK}{entries}'
        (tmp_path / "thanhpho" / "2025.toml").write_text(text, encoding="utf-8")

    return write


# Every holiday of 2025 that falls on a Monday or a Friday, except the swapped 2 May.
HOLIDAYS_2025 = entry("days_off", "2025-01-27, 2025-01-31, 2025-04-07, 2025-09-01")
SWAP_2025 = entry("days_off", "2025-05-02") + entry("make_up_days", "2025-04-26")


def test_a_year_reads_without_colour() -> None:
    page = shown("2026", "--office", "caobang")
    assert "caobang 2026: 249 working days" in page
    assert "Works Mon Tue Wed Thu Fri  07:30-11:30 and 13:30-17:00" in page
    january = next(line for line in page.splitlines() if " 1*" in line)
    assert january.split()[:4] == ["1*", "2*", "3", "4"]
    assert "10+" in page
    assert "01/2026 · 21 working days" in page
    assert "\x1b" not in page


def test_each_day_off_is_listed_in_both_languages_with_its_document() -> None:
    words = " ".join(shown("2026", "--office", "caobang").replace("│", " ").split())
    assert "Fri 02/01 * Nghỉ hoán đổi dịp Tết Dương lịch Công văn 12729/VPCP-KGVX ngày 25/12/2025 high" in words
    assert "Swapped day off after New Year's" in words
    assert "Tue 24/11 * Ngày Văn hóa Việt Nam Nghị quyết 28/2026/QH16 - medium-high" in words


def test_a_machine_gets_the_year_with_every_entry() -> None:
    year = json.loads(shown("2026", "--office", "caobang", "--json"))
    assert (year["office"], year["year"], year["working_days"]) == ("caobang", 2026, 249)
    assert year["weekly"]["monday"] == ["07:30-11:30", "13:30-17:00"]
    assert year["weekly"]["sunday"] == []
    assert year["reception"] is None
    off = next(day for day in year["days_off"] if day["day"] == "2026-01-02")
    assert (off["weekday"], off["announced"], off["certainty"]) == ("friday", "2025-12-25", "high")
    made_up = year["make_up_days"][0]
    assert (made_up["day"], made_up["weekday"]) == ("2026-01-10", "saturday")
    assert made_up["sessions"] == ["07:30-11:30", "13:30-17:00"]


def test_a_saturday_that_takes_papers_in_is_marked_as_no_working_day(write_year: WriteYear) -> None:
    write_year(entry("reception.days", "2025-01-05") + SATURDAY_MORNINGS)
    page = shown("2025", "--office", "thanhpho")
    assert "Takes papers in Sat  08:00-11:00" in page
    assert "Works Fri  07:30-11:00" in page
    assert "4~ 5~" in " ".join(page.split())
    assert "Sun 05/01 │ ~" in page
    year = json.loads(shown("2025", "--office", "thanhpho", "--json"))
    assert year["reception"]["weekly"]["saturday"] == ["08:00-11:00"]
    assert year["reception"]["weekly"]["monday"] is None
    assert [day["day"] for day in year["reception"]["days"]] == ["2025-01-05"]


def test_the_office_is_the_configured_one_where_none_is_named() -> None:
    assert "caobang 2025: 250 working days" in shown("2025")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "2031"], "caobang/2031.toml"),
        (["show", "2026", "--office", "atlantis"], "POSTAL_CALENDARS"),
        (["check", "--office", "atlantis"], "POSTAL_CALENDARS"),
        (["show", "next"], "valid integer"),
    ],
)
def test_a_calendar_that_is_not_there_is_a_clear_refusal(words: list[str], said: str) -> None:
    result = postal(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_late_swap_of_january_2026_is_ours_by_its_document() -> None:
    result = postal("check", "--office", "caobang", "--json")
    assert result.exit_code == 0
    findings = json.loads(result.stdout)["findings"]
    assert [(one["day"], one["verdict"]) for one in findings] == [
        ("2026-01-02", "ours_by_document"),
        ("2026-01-10", "ours_by_document"),
    ]
    assert all("12729/VPCP-KGVX" in one["document"] for one in findings)


def test_people_read_each_difference_with_its_document_and_the_next_step() -> None:
    words = " ".join(postal("check").stdout.replace("│", " ").split())
    assert "Fri 02/01/2026" in words
    assert "Công văn 12729/VPCP-KGVX" in words
    assert "our document" in words
    assert "2 to know of; 0 that our documents do not settle." in words


def test_a_calendar_as_the_library_has_it_leaves_nothing_to_say(write_year: WriteYear) -> None:
    write_year(HOLIDAYS_2025 + SWAP_2025)
    assert checked(0) == []
    assert "0 to know of" in postal("check", "--office", "thanhpho").stdout


def test_a_holiday_that_we_do_not_know_fails_the_check(write_year: WriteYear) -> None:
    write_year(SWAP_2025)
    findings = checked(1)
    assert {one["verdict"] for one in findings} == {"unknown_to_us"}
    assert "2025-04-07" in [one["day"] for one in findings]
    assert all("thanhpho/2025.toml" in one["next_step"] for one in findings)
    assert "do not settle" in postal("check", "--office", "thanhpho").stdout


def test_a_make_up_day_that_we_do_not_know_fails_the_check(write_year: WriteYear) -> None:
    write_year(HOLIDAYS_2025 + entry("days_off", "2025-05-02"))
    (finding,) = checked(1)
    assert (finding["day"], finding["ours"], finding["theirs"]) == ("2025-04-26", "day off", "working day")


def test_a_day_of_ours_without_a_document_fails_the_check_even_where_the_library_agrees(write_year: WriteYear) -> None:
    write_year(HOLIDAYS_2025.replace("Công văn 1/VP", " ") + SWAP_2025)
    findings = checked(1)
    assert {one["verdict"] for one in findings} == {"no_document"}
    assert len(findings) == 4
    assert "number of the official document" in findings[0]["next_step"]
