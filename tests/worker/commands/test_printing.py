"""``postal print``: documents into a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.pdfs import page_count, text_of
from tests.support.town import opened_town
from tests.tracking.case import Case
from tests.worker.commands.test_replays import at_work
from worker.cli import app


@pytest.fixture
def ordered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """A dossier with both legs ordered; the environment names this system."""
    with opened_town(tmp_path / "town") as town, at_work(town) as desk:
        case = Case.opened(desk)
        case.order("both")
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield case


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["print", *words])


def test_labels_are_written_into_one_file_and_told_by_number(ordered: Case, tmp_path: Path) -> None:
    file = tmp_path / "labels.pdf"
    result = said("label", ordered.s1, ordered.r1, "--out", str(file), "--by", "Hà Thị Mai", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert [one["subject"] for one in made["documents"]] == [ordered.s1, ordered.r1]
    assert page_count(file.read_bytes()) == 2
    again = said("label", ordered.s1, "--out", str(file))
    assert "BẢN SAO / COPY 1" in again.stdout
    assert made["documents"][0]["number"] in again.stdout
    assert "COPY" in text_of(file.read_bytes())


def test_an_unknown_order_is_told_with_the_next_step_and_writes_nothing(ordered: Case, tmp_path: Path) -> None:
    file = tmp_path / "labels.pdf"
    result = said("label", "X-S1", "--out", str(file))
    assert result.exit_code == 2
    assert "order number on the slip" in result.output
    assert not file.exists()


def test_a_folder_that_is_not_there_is_told_before_anything_is_counted(ordered: Case, tmp_path: Path) -> None:
    missing = said("label", ordered.s1, "--out", str(tmp_path / "none" / "labels.pdf"))
    assert missing.exit_code == 2
    assert "there is no folder" in missing.output
    made = json.loads(said("label", ordered.s1, "--out", str(tmp_path / "labels.pdf"), "--json").stdout)
    assert made["documents"][0]["copy_no"] == 0
