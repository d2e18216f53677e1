"""``postal outbox``: the one-stop was away, and somebody looks what it has missed and sends it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dispatch import booking, outbox
from dispatch.outbox import Delivery
from tests.support.town import Town, opened_town
from tests.tracking.case import Case
from tests.worker.commands.test_replays import at_work
from worker.cli import app


@pytest.fixture
def missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Town, str]]:
    """The one-stop wanted nothing more at its address, so a message is parked; the environment names this system."""
    with opened_town(tmp_path / "town") as town:
        with at_work(town) as desk:
            case = Case.opened(desk)
            case.order("send")
            booking.drain(desk.context)
            outbox.drain(desk.context, lambda message: Delivery(False, 410, "HTTP 410", 1, gone=True))
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield town, f"{case.code}:postal.order_booked:{case.s1}"


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["outbox", *words])


def test_what_is_parked_is_shown_with_its_reason_and_without_what_it_says(missed: tuple[Town, str]) -> None:
    _, booked = missed
    told = json.loads(said("--json").stdout)
    (receiver,) = told["receivers"]
    assert (receiver["destination"], receiver["parked"], receiver["trouble"]) == ("onestop:one-stop", 1, "HTTP 410")
    (message,) = told["messages"]
    assert (message["id"], message["state"], message["due_at"]) == (booked, "parked", None)
    assert "payload" not in message
    assert "HTTP 410" in said().stdout


@pytest.mark.parametrize(
    "words", [["--send-again", "{id}"], ["--send-again-to", "onestop:one-stop"], ["--send-all-again"]]
)
def test_what_is_parked_is_sent_again_when_somebody_says_so(missed: tuple[Town, str], words: list[str]) -> None:
    town, booked = missed
    assert json.loads(said(*(word.format(id=booked) for word in words), "--json").stdout) == {"sent_again": 1}
    with at_work(town) as desk:
        assert outbox.drain(desk.context, desk.messenger.send) == 1
    assert said().stdout.strip() == "Everything has been delivered."


def test_a_message_that_cannot_be_sent_again_is_told_apart(missed: tuple[Town, str]) -> None:
    _, booked = missed
    unknown = said("--send-again", "never-owed")
    assert (unknown.exit_code, "Look its id up" in unknown.stderr) == (2, True)
    said("--send-again", booked)
    again = said("--send-again", booked)
    assert (again.exit_code, "'pending'" in again.stderr) == (2, True)
    assert said("--send-again", booked, "--send-all-again").exit_code == 2
