"""``postal statement`` and ``postal money``: a clerk compares the operator's statement with what we know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.town import Town, opened_town
from tests.tracking.case import COLLECTED, Case
from tests.worker.commands.test_replays import at_work
from worker.cli import app
from worker.training.plot import PROVINCE_ACCOUNT

HEADINGS = "Số đơn;Ngày;Thu hộ;Đã nộp"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Case, Path]]:
    """VNPost has collected a fee; its statement has that right, and an order that nobody knows."""
    with opened_town(tmp_path / "town") as town:
        case = _collected(town)
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        file = tmp_path / "T3.csv"
        lines = (HEADINGS, f"{case.s1};02/03/2026;25.000;25.000", "H99-1-S1;02/03/2026;10.000;10.000")
        file.write_text("\n".join(lines), encoding="utf-8-sig")
        yield case, file


def _collected(town: Town) -> Case:
    with at_work(town) as desk:
        case = Case.opened(desk)
        case.order("send", fee_route="by_post")
        case.reported(case.s1, COLLECTED, "2026-03-02 09:00")
        return case


def said(*words: str) -> Result:
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def imported(file: Path, *words: str) -> Result:
    return said("statement", "import", str(file), "--carrier", "vnpost_ngsp", "--account", PROVINCE_ACCOUNT, *words)


def test_a_statement_is_imported_compared_shown_and_settled(told: tuple[Case, Path]) -> None:
    case, file = told
    answer = json.loads(imported(file, "--json").stdout)
    assert answer["new"]
    (difference,) = answer["differences"]
    assert (difference["cause"], difference["line"], difference["detail"]) == ("unknown-order", 3, "H99-1-S1")
    assert json.loads(imported(file, "--json").stdout) == {**answer, "new": False}
    id = str(answer["id"])
    assert "2 lines, 1 accepted, 1 differences, 1 of them open" in said("statement", "show", id).stdout
    listed = said("statement", "differences", id).stdout
    assert "không có trong hệ thống" in listed
    assert "Ask the post for the slip" in " ".join(listed.split())
    assert (
        said("statement", "settle", id, str(difference["id"]), "--by", "Mai", "--note", "H99 takes it").exit_code == 0
    )
    (settled,) = json.loads(said("statement", "differences", id, "--json").stdout)
    assert (settled["settled_by"], settled["resolution"]) == ("Mai", "H99 takes it")
    books = json.loads(said("money", case.code, "--json").stdout)
    assert books["settled"]
    assert "Settled" in said("money", case.code).stdout


def test_who_owes_whom_is_said_in_words(told: tuple[Case, Path]) -> None:
    case, _ = told
    assert "post owes agency 25.000 đ (fee) since 09:00 02/03/2026" in " ".join(said("money", case.code).stdout.split())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--carrier", "ems"), "is one of vnpost_ngsp"),
        (("--account", "nobody"), "No account 'nobody'"),
        (("--from", "2026-03-01"), "neither"),
    ],
)
def test_what_cannot_be_imported_is_told(told: tuple[Case, Path], words: tuple[str, ...], complaint: str) -> None:
    result = imported(told[1], *words)
    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())


def test_a_file_that_is_not_there_or_unreadable_is_told(told: tuple[Case, Path]) -> None:
    _, file = told
    assert "cannot read" in imported(file.with_name("T4.csv")).stderr
    file.write_text(f"{HEADINGS}\nX;02/03/2026;25.00;0", encoding="utf-8")
    assert "line 2, 'Thu hộ'" in " ".join(imported(file).stderr.split())
    assert "No statement 7" in said("statement", "show", "7").stderr
