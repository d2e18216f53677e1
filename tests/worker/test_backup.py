from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.errors import ConfigurationError
from config.settings import Settings
from worker.backup import back_up
from worker.cli import app


def database(home: Path, rows: int) -> Settings:
    home.mkdir(exist_ok=True)
    with closing(sqlite3.connect(home / "postal.db")) as stored:
        stored.execute("PRAGMA journal_mode=WAL")
        stored.execute("CREATE TABLE told (id INTEGER PRIMARY KEY, words TEXT)")
        stored.executemany("INSERT INTO told VALUES (?, ?)", ((n, "x" * 500) for n in range(rows)))
        stored.commit()
    return Settings(home=home)


def test_a_backup_shows_one_moment_and_holds_up_nobody(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 50)
    with closing(sqlite3.connect(settings.home / "postal.db", timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO told VALUES (50, 'not committed yet')")
        assert back_up(settings, tmp_path / "copy.db") > 0
        writer.commit()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*), max(id) FROM told").fetchone() == (50, 49)
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_what_is_left_of_a_backup_that_broke_off_is_in_nobodys_way(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 1)
    (tmp_path / "copy.db.part").write_bytes(b"half of it")
    assert back_up(settings, tmp_path / "copy.db") > 0


def test_an_older_backup_is_not_overwritten(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 1)
    (tmp_path / "copy.db").write_bytes(b"of yesterday")
    with pytest.raises(ConfigurationError, match="choose another name"):
        back_up(settings, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"of yesterday"


def test_a_damaged_database_gives_no_backup_that_looks_like_one(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 200)
    path = settings.home / "postal.db"
    path.write_bytes(path.read_bytes()[:8192] + b"\0" * 40_000)
    with pytest.raises(ConfigurationError, match="check the disk"):
        back_up(settings, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_the_command_says_what_else_has_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database(tmp_path / "home", 1)
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "copy.db")])
    assert done.exit_code == 0, done.output
    assert "data.key" in done.stdout


def test_where_there_is_nothing_to_copy_the_command_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "copy.db")])
    assert (refused.exit_code, "POSTAL_HOME" in refused.stderr) == (2, True)
    monkeypatch.setenv("POSTAL_DATABASE_URL", "postgresql+psycopg://127.0.0.1/postal")
    monkeypatch.setenv("POSTAL_DATA_KEY", "gh_GLLUsWL0zv8c1EaEdd4LsuJ0u95xR71pGTgtFxYI=")
    refused = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "copy.db")])
    assert (refused.exit_code, "pg_dump" in refused.stderr) == (2, True)
