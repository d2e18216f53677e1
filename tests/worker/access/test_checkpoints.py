"""Checkpoints that are kept by themselves find a trail that was cut off, and say which of them disagrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.database import Database
from dispatch.problems import Problem
from tests.worker.access.test_audit import TABLE, tamper, verify, write
from worker.access import checkpoints
from worker.access.chain import Broken


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "elsewhere"


def test_each_hour_in_which_the_trail_grew_has_a_line_in_the_folder_and_in_the_log(
    either: Database, folder: Path
) -> None:
    assert checkpoints.keep(either, folder) == 0, "a trail without entries has no end"
    with capture_logs() as said:
        write(either, 2)
        assert [checkpoints.keep(either, folder) for _ in range(2)] == [1, 0]
        write(either, 1)
        assert checkpoints.keep(either, folder) == 1
    kept = checkpoints.kept(folder)
    assert [one.seq for one in kept] == [2, 3]
    assert [line["checkpoint"] for line in said] == [kept[0].written(), kept[0].written(), kept[1].written()]
    assert verify(either, *kept)[0] is None


def test_without_a_folder_the_log_alone_has_them(database: Database, folder: Path) -> None:
    write(database)
    with capture_logs() as said:
        assert checkpoints.keep(database, None) == 0
    assert [(line["event"], line["entry"]) for line in said] == [("audit_checkpoint", 5)]
    assert (checkpoints.kept(None), checkpoints.kept(folder)) == ([], [])


def test_a_cut_off_end_is_found_and_the_first_checkpoint_that_misses_it_named(either: Database, folder: Path) -> None:
    for _ in range(3):
        write(either, 2)
        checkpoints.keep(either, folder)
    tamper(either, f"DELETE FROM {TABLE} WHERE seq > 3")
    broken, _ = verify(either, *checkpoints.kept(folder))
    assert broken is not None
    assert broken.seq == 4
    assert f"the checkpoint is of 4 (line 2 of {folder / checkpoints.FILE}, of 20" in broken.what


def test_an_end_that_was_cut_off_and_grew_again_is_found_though_a_later_checkpoint_agrees(
    database: Database, folder: Path
) -> None:
    write(database, 4)
    checkpoints.keep(database, folder)
    tamper(database, f"DELETE FROM {TABLE} WHERE seq > 3")
    write(database, 1)
    checkpoints.keep(database, folder)
    first, second = checkpoints.kept(folder)
    assert first.seq == second.seq == 4
    assert verify(database, second)[0] is None
    broken, _ = verify(database, first, second)
    assert broken == Broken(4, f"it is another entry than the checkpoint's ({first.where})")


def test_a_line_that_somebody_changed_is_named(database: Database, folder: Path) -> None:
    write(database)
    checkpoints.keep(database, folder)
    file = folder / checkpoints.FILE
    whole = file.read_text("ascii")
    file.write_text(whole.replace(" 5:", " 4:"), "ascii")
    with pytest.raises(Problem, match="checkpoint is not ours") as refused:
        verify(database, *checkpoints.kept(folder))
    assert f"line 1 of {file}" in refused.value.detail
    file.write_text(whole[:60], "ascii")
    with pytest.raises(Problem, match="cannot be read") as refused:
        checkpoints.kept(folder)
    assert f"line 1 of {file}" in refused.value.detail
