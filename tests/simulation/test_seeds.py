"""Seeds that are played at every change: months of work under every kind of trouble, and no promise broken."""

from __future__ import annotations

import pytest

from worker.simulation.faults import FaultKind
from worker.simulation.grounds import Ground
from worker.simulation.plays import Outcome, Play
from worker.simulation.run import play

ALL = tuple(FaultKind)


def _told(outcome: Outcome) -> str:
    return "\n".join(f"promise {one.promise}: {one.what}" for one in outcome.violations)


def test_a_quiet_month_keeps_every_promise(sqlite_ground: Ground) -> None:
    outcome = play(Play(1, 3, ()), sqlite_ground)

    assert outcome.good, _told(outcome)
    assert outcome.faults == {}
    assert outcome.checks > 200
    assert outcome.virtual_days > 20


@pytest.mark.parametrize("seed", [4, 2616])
def test_months_of_trouble_on_sqlite_break_no_promise(sqlite_ground: Ground, seed: int) -> None:
    outcome = play(Play(seed, 2, ALL), sqlite_ground)

    assert outcome.good, _told(outcome)
    assert len(outcome.faults) > 5


@pytest.mark.parametrize("seed", [11, 52])
def test_months_of_trouble_on_postgresql_break_no_promise(postgres_ground: Ground, seed: int) -> None:
    outcome = play(Play(seed, 1, ALL), postgres_ground)

    assert outcome.good, _told(outcome)
    assert len(outcome.faults) > 5


def test_the_same_seed_plays_the_same_story_also_by_the_ids_of_its_faults(sqlite_ground: Ground) -> None:
    first, second = (play(Play(6, 1, ALL), sqlite_ground) for _ in range(2))
    by_name = play(Play(6, 1, ALL, frozenset(fault.id for fault in first.injected)), sqlite_ground)

    for again in (second, by_name):
        assert again.digest == first.digest
        assert again.injected == first.injected
    assert second.story.lines() == first.story.lines()
    assert play(Play(8, 1, ALL), sqlite_ground).digest != first.digest
