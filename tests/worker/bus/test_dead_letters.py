"""Messages that can never be taken: laid aside with the reason, shown by `postal bus dead`, sent again on demand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.support.desk import CODE, TestDesk, dossier_body
from tests.support.town import wait_for
from tests.worker.bus.conftest import hearing
from tests.worker.bus.other_side import PATIENCE, OtherSide
from tests.worker.bus.test_hearing import kept, listens
from worker.bus.dead import DeadLetter, dead_letters
from worker.cli import app


def laid_aside(side: OtherSide) -> list[DeadLetter]:
    return dead_letters(side.bus, PATIENCE)


@pytest.fixture
def command(side: OtherSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``postal bus`` on a configuration that names this bus."""
    file = tmp_path / "bus.toml"
    file.write_text(f"""
[[onestops]]
id = "igate"
connector = "bus"
source_systems = ["igate"]
options = {{ exchange = "{side.name}", queue = "{side.name}.in" }}
secrets = {{ url = "{side.url}" }}
""")
    monkeypatch.setenv("POSTAL_CONFIG", str(file))

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["bus", *words])

    return run


def test_poison_is_laid_aside_with_its_reason_and_holds_up_nothing(desk: TestDesk, side: OtherSide) -> None:
    with hearing(desk):
        wait_for("our queue to be there", lambda: listens(side))
        side.sends("dossier.registered", b"\xff no JSON")
        side.says("dossier.accepted", {"reason": "no officer"})
        first = side.says("dossier.registered", dossier_body())
        side.says("dossier.registered", dossier_body(fee_vnd=0), id=first["id"])
        side.sends("postal.order_cancelled", json.dumps({"type": "postal.order_cancelled"}).encode())
        side.says("dossier.accepted", {"officer": "Hà Thị Mai"})
        wait_for("what is sound to be kept", lambda: kept(desk) == 2)
    letters = laid_aside(side)
    assert [one.reason.partition(":")[0] for one in letters] == [
        "it is not JSON in UTF-8 (UnicodeDecodeError)",
        "it is not by the schema",
        "the id 'igate#m-2' was used before for another message",
        "it is no CloudEvents envelope with an id",
    ]
    assert all(one.next_step and one.next_step_vi and one.at for one in letters)
    assert [(one.type, one.subject) for one in letters][1:3] == [
        ("dossier.accepted", CODE),
        ("dossier.registered", CODE),
    ]


def test_looking_takes_nothing_away(desk: TestDesk, side: OtherSide, command: Any) -> None:
    with hearing(desk):
        wait_for("our queue to be there", lambda: listens(side))
        side.sends("dossier.registered", b"no JSON")
        wait_for("it to be laid aside", lambda: bool(laid_aside(side)))
    for _ in range(25):
        (one,) = json.loads(command("dead", "--json").stdout)
    assert (one["system"], one["bytes"]) == ("igate", 7)
    assert "not JSON" in command("dead").stdout


def test_a_message_is_sent_again_when_what_was_wrong_with_us_has_been_mended(
    desk: TestDesk, side: OtherSide, command: Any
) -> None:
    narrow = desk.context.settings.model_copy(update={"max_body_bytes": 100})
    whole = desk.context
    desk.context = replace(whole, settings=narrow)
    with hearing(desk):
        wait_for("our queue to be there", lambda: listens(side))
        side.says("dossier.registered", dossier_body())
        side.says("dossier.accepted", {"officer": "Hà Thị Mai"})
        wait_for("both to be laid aside", lambda: len(laid_aside(side)) == 2)
    desk.context = whole
    first, second = laid_aside(side)
    assert "longer than 100 bytes" in first.reason
    assert json.loads(command("again", first.id, "--json").stdout) == {"sent_again": [first.id]}
    assert [one.id for one in laid_aside(side)] == [second.id]
    assert "1 sent again" in command("again", "--all").stdout
    with hearing(desk):
        wait_for("both to be kept", lambda: kept(desk) == 2)
    assert command("dead").stdout.strip() == "Every message was taken."


def test_a_message_that_is_not_there_is_told_apart(side: OtherSide, command: Any) -> None:
    unknown = command("again", "abc")
    assert (unknown.exit_code, "postal bus dead" in unknown.stderr) == (2, True)
    assert command("again").exit_code == 2
    other = command("dead", "--system", "nobody")
    assert (other.exit_code, "docs/bus.md" in other.stderr) == (2, True)


def test_the_schema_is_printed_for_the_maker_of_the_other_system(command: Any) -> None:
    printed = json.loads(command("schema").stdout)
    assert "dossier.registered" in printed["hears"]["routing_keys"]
    assert "postal.order_booked" in printed["tells"]["routing_keys"]


def test_a_bus_that_is_away_is_said_so_with_the_next_step(
    side: OtherSide, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bus.toml"
    file.write_text(file.read_text().replace(side.url, "amqp://guest:guest@127.0.0.1:1//"))
    monkeypatch.setenv("POSTAL_CALL_TIMEOUT", "2")
    away = command("dead")
    assert (away.exit_code, "Check that RabbitMQ runs" in away.stderr) == (2, True)
