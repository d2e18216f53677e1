"""``postal simulator dvcqg``: the portal in a process of its own, configured as it says, with books that are kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from dispatch.onestop.dvcqg.simulator import PortalBooks
from tests.support.town import wait_for
from tests.worker.commands.test_simulators import Process, read_account, started
from worker.cli import app
from worker.training.servers import free_port

DOSSIER = {
    "MaHoSo": "H14.10-260302-0001",
    "MaTTHC": "1.004859",
    "TenTTHC": "Hộ tịch",
    "ChuHoSo": "Bế Đức Hiếu",
    "TrangThaiHoSo": "1",
    "HinhThuc": "1",
    "KenhThucHien": "3",
}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal") / "books.db"


@pytest.fixture(scope="module")
def portal(books: Path) -> Iterator[Process]:
    with started("dvcqg", "--database", str(books)) as process:
        wait_for("the portal answers", lambda: _answers(process))
        yield process


def _answers(process: Process) -> bool:
    assert process.popen.poll() is None, process.popen.communicate()
    try:
        return process.control("dossiers").status_code == 200
    except httpx.TransportError:
        return False


def test_it_says_how_each_style_is_configured_takes_directions_and_keeps_its_books(
    portal: Process, books: Path
) -> None:
    read_account(portal)
    gateway = next(one["options"] for one in portal.printed if one["options"]["style"] == "gateway")
    assert portal.control("faults", [{"kind": "page"}]).json()[0]["kind"] == "page"
    answers = [httpx.post(gateway["add"], json=[DOSSIER]) for _ in range(2)]
    assert "html" in answers[0].headers["content-type"]
    assert answers[1].json()["error_code"] == "0"
    assert [one["answer"] for one in portal.control("calls").json()] == ["page", "taken"]
    assert portal.control("faults", [{"kind": "flood"}]).status_code == 422
    assert portal.stop(signal.SIGINT) == (0, "")
    kept = PortalBooks(books)
    assert kept.dossier(DOSSIER["MaHoSo"]) == DOSSIER
    kept.close()


def test_books_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    words = ["simulator", "dvcqg", "--port", str(free_port()), "--database", str(tmp_path / "nowhere" / "books.db")]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert "cannot be opened" in " ".join(result.output.split())
