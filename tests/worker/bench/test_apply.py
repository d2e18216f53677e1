"""The bench of applying, on few shipments: both ways come to the same, or it measures nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config.errors import ConfigurationError
from tests.support.statements import statements
from tracking import apply as apply_batches
from tracking.incidents.rows import listed
from worker.bench import apply
from worker.bench.apply_outcome import outcome
from worker.bench.apply_world import World, opened_world
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


def test_ten_times_as_many_losses_open_their_incidents_with_as_many_statements(tmp_path: Path) -> None:
    sent: dict[int, list[str]] = {}
    with opened_world(Setting(), tmp_path) as world:
        for turn, shipments in enumerate((10, 10, 100)):  # of ten shipments one is lost for a while
            world.add(f"T{turn}", shipments)
            with statements(world.context.database.engine) as sent[shipments]:
                apply_batches.drain(world.context, world.office)
        with world.context.database.read() as session:
            assert len(listed(session)) == 12
    assert [statement[:60] for statement in sent[100]] == [statement[:60] for statement in sent[10]]
