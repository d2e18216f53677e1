"""The bench of applying, on few shipments: both ways come to the same, or it measures nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from config.errors import ConfigurationError
from worker.bench import apply
from worker.bench.apply_outcome import outcome
from worker.bench.apply_world import World
from worker.bench.figures import Setting
from worker.cli import app

FEW = 10


def test_a_machine_gets_ours_the_naive_way_and_the_ceiling() -> None:
    result = CliRunner().invoke(app, ["bench", "apply", "--n", str(FEW), "--rounds", "1", "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["name"], figures["n"], figures["database"], figures["broker"]) == ("apply", 36, "sqlite", "memory")
    assert min(figures["ours"], figures["naive"], figures["ceiling"]) > 0


def test_two_ways_that_come_to_different_messages_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(world: World, name: str) -> dict[str, list[tuple[Any, ...]]]:
        found = outcome(world, name)
        return found if name == "V-ours" else {**found, "messages": found["messages"][1:]}

    monkeypatch.setattr(apply, "outcome", forgetful)
    with pytest.raises(ConfigurationError, match="different messages"):
        apply.run(Setting(n=FEW, rounds=1))
