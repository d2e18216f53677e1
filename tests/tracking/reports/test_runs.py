"""Reports that are made by themselves: each once, again until it works, and seen where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.clock import wall_now
from tests.support.desk import TestDesk, opened_desk
from tests.support.schema import with_tables
from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tests.tracking.reports.reading_back import read_book
from tracking import watch
from tracking.reports.runs import ReportRun, make_due
from tracking.watching.items import Attention
from worker.tasks import JOBS

JOB = next(job for job in JOBS if job.name == "postal.housekeeping.reports")
MONTHLY = {"by-procedure", "on-time", "postal-kpi", "settled-on-time"}
QUARTERLY = {"form-ii-06", "operator-quarter"}
FIRST = {f"{name}_2026-03.xlsx" for name in MONTHLY} | {f"{name}_2026-Q1.xlsx" for name in QUARTERLY}
APRIL = {f"{name}_2026-04.xlsx" for name in MONTHLY}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bao-cao" / "2026"


@pytest.fixture
def desk(tmp_path: Path, folder: Path) -> Iterator[TestDesk]:
    """A desk with a dossier of 2 March; it is Thursday, 2 April 2026, 08:00."""
    with opened_desk(tmp_path, reports_dir=folder) as desk:
        Case.opened(desk).happens("accepted", "2026-03-02 10:00")
        desk.clock.at(at("2026-04-02 08:00"))
        yield desk


def made(desk: TestDesk) -> int:
    """Let the job run as a worker does, and return how many reports it made."""
    return JOB.run(desk.runtime)


def seen(desk: TestDesk) -> list[Attention]:
    with desk.read() as session:
        found = watch.attention(session, desk.context, desk.office)
    return [item for item in found if item.kind == "report-failing"]


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_each_month_and_quarter_is_written_once_and_never_again(desk: TestDesk, folder: Path) -> None:
    assert made(desk) == len(FIRST)
    assert files(folder) == FIRST
    form = read_book(folder / "form-ii-06_2026-Q1.xlsx")
    assert len(form["Hồ sơ"].row(2)) == 5
    (folder / "on-time_2026-03.xlsx").unlink()  # handed in and filed elsewhere
    assert made(desk) == 0
    assert files(folder) == FIRST - {"on-time_2026-03.xlsx"}
    desk.clock.at(at("2026-05-02 08:00"))
    assert made(desk) == len(MONTHLY)
    assert files(folder) >= APRIL


def test_a_period_is_let_settle_before_it_is_counted(desk: TestDesk, folder: Path) -> None:
    desk.clock.at(at("2026-04-01 08:00"))
    made(desk)
    assert files(folder) == {f"{name}_2026-02.xlsx" for name in MONTHLY} | {
        f"{name}_2025-Q4.xlsx" for name in QUARTERLY
    }


def test_without_a_folder_nothing_is_made(desk: TestDesk) -> None:
    settings = desk.context.settings.model_copy(update={"reports_dir": None})
    assert make_due(replace(desk.context, settings=settings), desk.office) == 0
    with desk.read() as session:
        assert session.scalars(select(ReportRun)).all() == []


def test_what_fails_is_shown_tried_again_and_gone_when_made(desk: TestDesk, folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file stands where the folder should be", encoding="utf-8")
    assert made(desk) == 0
    shown = seen(desk)
    assert len(shown) == len(FIRST)
    assert {item.since for item in shown} == {at("2026-04-02 08:00")}
    assert "POSTAL_REPORTS_DIR" in shown[0].next_step_vi
    desk.clock.forward(days=35)
    assert made(desk) == 0
    assert len(seen(desk)) == len(FIRST) + len(MONTHLY)
    folder.unlink()
    assert made(desk) == len(FIRST) + len(MONTHLY)
    assert files(folder) == FIRST | APRIL
    assert seen(desk) == []


def test_one_process_makes_what_another_is_making_only_when_that_one_is_gone(desk: TestDesk, folder: Path) -> None:
    def claim(until: timedelta) -> None:
        with desk.context.database.write() as session:
            run = session.get_one(ReportRun, ("on-time", at("2026-03-01 00:00").date(), at("2026-03-31 00:00").date()))
            run.made_at, run.lease_until = None, wall_now() + until

    made(desk)
    (folder / "on-time_2026-03.xlsx").unlink()
    claim(timedelta(minutes=5))
    assert made(desk) == 0
    claim(timedelta(minutes=-5))
    assert made(desk) == 1
    assert files(folder) == FIRST


@pytest.mark.needs_postgres
def test_postgresql_remembers_what_was_made_as_well(postgres_url: str, tmp_path: Path) -> None:
    with with_tables(postgres_url) as url, opened_desk(tmp_path, url, reports_dir=tmp_path / "out") as desk:
        desk.clock.at(at("2026-04-02 08:00"))
        assert made(desk) == len(FIRST)
        assert made(desk) == 0
