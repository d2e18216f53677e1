"""The command as it is installed: a process with words, exit codes and pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.schema import HEAD
from tests.support.town import ROOT, run
from worker.cli import app

COMMANDS = (
    *(
        "demo",
        "up",
        "web",
        "worker",
        "beat",
        "deadline",
        "explain",
        "carriers",
        "normalise",
        "waybills",
        "doctor",
        "db",
    ),
    *(
        "bench",
        "calendar",
        "onestops",
        "outbox",
        "reconcile",
        "ask",
        "event",
        "replay",
        "settle",
        "simulate",
        "simulator",
    ),
)
QUESTION = ["deadline", "--start", "2026-02-13T10:00:00+07:00", "--amount", "3", "--unit", "working_days", "--json"]


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert [name for name in COMMANDS if f" {name} " not in result.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_a_due_date_over_tet_through_a_pipe() -> None:
    result = run(QUESTION, os.environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["due"] == "2026-02-25T17:00:00+07:00"


def test_a_wrong_question_is_one_message_without_a_traceback() -> None:
    result = run([*QUESTION[:-1], "--calendar", "atlantis"], os.environ)
    assert (result.returncode, result.stdout) == (2, "")
    assert "atlantis" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_feed_page_through_a_pipe_keeps_its_vietnamese_whatever_the_terminal() -> None:
    page = json.loads((ROOT / "tests" / "data" / "ngsp-feed.json").read_text(encoding="utf-8"))
    page["_embedded"]["rh:doc"][0]["StatusMessage"] = "Đã phát thành công"
    result = subprocess.run(
        [sys.executable, "-m", "worker.cli", "normalise", "vnpost_ngsp"],
        input=json.dumps(page).encode(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C", "LANG": "C"},
        check=True,
    )
    lines = result.stdout.decode().splitlines()
    assert len(lines) == 24
    assert json.loads(lines[0])["text"] == "Đã phát thành công"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel of this project, and nothing else of it, is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("tests/"):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(folder), str(source)], check=True
    )
    (wheel,) = folder.glob("onestop_postal-*.whl")
    subprocess.run([*pip, "install", *offline, "--target", str(folder / "site"), str(wheel)], check=True)
    return folder / "site"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--help"], "deadline"),
        (QUESTION, "2026-02-25T17:00:00+07:00"),
        (["carriers", "--json"], "vnpost_ngsp"),
        (["db", "upgrade"], f"empty -> {HEAD}"),
    ],
)
def test_an_installed_wheel_brings_its_data_with_it(
    installed: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed), "POSTAL_HOME": str(tmp_path / "home")}
    where = "import worker.cli, sys; sys.stderr.write(worker.cli.__file__); sys.argv[0] = 'postal'; worker.cli.main()"
    result = subprocess.run(
        [sys.executable, "-P", "-c", where, *words],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stderr == str(installed / "worker" / "cli.py")
    assert result.returncode == 0
    assert said in result.stdout
