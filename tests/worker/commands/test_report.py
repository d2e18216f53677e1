"""``postal report``: whoever hands a report in names it, its period and a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.town import opened_town
from tests.tracking.case import Case
from tests.tracking.reports.reading_back import evidence, read_book, read_csv
from tests.worker.commands.test_replays import at_work
from tracking.reports.catalogue import LAYOUTS
from worker.cli import app

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A town in which one dossier was accepted on 2 March 2026 and settled on the 4th."""
    home = tmp_path_factory.mktemp("town")
    with opened_town(home) as town:
        with at_work(town) as desk:
            case = Case.opened(desk, filed_through="counter")
            case.happens("accepted", "2026-03-02 10:00")
            case.finished("2026-03-04 15:00")
        yield home, town.plot.environment(town.home)


@pytest.fixture(autouse=True)
def _environment(lived: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lived[1].items():
        monkeypatch.setenv(name, value)


def said(*words: str) -> Result:
    result = CliRunner().invoke(app, ["report", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def test_a_report_is_a_workbook_with_its_dossiers(tmp_path: Path) -> None:
    file = tmp_path / "II-06.xlsx"
    result = said("form-ii-06", *MARCH, "--out", str(file))
    assert result.exit_code == 0, result.output
    assert str(file) in result.stdout
    behind = evidence(read_book(file))
    assert sum(len(lines) for lines in behind.values()) == 2


def test_a_csv_has_its_dossiers_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "by.csv"
    answer = json.loads(said("by-procedure", *MARCH, "--out", str(file), "--json").stdout)
    assert answer == {
        "report": "by-procedure",
        "from": "2026-03-01",
        "to": "2026-03-31",
        "files": [str(file), str(tmp_path / "by-dossiers.csv")],
    }
    assert [row["Theo kênh: Trực tiếp / Counter"] for row in read_csv(file)] == ["1", "1"]
    assert len(read_csv(tmp_path / "by-dossiers.csv")) == 1


def test_a_report_made_again_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "kpi.XLSX"
    file.write_text("the old one", encoding="utf-8")
    assert said("postal-kpi", *MARCH, "--out", str(file)).exit_code == 0
    assert "Báo cáo" in read_book(file)
    assert [one.name for one in tmp_path.iterdir()] == ["kpi.XLSX"]


def test_every_report_is_listed_with_the_text_that_asks_for_it() -> None:
    listed = json.loads(said("--list", "--json").stdout)
    assert [one["name"] for one in listed] == [*LAYOUTS]
    assert all(one["source_vi"] and one["source_en"] and one["every"] in ("month", "quarter") for one in listed)
    words = " ".join(said("--list").stdout.split())
    assert "form-ii-06" in words
    assert "TT 17/2017/TT-BTTTT" in words


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_report_can_be_made(name: str, tmp_path: Path) -> None:
    assert said(name, *MARCH, "--out", str(tmp_path / "a.xlsx")).exit_code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nothing-known", *MARCH, "--out", "a.xlsx"], "there are: postal-kpi, form-ii-06"),
        ([*MARCH, "--out", "a.xlsx"], "name a report"),
        (["on-time", "--from", "2026-03-31", "--to", "2026-03-01", "--out", "a.xlsx"], "before --from"),
        (["on-time", *MARCH], "needs --from, --to and --out"),
        (["on-time", "--from", "31/03/2026", "--to", "2026-03-31", "--out", "a.xlsx"], "%Y-%m-%d"),
        (["on-time", "--from", "2031-01-01", "--to", "2031-01-31", "--out", "a.xlsx"], "still to come"),
        (["on-time", *MARCH, "--out", "a.ods"], "ends in .xlsx or .csv"),
        (["on-time", *MARCH, "--out", "/nowhere/at/all/a.xlsx"], "choose a folder that is there"),
    ],
)
def test_what_cannot_be_made_says_what_to_do(words: list[str], complaint: str) -> None:
    result = said(*words)
    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.replace("│", " ").split())
