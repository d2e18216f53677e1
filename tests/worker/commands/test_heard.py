"""``postal heard``: what one-stops told, what came of it, and a person's word on what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dispatch.onestop.contract import Statement
from tests.support.desk import CODE, TestDesk, dossier_body, order_body
from tests.support.town import Town, opened_town
from tests.worker.commands.test_replays import at_work
from tracking import onestop_inbox
from worker.cli import app

ONESTOP = "one-stop"


def tell(desk: TestDesk, key: str, kind: str, body: dict[str, object]) -> None:
    with desk.context.database.write() as session:
        said = Statement(kind, key, CODE, body)
        onestop_inbox.keep_statement(session, ONESTOP, said, desk.clock.now())
    onestop_inbox.drain(desk.context, desk.office, desk.messenger.onestops)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A dossier was registered, and an order for it refused; the environment names this system."""
    with opened_town(tmp_path / "town") as town:
        with at_work(town) as desk:
            procedure = {**dossier_body()["procedure"], "postal_submission": False}
            tell(desk, "first", "dossier", dossier_body(procedure=procedure))
            tell(desk, "second", "order", order_body("send"))
        for name, value in town.plot.environment(town.home).items():
            monkeypatch.setenv(name, value)
        yield town


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["heard", *words])


def test_what_was_told_is_shown_with_what_came_of_it(told: Town) -> None:
    newest, oldest = json.loads(said(CODE, "--json").stdout)
    assert (oldest["key"], oldest["outcome"]) == ("first", "applied")
    assert (newest["key"], newest["outcome"], newest["source"]) == ("second", "refused", "onestop:one-stop")
    assert "not allowed" in newest["detail"]
    assert "refused" in said().stdout
    assert said("H14-unknown").stdout.strip() == "Nothing was told."


def test_a_person_lets_what_was_refused_be_tried_again_or_rest(told: Town) -> None:
    (waiting,) = json.loads(said("--waiting", "--json").stdout)
    number = str(waiting["delivery"])
    assert json.loads(said("--again", number, "--json").stdout) == {"tried_again": int(number)}
    with at_work(told) as desk:
        assert onestop_inbox.drain(desk.context, desk.office, desk.messenger.onestops) == 1
    assert "settled" in said("--settled", number).stdout
    assert json.loads(said("--waiting", "--json").stdout) == []
    again = said("--again", number)
    assert (again.exit_code, "postal heard --waiting" in again.stderr) == (2, True)
    assert said("--again", number, "--settled", number).exit_code == 2
