"""How long `postal up` takes from its start to its first answer: ``python -m tests.benchmarks.first_answer``.

Prints one JSON object: every run in seconds, their median, and the processor time of the whole process until then,
which says what it would be on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from worker.training.servers import HOST, free_port

_LONGEST = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")


def first_answer(home: Path) -> tuple[float, float]:
    """Start the system in ``home``, wait until ``/healthz`` says 200, end it; returns wall and processor seconds."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("POSTAL_")}
    environment = {**own, "POSTAL_HOME": str(home), "POSTAL_PORT": str(port), "POSTAL_LOG_LEVEL": "WARNING"}
    with httpx.Client(base_url=f"http://{HOST}:{port}", verify=False, timeout=2) as caller:
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "worker.cli", "up", "--bare"], env=environment, stdout=subprocess.DEVNULL
        ) as process:
            try:
                while not _answers(caller) and time.monotonic() - began < _LONGEST:
                    time.sleep(0.005)
                return time.monotonic() - began, _processor_seconds(process.pid)
            finally:
                process.terminate()


def _answers(caller: httpx.Client) -> bool:
    try:
        return caller.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _main() -> None:
    parser = argparse.ArgumentParser(description="Time the first answer of `postal up`.")
    parser.add_argument("--runs", type=int, default=7)
    found: dict[str, list[float]] = {}
    for _ in range(parser.parse_args().runs):
        with tempfile.TemporaryDirectory() as folder:
            for what in ("new_home", "again"):
                wall, processor = first_answer(Path(folder))
                found.setdefault(f"{what}_seconds", []).append(round(wall, 2))
                found.setdefault(f"{what}_processor_seconds", []).append(round(processor, 2))
    print(
        json.dumps({name: {"median": statistics.median(runs), "runs": runs} for name, runs in found.items()}, indent=1)
    )


if __name__ == "__main__":
    _main()
