"""``postal bench``: what it says to machines and people, with whichever libraries are installed."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.calendars import OfficeCalendar
from worker.bench import deadlines
from worker.cli import app

SMALL = ("--additions", "12", "--rounds", "1")


def bench(*words: str) -> Result:
    return CliRunner().invoke(app, ["bench", "deadlines", *SMALL, *words])


def measured() -> list[dict[str, Any]]:
    result = bench("--json")
    assert result.exit_code == 0, result.output
    contests: list[dict[str, Any]] = json.loads(result.stdout)["contests"]
    return contests


def test_a_machine_gets_each_way_with_its_time_its_ratio_and_its_answers() -> None:
    hours, days = measured()
    assert (hours["question"], days["question"]) == ("40 working hours", "10 working days")
    for contest in (hours, days):
        first, *_, last = contest["standings"]
        assert (first["way"], first["times_ours"]) == ("ours", 1)
        assert last["way"] == "ceiling: table look-up"
        for standing in contest["standings"]:
            assert standing["microseconds"] > 0
            assert standing["answers"]["compared"] + standing["answers"]["left_out"] == 12
            assert standing["answers"]["different"] == 0


def test_each_goal_is_met_missed_or_said_to_be_unmeasured() -> None:
    hours, days = measured()
    goals = {goal["rival"]: goal for goal in (*hours["goals"], *days["goals"])}
    assert {name: goal["at_least"] for name, goal in goals.items()} == {
        "businesstimedelta": 500,
        "pandas CustomBusinessHour": 40,
        "numpy busday_offset, scalar": 1,
    }
    for goal in goals.values():
        assert goal["met"] is (None if goal["reached"] is None else goal["reached"] >= goal["at_least"])
    absent = {name for name, goal in goals.items() if find_spec(name.split()[0]) is None}
    assert {entry["rival"] for contest in (hours, days) for entry in contest["left_out"]} == absent


def test_a_library_that_is_not_installed_is_left_out_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("businesstimedelta", "pandas", "numpy"):
        monkeypatch.setitem(sys.modules, module, None)
    hours, days = measured()
    assert [entry["rival"] for entry in hours["left_out"]] == ["businesstimedelta", "pandas CustomBusinessHour"]
    assert all("make bench" in entry["next_step"] for contest in (hours, days) for entry in contest["left_out"])
    assert [standing["way"] for standing in days["standings"]] == [
        "ours",
        "walk from day to day",
        "ceiling: table look-up",
    ]
    told = " ".join(bench().stdout.split())
    assert "left out at least 500 times as fast as businesstimedelta. It is not installed: run `make bench`" in told


def test_people_get_tables_goals_and_how_it_was_measured() -> None:
    result = bench()
    assert result.exit_code == 0, result.output
    for words in ("40 working hours", "walk from day to day", "times as fast as", "Ways take turns"):
        assert words in result.stdout


def test_other_answers_than_ours_are_shown_and_fail_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def walk_into_the_wrong_day(_: OfficeCalendar, day: date, days: int) -> date:
        return day + timedelta(days=days)

    monkeypatch.setattr(deadlines, "walk_days", walk_into_the_wrong_day)
    told = bench()
    assert told.exit_code == 1
    assert "different walk from day to day: from 20" in told.stdout
    answered = bench("--json")
    assert answered.exit_code == 1
    walk = json.loads(answered.stdout)["contests"][1]["standings"][1]["answers"]
    assert walk["different"] == 12
    assert len(walk["examples"]) == 3


@pytest.mark.parametrize("words", [["--additions", "0"], ["--rounds", "0"], ["--seed", "x"]])
def test_a_wrong_amount_is_refused(words: list[str]) -> None:
    result = bench(*words)
    assert (result.exit_code, result.stdout) == (2, "")


def test_an_unknown_bench_names_those_there_are() -> None:
    result = CliRunner().invoke(app, ["bench", "everything"])
    assert result.exit_code == 2
    assert "deadlines" in result.stderr


def test_an_office_without_these_years_is_told_what_to_add(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    year = '[weekly]\nmonday = ["07:30-11:30"]\n'
    (tmp_path / "thanhpho").mkdir()
    (tmp_path / "thanhpho" / "2026.toml").write_text(f'office = "thanhpho"\nyear = 2026\n{year}', encoding="utf-8")
    monkeypatch.setenv("POSTAL_CALENDARS", str(tmp_path))
    monkeypatch.setenv("POSTAL_CALENDAR_OFFICE", "thanhpho")
    result = bench()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "thanhpho/2024.toml" in result.stderr
