"""The embedded database and its files of evidence are copied and put back; what is missing is named by its hash."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.database import Keyring, data_key_file
from config.errors import ConfigurationError
from config.settings import Settings
from tracking.incidents.evidence import EvidenceStore
from worker.backup import back_up, put_back
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
        assert back_up(settings, tmp_path / "copy.db").size > 0
        writer.commit()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*), max(id) FROM told").fetchone() == (50, 49)
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_what_is_left_of_a_backup_that_broke_off_is_in_nobodys_way(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 1)
    (tmp_path / "copy.db.part").write_bytes(b"half of it")
    assert back_up(settings, tmp_path / "copy.db").size > 0


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


# --- the files of evidence ---

SLIP, SEAL = b"\xff\xd8\xff a photo of the slip", b"\x89PNG\r\n\x1a\n a photo of the seal"


def with_evidence(home: Path, *contents: bytes) -> tuple[Settings, list[str]]:
    """A system with files of evidence and the facts that refer to them."""
    settings = database(home, 1)
    store = evidence(settings)
    digests = [store.put(content) for content in contents]
    with closing(sqlite3.connect(home / "postal.db")) as stored:
        stored.execute("CREATE TABLE incident_fact (incident_id TEXT, fact_id TEXT, type TEXT)")
        facts = [(f"I{n}", f"evidence-{digest}", "evidence") for n, digest in enumerate([*digests, digests[0]])]
        stored.executemany("INSERT INTO incident_fact VALUES (?, ?, ?)", [*facts, ("I1", "opened", "opened")])
        stored.commit()
    return settings, digests


def evidence(settings: Settings) -> EvidenceStore:
    keys = Keyring()
    keys.load(data_key_file(settings.home))
    return EvidenceStore(settings.home / "evidence", keys)


def file_of(home: Path, digest: str) -> Path:
    return home / "evidence" / digest[:2] / digest


def moved(old: Settings, home: Path) -> Settings:
    """Another machine: it has the data key, and nothing else yet."""
    home.mkdir()
    (home / "data.key").write_bytes((old.home / "data.key").read_bytes())
    return Settings(home=home)


def test_a_backup_takes_the_files_of_evidence_along_and_a_restore_puts_them_back(tmp_path: Path) -> None:
    settings, digests = with_evidence(tmp_path / "home", SLIP, SEAL)
    evidence(settings).put(b"%PDF- to which no fact refers")
    done = back_up(settings, tmp_path / "copy.db")
    assert (done.files, done.damaged) == (2, {})
    other = moved(settings, tmp_path / "other")
    back = put_back(other, tmp_path / "copy.db")
    assert (back.files, back.damaged) == (2, {})
    assert [evidence(other).get(digest) for digest in digests] == [SLIP, SEAL]
    assert stat.S_IMODE(file_of(other.home, digests[0]).stat().st_mode) == 0o600
    assert b"photo" not in file_of(other.home, digests[0]).read_bytes(), "it stays sealed"
    with closing(sqlite3.connect(other.home / "postal.db")) as restored:
        assert restored.execute("SELECT count(*) FROM told").fetchone() == (1,)


def test_a_missing_and_an_altered_file_are_named_by_their_hash_and_the_rest_is_kept(tmp_path: Path) -> None:
    settings, (slip, seal, paper) = with_evidence(tmp_path / "home", SLIP, SEAL, b"%PDF- the record")
    file_of(settings.home, slip).unlink()
    altered = file_of(settings.home, seal)
    altered.write_bytes(altered.read_bytes()[:-1] + b"!")
    done = back_up(settings, tmp_path / "copy.db")
    assert (done.files, done.damaged) == (1, {slip: "missing", seal: "altered"})
    other = moved(settings, tmp_path / "other")
    back = put_back(other, tmp_path / "copy.db")
    assert (back.files, back.damaged) == (1, {slip: "missing", seal: "missing"})
    assert evidence(other).get(paper)


def test_what_a_backup_has_no_good_copy_of_is_taken_from_where_it_lies(tmp_path: Path) -> None:
    settings, (slip,) = with_evidence(tmp_path / "home", SLIP)
    back_up(settings, tmp_path / "copy.db")
    copied = tmp_path / "copy.db.evidence" / slip[:2] / slip
    copied.write_bytes(b"rotten")
    (settings.home / "postal.db").unlink()
    assert put_back(settings, tmp_path / "copy.db").damaged == {}
    file_of(settings.home, slip).unlink()
    (settings.home / "postal.db").unlink()
    assert put_back(settings, tmp_path / "copy.db").damaged == {slip: "altered"}


def test_a_restore_overwrites_no_database_and_needs_the_key(tmp_path: Path) -> None:
    settings, _ = with_evidence(tmp_path / "home", SLIP)
    back_up(settings, tmp_path / "copy.db")
    with pytest.raises(ConfigurationError, match="move it away"):
        put_back(settings, tmp_path / "copy.db")
    with pytest.raises(ConfigurationError, match=r"data\.key"):
        put_back(Settings(home=tmp_path / "empty"), tmp_path / "copy.db")
    with pytest.raises(ConfigurationError, match="no backup"):
        put_back(moved(settings, tmp_path / "other"), tmp_path / "of-yesterday.db")


def test_a_restore_of_half_a_copy_puts_nothing_back(tmp_path: Path) -> None:
    settings = database(tmp_path / "home", 200)
    data_key_file(settings.home)
    back_up(settings, tmp_path / "copy.db")
    (tmp_path / "copy.db").write_bytes((tmp_path / "copy.db").read_bytes()[:8192] + b"\0" * 40_000)
    other = moved(settings, tmp_path / "other")
    with pytest.raises(ConfigurationError, match="damaged"):
        put_back(other, tmp_path / "copy.db")
    assert sorted(path.name for path in other.home.iterdir()) == ["data.key"]


def test_what_an_older_database_left_behind_does_not_get_into_the_restored_one(tmp_path: Path) -> None:
    settings, _ = with_evidence(tmp_path / "home", SLIP)
    back_up(settings, tmp_path / "copy.db")
    other = moved(settings, tmp_path / "other")
    (other.home / "postal.db-wal").write_bytes(b"of another database")
    put_back(other, tmp_path / "copy.db")
    assert not (other.home / "postal.db-wal").exists()


def test_the_commands_name_what_is_missing_and_say_so_by_their_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, (slip,) = with_evidence(tmp_path / "home", SLIP)
    file_of(settings.home, slip).unlink()
    monkeypatch.setenv("POSTAL_HOME", str(settings.home))
    copied = CliRunner().invoke(app, ["db", "backup", str(tmp_path / "copy.db")])
    assert (copied.exit_code, (tmp_path / "copy.db").exists()) == (1, True)
    assert slip in copied.stderr
    (settings.home / "postal.db").unlink()
    restored = CliRunner().invoke(app, ["db", "restore", str(tmp_path / "copy.db")])
    assert (restored.exit_code, slip in restored.stderr) == (1, True)
    assert (settings.home / "postal.db").exists()
