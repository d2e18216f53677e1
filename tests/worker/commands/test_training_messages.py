"""``postal notice arrived``: what the training world's citizens were sent, for whoever tries the citizen's pages."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.clock import VIETNAM
from dispatch.onestop.deliveries import Deliveries
from worker.cli import app
from worker.training.world import ONESTOP_BOOKS, found_world

CODE = "H14.31-260211-0002"


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["notice", "arrived", *words])


def sent(home: Path, code: str, text: str) -> None:
    """Let the world's gateway take a message."""
    event = {"id": text, "type": "citizen.message", "subject": code, "time": "2026-03-02T08:00:00+07:00"}
    body = {**event, "data": {"to": "+84912064039", "text_vi": text}}
    with closing(Deliveries(home / ONESTOP_BOOKS)) as books:
        books.keep("messages", event, json.dumps(body), datetime(2026, 3, 2, 8, tzinfo=VIETNAM))


def test_a_one_time_code_can_be_read_in_the_training_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path))
    home = tmp_path / "training"
    found_world(home, None)
    assert "Nothing has been sent." in said().stdout
    sent(home, "H14.10-260211-0012", "another's")
    sent(home, CODE, "mã xác thực 057126")
    assert "057126" in said(CODE.lower()).stdout
    shown = json.loads(said(CODE, "--json").stdout)["messages"]
    assert [one["data"]["text_vi"] for one in shown] == ["mã xác thực 057126"]
    assert len(json.loads(said("--limit", "1", "--json").stdout)["messages"]) == 1


def test_of_a_system_that_is_no_training_world_it_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTAL_HOME", str(tmp_path))
    assert said().exit_code != 0
    found_world(tmp_path / "training", None)
    monkeypatch.setenv("POSTAL_CONFIG", str(tmp_path / "training" / "postal.toml"))
    refused = said()
    assert refused.exit_code != 0
    assert "training world" in refused.output
