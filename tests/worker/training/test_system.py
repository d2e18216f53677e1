"""The system as a child process: killed, started again, and never left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.training.client import SystemAwayError
from worker.training.servers import PortTakenError, Server
from worker.training.system import SystemEndedError, SystemProcess
from worker.training.world import World, found_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "training"
    with World(home, found_world(home, None)) as opened:
        yield opened


@pytest.fixture
def system(world: World) -> Iterator[SystemProcess]:
    process = SystemProcess(world.plot.environment(world.home), world.home / "system.log")
    process.start()
    yield process
    process.stop()


def soon(happens: Callable[[], bool]) -> bool:
    give_up_at = time.monotonic() + 30
    while not happens():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def answers(world: World) -> bool:
    try:
        return world.client.readiness().backlog.keys() >= {"booking", "inbox", "outbox", "polling"}
    except SystemAwayError:
        return False


def test_it_answers_and_after_a_kill_it_is_away_until_it_is_started_again(world: World, system: SystemProcess) -> None:
    assert soon(lambda: answers(world))
    system.kill()
    assert not answers(world)
    system.start()
    assert soon(lambda: answers(world))
    assert not system.restart_if_ended()


def test_a_system_that_ends_by_itself_is_started_again_but_not_for_ever(world: World, tmp_path: Path) -> None:
    environment = world.plot.environment(world.home) | {"POSTAL_CONFIG": str(tmp_path / "missing.toml")}
    process = SystemProcess(environment, tmp_path / "system.log")
    process.start()
    for _ in range(2):
        assert soon(process.restart_if_ended)
    with pytest.raises(SystemEndedError, match=r"missing\.toml"):
        soon(process.restart_if_ended)


def test_it_ends_when_its_parents_pipe_closes(world: World, system: SystemProcess) -> None:
    assert soon(lambda: answers(world))
    assert system.process is not None
    assert system.process.stdin is not None
    system.process.stdin.close()
    assert system.process.wait(timeout=20) is not None


def test_a_port_that_somebody_else_holds_is_said_to_be_taken(world: World) -> None:
    with pytest.raises(PortTakenError, match=str(world.plot.operator_port)):
        Server(world.onestop.app, world.plot.operator_port).__enter__()
