"""``postal staff``, ``postal clients``, ``postal audit``: secrets are told once, and the trail tells what was done."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.settings import load_settings
from tests.support.schema import empty_database
from worker.access import checkpoints, links
from worker.access.clients import by_bearer
from worker.access.links import LinkState
from worker.access.log_in import log_in
from worker.cli import app
from worker.runtime import current_database


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty system; what opens it stays with it."""
    home = tmp_path / "home"
    home.mkdir()
    empty_database(home / "postal.db")
    monkeypatch.setenv("POSTAL_HOME", str(home))
    monkeypatch.setenv("POSTAL_PUBLIC_URL", "https://buuchinh.example.vn")
    return home


def postal(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result


def add(*more: str, name: str = "mai.ht") -> Result:
    return postal("staff", "add", name, "--name", "Hà Thị Mai", "--role", "clerk", "--agency", "H14.10", *more)


def actions() -> list[str]:
    return [row["action"] for row in json.loads(postal("audit", "show", "--json").stdout)["entries"]]


def test_an_account_begins_with_a_link_that_is_told_once() -> None:
    said = add().stdout
    found = re.search(r"https://buuchinh\.example\.vn/board/setup/(\S+)", said)
    assert found is not None
    database = current_database(load_settings())
    with database.read() as session:
        assert links.look(session, found[1]) == (LinkState.OPEN, "mai.ht")
    database.dispose()
    assert found[1] not in postal("staff", "list", "--json").stdout + postal("audit", "show", "--json").stdout
    (mai,) = json.loads(postal("staff", "list", "--json").stdout)["staff"]
    assert (mai["name"], mai["has_password"]) == ("Hà Thị Mai", False)
    assert mai["grants"] == [{"role": "clerk", "agencies": ["H14.10"]}]


def test_one_time_passwords_open_the_account_and_are_never_the_same() -> None:
    passwords = [
        re.findall(r"log-in: (\S+)", said.stdout)[0]
        for said in (add("--password"), postal("staff", "password", "mai.ht", "--password"))
    ]
    assert passwords[0] != passwords[1]
    database = current_database(load_settings())
    assert log_in(database, "mai.ht", passwords[0]) is None
    assert log_in(database, "mai.ht", passwords[1]) is not None
    database.dispose()


def test_roles_change_and_accounts_close_and_open_again() -> None:
    add()
    postal("staff", "roles", "mai.ht", "--role", "officer", "--role", "auditor", "--agency", "*")
    assert "officer at *; auditor at *" in postal("staff", "list").stdout
    postal("staff", "disable", "mai.ht")
    assert "closed" in postal("staff", "list").stdout
    postal("staff", "enable", "mai.ht")
    assert actions() == ["staff.enable", "staff.disable", "staff.roles", "staff.add"]


def test_mistakes_name_the_next_step() -> None:
    add()
    assert "is taken" in add_again().stderr
    assert "postal staff list" in postal("staff", "disable", "hoa", code=2).stderr
    assert (
        "is no agency code" in postal("staff", "roles", "mai.ht", "--role", "clerk", "--agency", "../x", code=2).stderr
    )
    assert "'king'" in postal("staff", "roles", "mai.ht", "--role", "king", "--agency", "H14", code=2).stderr


def add_again() -> Result:
    return postal("staff", "add", "mai.ht", "--name", "X", "--role", "clerk", "--agency", "H14", code=2)


def test_a_clients_key_is_told_once_and_taken_back_for_good() -> None:
    key = re.findall(r"Key: (\S+)", postal("clients", "add", "igate", "--agency", "H14").stdout)[0]
    listed = postal("clients", "list", "--json").stdout
    assert key not in listed
    assert json.loads(listed)["clients"][0]["agencies"] == ["H14"]
    database = current_database(load_settings())
    with database.read() as session:
        assert by_bearer(session, key) is not None
    postal("clients", "revoke", "igate")
    with database.read() as session:
        assert by_bearer(session, key) is None
    database.dispose()
    assert "names are not given twice" in postal("clients", "add", "igate", "--agency", "H14", code=2).stderr
    assert "postal clients list" in postal("clients", "revoke", "nobody", code=2).stderr


def test_a_name_of_the_configuration_file_is_not_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "postal.toml"
    file.write_text('[[api_clients]]\nname = "igate"\ntoken = "a-token-of-igate"\n')
    monkeypatch.setenv("POSTAL_CONFIG", str(file))
    assert "is taken" in postal("clients", "add", "igate", "--agency", "H14", code=2).stderr


def test_a_whole_trail_gives_a_checkpoint_and_a_changed_one_names_the_entry(home: Path) -> None:
    add()
    postal("staff", "disable", "mai.ht")
    whole = postal("audit", "verify").stdout
    assert "2 entries, each as it was written." in whole
    checkpoint = re.findall(r"elsewhere: (\S+)", whole)[0]
    postal("audit", "verify", "--checkpoint", checkpoint)
    postal("audit", "verify", "--checkpoint", "nonsense", code=2)
    alter(home, "UPDATE audit_entry SET actor = 'x' WHERE seq = 2")
    assert "Broken at entry 2" in postal("audit", "verify", code=1).stderr
    alter(home, "DELETE FROM audit_entry WHERE seq = 2")
    postal("audit", "verify")
    cut = json.loads(postal("audit", "verify", "--json", "--checkpoint", checkpoint, code=1).stdout)
    assert cut["broken"] == {"entry": 2, "what": "cut off: the trail ends at 1, and the checkpoint is of 2"}


def test_checkpoints_that_were_kept_are_compared_by_themselves(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "elsewhere"
    monkeypatch.setenv("POSTAL_AUDIT_CHECKPOINTS_DIR", str(folder))
    add()
    postal("staff", "disable", "mai.ht")
    keep_checkpoint()
    assert f"Compared with 1 checkpoints kept in {folder}." in postal("audit", "verify").stdout
    alter(home, "DELETE FROM audit_entry WHERE seq = 2")
    assert (
        "cut off: the trail ends at 1, and the checkpoint is of 2 (line 1 of"
        in postal("audit", "verify", code=1).stderr
    )
    cut = json.loads(postal("audit", "verify", "--json", code=1).stdout)
    assert (cut["broken"]["entry"], cut["kept_checkpoints"]) == (2, 1)


def keep_checkpoint() -> None:
    """Do what the worker does every hour."""
    settings = load_settings()
    database = current_database(settings)
    checkpoints.keep(database, settings.audit_checkpoints_dir)
    database.dispose()


def alter(home: Path, statement: str) -> None:
    """Do what only somebody with the file itself can do."""
    with sqlite3.connect(home / "postal.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()


def test_the_trail_can_be_asked_about_one_thing_or_one_person() -> None:
    add()
    add(name="hoa")
    rows = json.loads(postal("audit", "show", "--json", "--subject", "hoa").stdout)["entries"]
    assert [(row["action"], row["subject"], row["actor_kind"]) for row in rows] == [("staff.add", "hoa", "command")]
    assert "Nothing of that" in postal("audit", "show", "--actor", "nobody").stdout
    assert "staff.add" in postal("audit", "show", "--limit", "1").stdout
