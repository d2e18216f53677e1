"""``postal replay``: what VNPost's letter about a code would move is shown first, then moved, once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.settings import load_settings
from tests.support.desk import TestClock, TestDesk
from tests.support.town import Town, opened_town
from tests.tracking.case import COLLECTED, UNKNOWN, Case
from tests.tracking.deadlines.story import at
from worker import migrate
from worker.cli import app
from worker.runtime import build


def replayed(*words: str) -> Result:
    result = CliRunner().invoke(app, ["replay", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def moved(*words: str) -> list[dict[str, Any]]:
    """Return what a replay says that it moved; its words for people are another matter."""
    result = replayed(*words, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["dry_run"] is ("--dry-run" in words)
    found: list[dict[str, Any]] = answer["moved"]
    return found


@dataclass(frozen=True)
class Copy:
    """The files of a system in which VNPost told of papers what nobody can explain, and the number of those papers."""

    home: Path
    number: str

    def explained(self, code: int, state: str) -> None:
        """Let VNPost sign off what a code means, in the configuration of every account."""
        line = f'{{ code = "{code}", state = "{state}", certainty = "confirmed", source = "letter of March 2026" }}'
        table = f'confirmed_statuses = {{ name = "2026-03", issued = "2026-03-20", codes = [{line}] }}'
        file = self.home / "postal.toml"
        plain = file.read_text(encoding="utf-8")
        file.write_text(plain.replace("options = { variant", f"options = {{ {table}, variant"), encoding="utf-8")
        assert table in file.read_text(encoding="utf-8")

    def rows(self) -> list[str]:
        """Return everything that the database holds."""
        with closing(sqlite3.connect(self.home / "postal.db")) as database:
            return list(database.iterdump())

    def state(self) -> str:
        """Return where the papers are, as it is stored."""
        with closing(sqlite3.connect(self.home / "postal.db")) as database:
            query = "SELECT state FROM shipment WHERE order_number = ?"
            ((state,),) = database.execute(query, [self.number])
            return str(state)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Town, str]:
    """A town that has had its days: nobody serves any more, and what was written down is there to be read again."""
    with opened_town(tmp_path_factory.mktemp("town")) as town, at_work(town) as desk:
        case = Case.opened(desk)
        case.order("send")
        desk.work()
        desk.report(case.s1, COLLECTED, case.now("2026-03-02 09:00"))
        desk.poll()
        case.signed(case.s1, "2026-03-02 16:00")
        desk.report(case.s1, UNKNOWN, case.now("2026-03-03 09:00"))
        desk.poll()
        assert (case.shipment(case.s1).state, case.due) == ("in_transit", "2026-03-05 17:00")
        return town, case.s1


@contextmanager
def at_work(town: Town) -> Iterator[TestDesk]:
    """The town's system at work in this process; in the end the town's clock shows how far it came."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in town.plot.environment(town.home).items():
            environment.setenv(name, value)
        runtime = build(load_settings(), lambda lane: None)
    migrate.upgrade(runtime.context.database)
    clock = TestClock()
    context = replace(runtime.context, clock=clock)
    desk = TestDesk(context, runtime.office, town.operator, town.onestop, runtime.messenger, clock)
    desk.runtime.prepare()
    yield desk
    runtime.close()
    assert town.clock is not None
    town.clock.advance_to(clock.now())


@pytest.fixture
def copy(lived: tuple[Town, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A copy of that town's files for one test; it is the system that the environment names."""
    town, number = lived
    home = Path(shutil.copytree(town.home, tmp_path / "town"))
    for name, value in town.plot.environment(home).items():
        monkeypatch.setenv(name, value)
    return Copy(home, number)


def test_with_the_tables_of_yesterday_there_is_nothing_to_move(copy: Copy) -> None:
    before = copy.rows()
    assert moved() == []
    assert "0 shipments moved." in replayed().stdout
    assert copy.rows() == before


def test_a_dry_run_names_what_would_move_and_writes_nothing(copy: Copy) -> None:
    copy.explained(UNKNOWN, "lost")
    before = copy.rows()
    (one,) = moved("--dry-run")
    assert one["due_before"].endswith("+07:00")
    assert (one["order_number"], one["codes"]) == (copy.number, [str(UNKNOWN)])
    assert (one["state_before"], one["state_after"]) == ("in_transit", "lost")
    assert (datetime.fromisoformat(one["due_before"]), one["due_after"]) == (at("2026-03-05 17:00"), None)
    assert copy.rows() == before


def test_people_are_shown_the_same_and_told_how_to_do_it(copy: Copy) -> None:
    copy.explained(UNKNOWN, "lost")
    page = " ".join(replayed("--dry-run").stdout.split())
    assert "in_transit -> lost" in page
    assert "17:00 05/03/2026 -> -" in page
    assert "1 shipments would move. Without --dry-run they do." in page


def test_what_was_shown_is_then_moved_and_a_second_time_nothing_is(copy: Copy) -> None:
    copy.explained(UNKNOWN, "lost")
    shown = moved("--dry-run")
    assert moved() == shown
    assert copy.state() == "lost"
    settled = copy.rows()
    assert moved() == []
    assert copy.rows() == settled


def test_a_collection_that_was_none_leaves_a_person_to_look_who_holds_the_papers(copy: Copy) -> None:
    copy.explained(COLLECTED, "collecting")
    page = replayed().stdout
    assert "who holds the papers" in page
    assert "1 shipments moved." in page
    assert copy.state() == "collecting"


def test_only_the_operator_and_the_time_that_are_asked_for_are_read_again(copy: Copy) -> None:
    copy.explained(UNKNOWN, "lost")
    assert moved("--dry-run", "--carrier", "ems") == []
    assert moved("--dry-run", "--since", "2026-03-09T08:00:00+07:00") == []
    assert len(moved("--dry-run", "--carrier", "vnpost_ngsp", "--since", "2026-03-02T08:00:00+07:00")) == 1


def test_papers_whose_story_cannot_be_read_are_named_and_the_command_fails(copy: Copy) -> None:
    copy.explained(UNKNOWN, "lost")
    with closing(sqlite3.connect(copy.home / "postal.db")) as database, database:
        database.execute("UPDATE inbox_delivery SET body = 'nobody can read this'")
    machine = replayed("--dry-run", "--json")
    answer = json.loads(machine.stdout)
    assert (machine.exit_code, answer["moved"]) == (1, [])
    (unread,) = answer["unread"]
    assert unread["order_number"] == copy.number
    assert "POSTAL_DATA_KEY" in unread["reason"]
    people = replayed("--dry-run")
    assert people.exit_code == 1
    assert f"{copy.number} cannot be read: delivery" in " ".join(people.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--carrier", "pigeon_post"), "vnpost_ngsp"),
        (("--since", "2026-03-02T08:00:00"), "+07:00"),
        (("--since", "yesterday"), "2026-03-02T08:15:00+07:00"),
    ],
)
def test_a_question_that_cannot_be_meant_says_what_can(words: tuple[str, ...], said: str) -> None:
    result = replayed(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_nothing_is_read_again_from_a_database_that_is_not_there() -> None:
    result = replayed("--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "postal db upgrade" in result.stderr
