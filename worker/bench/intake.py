"""The bench of intake: signed deliveries over HTTP, each in the database before it is answered as taken."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from kombu.connection import Connection
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from config.database import Database
from tracking.inbox import InboxDelivery
from worker import migrate
from worker.bench import intake_deliveries
from worker.bench.figures import Figures, Setting, in_turns, middle_ratio, own_database
from worker.lanes import Lane

_N = 6_000
_CONNECTIONS = 64
_NAIVE_SHARE = 15
"""A round of the naive way is so many times shorter, or it would take most of the bench's time."""
_SHARE_OF_MOST = 3
_PACED_SECONDS = 5
_OVER_NAIVE, _OVER_CEILING, _P99_MS = 15.0, 0.40, 50.0


class BenchBroken(Exception):  # noqa: N818 - the name says what is wrong
    """An answer was missing, or what was answered as taken is not in the database: no figure would mean anything."""


@dataclass
class Way:
    """A served way; ``taken`` counts what it has answered as taken."""

    port: int
    folder: Path
    chance: random.Random
    taken: int = 0

    def send(self, count: int, rate: float | None = None) -> Any:
        """Let so many new deliveries be sent; returns the sender's result."""
        requests = intake_deliveries.requests(count, self.chance)
        file = intake_deliveries.write(self.folder / f"{self.port}.requests", requests)
        job = {"port": self.port, "requests": file, "connections": _CONNECTIONS, "rate": rate}
        sender = [sys.executable, "-m", "worker.bench.intake_load"]
        done = subprocess.run(sender, input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True)
        result = json.loads(done.stdout)
        if result["statuses"] != {"200": count}:
            raise BenchBroken(f"not every delivery was taken: {result['statuses']}")
        self.taken += count
        return result

    def a_second(self, count: int) -> float:
        """Return how many deliveries a second are taken over all connections."""
        return count / float(self.send(count)["seconds"])


def run(setting: Setting) -> Figures:
    """Measure ours, the naive way and the ceiling in turns, then how quickly we answer at a third of our most.

    Raises:
        BenchBroken: something was answered as taken and is not there.
    """
    n = setting.n or _N
    with _served(setting) as ways:
        counts = {"ours": n, "naive": max(_CONNECTIONS, n // _NAIVE_SHARE), "ceiling": 2 * n}
        for name, way in ways.items():
            way.send(counts[name] // 4 + _CONNECTIONS)  # whatever is done only once, is done now
        turns: dict[str, Callable[[int], float]] = {
            name: lambda _turn, name=name: ways[name].a_second(counts[name])  # type: ignore[misc]
            for name in ways
        }
        measured = in_turns(turns, setting.rounds)
        rate = median(measured["ours"]) / _SHARE_OF_MOST
        times = ways["ours"].send(max(_CONNECTIONS, int(rate * _PACED_SECONDS)), rate)["times"]
    return _figures(setting, n, measured, {"rate": rate, "p50_ms": _ms(times, 0.50), "p99_ms": _ms(times, 0.99)})


def _figures(setting: Setting, n: int, measured: Mapping[str, list[float]], more: Mapping[str, float]) -> Figures:
    over_naive = middle_ratio(measured["ours"], measured["naive"])
    over_ceiling = middle_ratio(measured["ours"], measured["ceiling"])
    return Figures(
        name="intake",
        unit="deliveries a second",
        n=n,
        rounds=setting.rounds,
        ours=median(measured["ours"]),
        naive=median(measured["naive"]),
        ceiling=median(measured["ceiling"]),
        ours_over_naive=over_naive,
        ours_over_ceiling=over_ceiling,
        database=setting.database_name,
        broker=setting.broker_name,
        goals={
            f"ours_over_naive >= {_OVER_NAIVE:g}": over_naive >= _OVER_NAIVE,
            f"ours_over_ceiling >= {_OVER_CEILING:g}": over_ceiling >= _OVER_CEILING,
            f"p99_ms < {_P99_MS:g}": more["p99_ms"] < _P99_MS,
        },
        more=more,
    )


def _ms(times: list[float], share: float) -> float:
    return 1000 * times[min(len(times) - 1, int(len(times) * share))]


@contextmanager
def _served(setting: Setting) -> Iterator[dict[str, Way]]:
    """Serve every way on a database of the bench's own; afterwards look whether all that was taken is there."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url, key = stack.enter_context(own_database(_with_driver(setting.database)))
        database = Database(url, key)
        stack.callback(database.dispose)
        migrate.upgrade(database)
        (folder / "postal.toml").write_text(intake_deliveries.configuration(), encoding="utf-8")
        environment = environment_of(folder, url, key, setting.broker)
        stack.callback(forget_queues, setting.broker, environment["POSTAL_QUEUE_PREFIX"])
        chance = random.Random(setting.seed)
        # All at once: most of a server's start is to read its modules.
        servers = {name: stack.enter_context(_server(name, environment)) for name in ("ours", "naive", "ceiling")}
        ways = {name: Way(_port(name, server), folder, chance) for name, server in servers.items()}
        yield ways
        _check(database, ways["ours"].taken)


def _check(database: Database, taken: int) -> None:
    with database.read() as session:
        kept = session.scalar(select(func.count()).select_from(InboxDelivery)) or 0
    if kept != taken:
        raise BenchBroken(f"{taken} deliveries were answered as taken, {kept} are kept")


@contextmanager
def _server(way: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run the server of a way, which ends when its standard input is closed."""
    command = [sys.executable, "-m", "worker.bench.intake_server", way]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=dict(environment), stdin=pipe, stdout=pipe, text=True) as server:
        yield server


def _port(way: str, server: subprocess.Popen[str]) -> int:
    line = server.stdout.readline() if server.stdout else ""
    if not line:
        raise BenchBroken(f"the server of '{way}' did not start; what it said is above")
    return int(line)


def environment_of(folder: Path, url: str, key: str, broker: str) -> dict[str, str]:
    """Return the environment of a system that lives in ``folder``, and knows the account that is told."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("POSTAL_")}
    return inherited | {
        "POSTAL_HOME": str(folder),
        "POSTAL_CONFIG": str(folder / "postal.toml"),
        "POSTAL_DATABASE_URL": url,
        "POSTAL_DATA_KEY": key,
        "POSTAL_BROKER_URL": broker,
        "POSTAL_QUEUE_PREFIX": folder.name.lower().replace("_", "-"),
    }


def _with_driver(url: str) -> str:
    """Return the URL with the driver that we use, whatever was given."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False) if url else ""


def forget_queues(broker: str, prefix: str) -> None:
    """Take the bench's own queues away from a broker that others use."""
    if not broker:
        return
    with Connection(broker) as connection:
        channel = connection.default_channel
        for queue in ("naive", *Lane):
            channel.queue_delete(f"{prefix}.{queue}")
