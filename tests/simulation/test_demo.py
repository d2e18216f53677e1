"""The main job end to end: the demo as a new user runs it, and what is left of it when it is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from worker.training.cases import PACKAGED
from worker.training.plot import Plot

pytestmark = pytest.mark.timeout(600)  # each of the two plays the whole story

FIRST = "H14.31-260212-0001"
POSTAL = (sys.executable, "-m", "worker.cli")
PARTS_OF_THE_STORY = {
    "plain_send",
    "plain_receive",
    "plain_both",
    "lost_answer_adopted",
    "duplicate_refused",
    "events_twice_and_out_of_order",
    "unknown_code",
    "failed_twice_and_returned",
    "supplement",
    "extension_with_apology",
    "rejected_line",
    "over_tet_2026",
    "restart",
}


def environment(home: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("POSTAL_")}
    return {**bare, "POSTAL_HOME": str(home)}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], dict[str, Any], Path]:
    home = tmp_path_factory.mktemp("demo")
    run = subprocess.run(
        [*POSTAL, "demo", "--json", str(home / "facts.json")],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return run, json.loads((home / "facts.json").read_text(encoding="utf-8")), home


Played = tuple[subprocess.CompletedProcess[str], dict[str, Any], Path]


def test_the_demo_ends_by_itself_and_says_that_all_is_well(played: Played) -> None:
    run, facts, _ = played

    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert facts["good"]
    assert "24 of 24 dossiers finished" in " ".join(run.stdout.split())


def test_every_promise_is_held_against_the_books_of_the_others(played: Played) -> None:
    promises = played[1]["promises"]

    assert [promise["number"] for promise in promises] == list(range(1, 9))
    assert [promise["number"] for promise in promises if not promise["passed"]] == []


def test_every_part_of_the_story_is_played(played: Played) -> None:
    assert set(played[1]["parts"]) >= PARTS_OF_THE_STORY


def test_no_dossier_leaves_a_live_order_behind(played: Played) -> None:
    dossiers = played[1]["dossiers"]

    assert len(dossiers) == 24
    assert {dossier["live_orders_at_operator"] for dossier in dossiers} == {0}
    assert {s["state"] for dossier in dossiers for s in dossier["shipments"]} <= {"delivered", "returned", "cancelled"}


def test_the_due_date_can_be_explained_afterwards(played: Played) -> None:
    code = played[1]["parts"]["supplement"]["dossiers"][0]

    run = subprocess.run(
        [*POSTAL, "explain", code, "--json"],
        env=environment(played[2]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    explained = json.loads(run.stdout)

    assert next(line["event"] for line in explained["explanation"] if line["evidence"]) == "started"
    assert all(line["legal_source"] for line in explained["explanation"])


@contextmanager
def started(home: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    with (home / "output.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen([*POSTAL, *command], env=environment(home), stdout=log, stderr=log, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(what: Path, *, seconds: float, process: subprocess.Popen[str]) -> None:
    give_up_at = time.monotonic() + seconds
    while not what.exists():
        assert process.poll() is None, what.parent.parent.joinpath("output.log").read_text(encoding="utf-8")[-3000:]
        assert time.monotonic() < give_up_at, f"{what} did not appear"
        time.sleep(0.2)


def a_third_of_the_dossiers(folder: Path) -> Path:
    """Enough for every operator to carry something."""
    file = folder / "dossiers.json"
    file.write_text(json.dumps(json.loads(PACKAGED.read_text(encoding="utf-8"))[::3]), encoding="utf-8")
    return file


def test_a_demo_killed_in_the_middle_is_finished_by_postal_up(tmp_path: Path) -> None:
    with started(tmp_path, "demo", "--dossiers", str(a_third_of_the_dossiers(tmp_path))) as demo:
        wait_for(tmp_path / "training" / "postal.db", seconds=90, process=demo)
        time.sleep(5)  # well into the story
        assert demo.poll() is None, "the story was over before it could be interrupted"
        demo.send_signal(signal.SIGKILL)
        demo.wait()

    with started(tmp_path, "up") as up:
        wait_for(tmp_path / "training" / "summary.json", seconds=240, process=up)
        time.sleep(0.5)

    facts = json.loads((tmp_path / "training" / "summary.json").read_text(encoding="utf-8"))
    assert facts["good"], facts["headline"]
    assert {dossier["live_orders_at_operator"] for dossier in facts["dossiers"]} == {0}


def test_an_empty_system_is_filled_with_a_sample(tmp_path: Path) -> None:
    with started(tmp_path, "up", "--sample") as up:
        wait_for(tmp_path / "training" / "postal.db", seconds=90, process=up)
        plot = Plot.read(tmp_path / "training")
        assert plot is not None
        headers = {"Authorization": f"Bearer {plot.api_token}"}
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            with suppress(httpx.TransportError):
                first = httpx.get(f"{plot.system_url}/v1/dossiers/{FIRST}", headers=headers)
                if first.status_code == 200 and first.json()["shipments"]:
                    return
            time.sleep(0.3)
    pytest.fail(f"{FIRST} was not filed: {(tmp_path / 'output.log').read_text(encoding='utf-8')[-2000:]}")


@pytest.mark.parametrize("more", ["--bare", "configured"])
def test_a_sample_is_for_an_empty_system_only(tmp_path: Path, more: str) -> None:
    settings = {"POSTAL_CONFIG": str(tmp_path / "postal.toml")} if more == "configured" else {}
    words = ["up", "--sample", *([more] if more.startswith("--") else [])]
    run = subprocess.run(
        [*POSTAL, *words], env=environment(tmp_path) | settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode != 0
    assert "--sample" in run.stderr + run.stdout
