from __future__ import annotations

import random
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.database import Database
from worker import migrate
from worker.bench import intake
from worker.bench.figures import Setting
from worker.bench.intake_deliveries import requests


def test_every_way_is_measured_and_what_was_answered_as_taken_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_PACED_SECONDS", 0.1)
    figures = intake.run(Setting(n=128, rounds=1))
    assert figures.naive is not None
    assert min(figures.ours, figures.naive, figures.ceiling) > 0
    assert figures.ours_over_ceiling == figures.ours / figures.ceiling
    assert 0 < figures.more["p50_ms"] <= figures.more["p99_ms"]
    assert set(figures.goals) == {"ours_over_naive >= 15", "ours_over_ceiling >= 0.4", "p99_ms < 50"}


def test_a_delivery_that_was_answered_as_taken_and_is_not_there_makes_every_figure_void(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bench.db'}", Fernet.generate_key().decode())
    migrate.upgrade(database)
    with pytest.raises(intake.BenchBroken, match="1 deliveries were answered as taken, 0 are kept"):
        intake._check(database, 1)
    database.dispose()


def test_no_two_deliveries_are_the_same() -> None:
    made = requests(500, random.Random(1))
    assert len(set(made)) == 500
