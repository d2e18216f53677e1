"""What several web processes take in: ``python -m tests.benchmarks.web_processes --database URL --broker URL``.

The deliveries are those of ``postal bench intake``, over 64 connections; all the ways are up at once and take turns.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from config.database import Database
from worker import migrate
from worker.bench import intake, intake_deliveries
from worker.bench.figures import Setting, in_turns, own_database
from worker.training.servers import HOST, free_port

_PROCESSES = (1, 2, 3)
_LONGEST = 120.0


def measure(setting: Setting, n: int) -> dict[str, float]:
    """Return the deliveries a second by the number of processes, each the median of the rounds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url, key = stack.enter_context(own_database(setting.database))
        database = Database(url, key)
        stack.callback(database.dispose)
        migrate.upgrade(database)
        (folder / "postal.toml").write_text(intake_deliveries.configuration(), encoding="utf-8")
        environment = intake.environment_of(folder, url, key, setting.broker)
        stack.callback(intake.forget_queues, setting.broker, environment["POSTAL_QUEUE_PREFIX"])
        ports = {count: stack.enter_context(_web(count, environment)) for count in _PROCESSES}
        ways = {str(count): intake.Way(port, folder, random.Random(count)) for count, port in ports.items()}
        for way in ways.values():
            way.send(n)  # whatever each process does only once, is done now
        turns = {name: lambda _turn, way=way: way.a_second(n) for name, way in ways.items()}
        return {name: median(figures) for name, figures in in_turns(turns, setting.rounds).items()}


@contextmanager
def _web(processes: int, environment: Mapping[str, str]) -> Iterator[int]:
    """Serve the web interface by so many processes; yields its port when it answers."""
    port = free_port()
    command = [sys.executable, "-m", "worker.cli", "web", "--workers", str(processes)]
    own = {**environment, "POSTAL_PORT": str(port), "POSTAL_LOG_LEVEL": "WARNING"}
    with subprocess.Popen(command, env=own) as server:
        try:
            _wait_for(f"http://{HOST}:{port}/healthz")
            yield port
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    give_up_at = time.monotonic() + _LONGEST
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what one, two and three web processes take in.")
    parser.add_argument("--database", required=True)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n", type=int, default=8_000)
    given = parser.parse_args()
    print(json.dumps(measure(Setting(given.database, given.broker, rounds=given.rounds), given.n)))


if __name__ == "__main__":
    _main()
