"""Everything that a storm rages over: own servers, the system in five processes, the world outside, lines between."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from tests.crash.dossiers import write_dossiers
from tests.crash.far import FarWorld
from tests.crash.outside import ONESTOP, be_outside
from tests.crash.programs import Forked, Keeper, Program
from tests.support.line import Line
from tests.support.own_brokers import OwnRabbit, OwnRedis
from tests.support.own_postgres import OwnPostgres
from tests.support.own_servers import OwnServer, own_folder, quiet_port
from tests.support.town import run
from worker.lanes import Lane, queue_name
from worker.training.client import SystemAwayError
from worker.training.plot import Plot
from worker.training.servers import HOST
from worker.training.world import found_world

LINE_TO_US = "web"
_PREFIX = "storm"
_OPERATOR = "vnpost_ngsp"
_WORKERS, _BEATS = 2, 2
_PATIENCE = 600.0
_GLANCE = 0.1
_QUICK = {
    "POSTAL_SWEEP_SECONDS": "0.25",
    "POSTAL_CALL_TIMEOUT": "1.2",
    "POSTAL_LEASE_SECONDS": "2.6",
    "POSTAL_LOG_LEVEL": "WARNING",
}
LEASE_SECONDS = float(_QUICK["POSTAL_LEASE_SECONDS"])


@dataclass
class Scene:
    """What a storm can strike.

    Attributes:
        doors: the port behind each line.
        keeper: looks after every process, the servers included.
        environment: in which our processes run.
        boot_seconds: how long the system took until it was ready, from the start of its processes.
    """

    home: Path
    world: FarWorld
    database: OwnPostgres
    broker: OwnRabbit | OwnRedis
    lines: dict[str, Line]
    doors: dict[str, int]
    keeper: Keeper
    environment: Mapping[str, str]
    boot_seconds: float = 0.0

    @property
    def queues(self) -> list[str]:
        """The names of our queues at the broker."""
        return [queue_name(_PREFIX, lane) for lane in Lane]

    def programs(self, *kinds: str) -> list[str]:
        """Return the names of our processes of some kinds: ``web``, ``worker``, ``beat``."""
        return [name for name in self.keeper.programs if name.partition("-")[0] in kinds]

    @property
    def outsiders(self) -> list[str]:
        """The names of the processes outside the system: the operators and the one-stop."""
        return [name for name in self.lines if name != LINE_TO_US]

    def program(self, name: str) -> Program:
        """Return one of the processes that can be frozen."""
        program = self.keeper.programs[name]
        assert isinstance(program, Program)
        return program

    def end_trouble_of_operators(self) -> None:
        """Let the operators make no trouble of their own any more; whoever is dead makes none."""
        with httpx.Client(verify=False, timeout=2) as director:
            for name in self.outsiders:
                if name != ONESTOP:
                    director.post(f"http://{HOST}:{self.doors[name]}/_control/faults", json=[]).raise_for_status()


@contextmanager
def opened_scene(broker: str, dossiers: int, days: int, seed: int) -> Iterator[Scene]:
    """Start everything and wait until it works.

    Args:
        broker: ``rabbitmq`` or ``redis``.
        dossiers: how many are filed, within how many ``days`` of the story.
    """
    with own_folder("storm") as folder, ExitStack() as closing:
        database, queue = _servers(folder, broker, closing)
        plot = _found(folder / "home", dossiers, days, seed)
        doors = {name: quiet_port() for name in (LINE_TO_US, *_outsiders(plot))}
        lines = {name: closing.enter_context(Line(_front(plot, name), door)) for name, door in doors.items()}
        environment = _environment(plot, folder / "home", database, queue, doors[LINE_TO_US])
        programs = _programs(folder, environment, plot, doors, seed)
        for name in _outsiders(plot):
            programs[name].start()
        database.wait_until_it_answers()
        upgraded = run(["db", "upgrade"], environment, timeout=_PATIENCE)
        assert upgraded.returncode == 0, upgraded.stderr
        queue.wait_until_it_answers()
        closing.callback(lambda: [program.stop() for program in programs.values()])
        booted = time.monotonic()
        for name in programs.keys() - set(_outsiders(plot)):
            programs[name].start()
        world = closing.enter_context(FarWorld(folder / "home", plot))
        keeper = Keeper({**programs, "database": database, "broker": queue})
        scene = Scene(folder / "home", world, database, queue, lines, doors, keeper, environment)
        _wait_until_ready(scene)
        scene.boot_seconds = time.monotonic() - booted
        yield scene


def _servers(folder: Path, broker: str, closing: ExitStack) -> tuple[OwnPostgres, OwnRabbit | OwnRedis]:
    rooms = [folder / "database", folder / "broker"]
    for room in rooms:
        room.mkdir()
    queue = OwnRabbit(rooms[1]) if broker == "rabbitmq" else OwnRedis(rooms[1])
    closing.callback(queue.stop_for_good)
    queue.start()
    database = OwnPostgres(rooms[0])
    closing.callback(database.stop_for_good)
    database.start()
    return database, queue


def _found(home: Path, dossiers: int, days: int, seed: int) -> Plot:
    """Lay out the world, at addresses that stay ours while nobody listens there."""
    file = home.with_name("dossiers.json")
    write_dossiers(file, dossiers, seed, days)
    plot = found_world(home, file)
    ports = ("system_port", "operator_port", "onestop_port")
    moved = {name: quiet_port() for name in ports} | {"other_ports": {name: quiet_port() for name in plot.other_ports}}
    plot = plot.model_copy(update=moved)
    plot.write(home)
    plot.write_configuration(home)
    return plot


def _outsiders(plot: Plot) -> list[str]:
    return [_OPERATOR, *plot.other_ports, ONESTOP]


def _front(plot: Plot, name: str) -> int:
    own = {LINE_TO_US: plot.system_port, _OPERATOR: plot.operator_port, ONESTOP: plot.onestop_port}
    return {**plot.other_ports, **own}[name]


def _environment(plot: Plot, home: Path, database: OwnServer, broker: OwnServer, port: int) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("POSTAL_")}
    shared = {
        "POSTAL_DATABASE_URL": database.url,
        "POSTAL_BROKER_URL": broker.url,
        "POSTAL_DATA_KEY": Fernet.generate_key().decode(),
        "POSTAL_QUEUE_PREFIX": _PREFIX,
        "POSTAL_PORT": str(port),
    }
    return {**own, **plot.environment(home), **_QUICK, **shared}


def _programs(
    folder: Path, environment: Mapping[str, str], plot: Plot, doors: Mapping[str, int], seed: int
) -> dict[str, Program | Forked]:
    inside = {
        "web": ("web",),
        **{f"worker-{number}": ("worker", "--threads", "4") for number in range(_WORKERS)},
        **{f"beat-{number}": ("beat",) for number in range(_BEATS)},
    }
    simulators = [f"carriers.{name}.simulator" for name in (_OPERATOR, *plot.other_ports)]
    Forked.preload("tests.crash.programs", "tests.crash.outside", "uvicorn.protocols.http.auto", *simulators)
    outside = {
        name: Forked(be_outside, (folder / "home", name, doors[name], seed), folder / f"{name}.log")
        for name in _outsiders(plot)
    }
    return {
        **{
            name: Program(("worker.cli", *words), environment, folder / f"{name}.log") for name, words in inside.items()
        },
        **outside,
    }


def _wait_until_ready(scene: Scene) -> None:
    give_up_at = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up_at:
        scene.keeper.look()
        with suppress(SystemAwayError):
            scene.world.client.readiness()
            return
        time.sleep(_GLANCE)
    raise AssertionError(f"the system is not ready after {_PATIENCE:g} s")
