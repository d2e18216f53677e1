"""Seeds that are played at every change: months of work under every kind of trouble, and no promise broken."""

from __future__ import annotations

import pytest

from worker.simulation.faults import FaultKind
from worker.simulation.grounds import Ground
from worker.simulation.run import Outcome, Play, play

ALL = tuple(FaultKind)


def _told(outcome: Outcome) -> str:
    return "\n".join(f"promise {one.promise}: {one.what}" for one in outcome.violations)


def test_a_quiet_month_keeps_every_promise(sqlite_ground: Ground) -> None:
    outcome = play(Play(1, 3, ()), sqlite_ground)

    assert outcome.good, _told(outcome)
    assert outcome.faults == {}
    assert outcome.checks > 200
    assert outcome.virtual_days > 20


@pytest.mark.parametrize("seed", [4, 21])
def test_months_of_trouble_on_sqlite_break_no_promise(sqlite_ground: Ground, seed: int) -> None:
    outcome = play(Play(seed, 3, ALL), sqlite_ground)

    assert outcome.good, _told(outcome)
    assert len(outcome.faults) > 5


@pytest.mark.parametrize("seed", [4, 11])
def test_months_of_trouble_on_postgresql_break_no_promise(postgres_ground: Ground, seed: int) -> None:
    outcome = play(Play(seed, 2, ALL), postgres_ground)

    assert outcome.good, _told(outcome)
    assert len(outcome.faults) > 5


def test_the_same_seed_plays_the_same_story(sqlite_ground: Ground) -> None:
    first, second = (play(Play(6, 1, ALL), sqlite_ground) for _ in range(2))

    assert first.digest == second.digest
    assert first.injected == second.injected
    assert first.story.lines() == second.story.lines()
    assert play(Play(8, 1, ALL), sqlite_ground).digest != first.digest


def test_the_faults_of_a_run_play_it_again_by_their_ids(sqlite_ground: Ground) -> None:
    by_chance = play(Play(6, 1, ALL), sqlite_ground)

    by_name = play(Play(6, 1, ALL, frozenset(fault.id for fault in by_chance.injected)), sqlite_ground)

    assert by_name.injected == by_chance.injected
    assert by_name.digest == by_chance.digest
