"""``postal apologies``: the desk looks up which letters wait for a signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.town import opened_town
from tests.tracking.apologies.letters_of import dismiss, round_of_the_watch
from tests.tracking.case import Case
from tests.tracking.deadlines.story import at
from tests.worker.commands.test_replays import at_work
from worker.cli import app


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """A dossier whose result is late, and its letter; the environment names this system."""
    with opened_town(tmp_path / "town") as town, at_work(town) as desk:
        case = Case.opened(desk)
        case.happens("accepted", "2026-03-02 10:00")
        case.now("2026-03-06 08:00")
        round_of_the_watch(case)
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield case


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["apologies", *words])


def test_a_letter_that_waits_is_shown_to_people_and_machines(waiting: Case) -> None:
    (letter,) = json.loads(said("--json").stdout)["apologies"]
    assert (letter["number"], letter["failing"], letter["state"]) == (f"{waiting.code}-XL1", "late", "draft")
    assert letter["sign_by"] == "06/03/2026"
    assert "agency" in said().stdout


def test_one_that_is_dismissed_is_shown_only_with_all(waiting: Case) -> None:
    dismiss(waiting, "2026-03-06 09:00")
    assert json.loads(said("--json").stdout) == {"apologies": [], "next": None}
    assert "No apology waits" in said().stdout
    (letter,) = json.loads(said("--all", "--json").stdout)["apologies"]
    assert letter["state"] == "dismissed"


def test_a_long_list_says_how_to_see_more(waiting: Case) -> None:
    other = Case.opened(waiting.desk)
    other.happens("accepted", "2026-03-06 08:30", event_id="late", type="accepted", at=at("2026-03-02 10:00"))
    round_of_the_watch(other)
    page = json.loads(said("--limit", "1", "--json").stdout)
    assert f"postal apologies --limit 1 --after {page['next']}" in said("--limit", "1").stdout
    rest = json.loads(said("--limit", "1", "--after", str(page["next"]), "--json").stdout)
    codes = {one["dossier"] for one in (*page["apologies"], *rest["apologies"])}
    assert (codes, rest["next"]) == ({waiting.code, other.code}, None)
    assert "no apology" in said("--after", "999999").output.casefold()
