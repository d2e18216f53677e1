"""The restart in the middle strikes once, while the operator holds an order whose answer nobody has heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carriers.vnpost_ngsp.simulator import Fault
from worker.training.casting import Part
from worker.training.interruption import NOTE, Interruption
from worker.training.world import World, found_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "training"
    with World(home, found_world(home, None)) as opened:
        yield opened


@pytest.fixture
def struck() -> list[str]:
    return []


@pytest.fixture
def interruption(world: World, struck: list[str]) -> Interruption:
    return Interruption(world, restart=lambda: struck.append("killed and started"))


def victim_of(world: World) -> str:
    (rule,) = world.operator.faults.rules
    return rule.order


def begin(world: World, count: int) -> None:
    for case in world.cases[:count]:
        world.book.begin(case.code, Part.PLAIN_BOTH)


def test_nothing_happens_before_half_of_the_dossiers_are_filed(
    world: World, interruption: Interruption, struck: list[str]
) -> None:
    begin(world, 10)
    interruption.consider()
    assert world.operator.faults.rules == []
    assert struck == []


def test_it_strikes_once_when_the_victims_order_has_reached_the_operator(
    world: World, interruption: Interruption, struck: list[str]
) -> None:
    begin(world, 12)
    for _ in range(3):
        interruption.consider()
    assert struck == []
    assert world.operator.faults.strike(Fault.TIMEOUT_AFTER, "order", victim_of(world)) is not None
    for _ in range(3):
        interruption.consider()
    assert len(struck) == 1
    assert world.book.notes(NOTE) == [victim_of(world)]


def test_the_victim_is_a_result_that_has_still_to_be_booked(world: World, interruption: Interruption) -> None:
    begin(world, 12)
    interruption.consider()
    assert victim_of(world).endswith("-R1")


def test_a_resumed_run_in_which_it_has_struck_is_left_in_peace(world: World, struck: list[str]) -> None:
    world.book.note(NOTE, "H14-R1")
    begin(world, 24)
    Interruption(world, restart=lambda: struck.append("again")).consider()
    assert world.operator.faults.rules == []
