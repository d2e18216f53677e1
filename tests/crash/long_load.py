"""How much memory web, workers and beats hold after a long load: ``python -m tests.crash.long_load --minutes 60``.

The scene of a storm in calm weather: dossiers come in, are carried through their lives and make room for the next ones,
while the resident memory of every process of the system is looked up in ``/proc``. Prints one JSON object: per process
the megabytes when it was ready, after each tenth of the time, and at the end; and how much it had done meanwhile.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from tests.crash.scene import Scene, opened_scene
from worker.training.driver import Pace

_SAMPLES = 10
_DOSSIERS_A_DAY = 12
_STORY_DAYS_A_MINUTE = 2
_OURS = ("web", "worker", "beat")


class TimeIsUpError(Exception):
    """The load has lasted as long as it was to."""


class Scales:
    """Weighs the system's processes at the beginning, after each tenth of ``seconds``, and at the end."""

    def __init__(self, scene: Scene, seconds: float, rest: float) -> None:
        self.weights: dict[str, list[float]] = {name: [] for name in scene.programs(*_OURS)}
        self._scene, self._seconds, self._rest = scene, seconds, rest
        self._began = time.monotonic()

    def look(self) -> None:
        """Weigh if it is time, and rest a little so that others may use the machine too.

        Raises:
            TimeIsUpError: that was the last time.
        """
        passed = time.monotonic() - self._began
        taken = len(next(iter(self.weights.values())))
        if passed >= taken * self._seconds / _SAMPLES:
            for name, weights in self.weights.items():
                weights.append(_resident_megabytes(self._scene.program(name).pid))
        if passed >= self._seconds:
            raise TimeIsUpError
        time.sleep(self._rest)


def weigh(minutes: float, rest: float, broker: str) -> dict[str, Any]:
    """Put the system under load for some minutes and weigh it."""
    days = max(2, round(minutes * _STORY_DAYS_A_MINUTE))
    with opened_scene(broker, days * _DOSSIERS_A_DAY, days, seed=1) as scene:
        scene.end_trouble_of_operators()
        scales = Scales(scene, minutes * 60, rest)
        try:
            scene.world.driver(scales.look, Pace(settle=10, answer=120, stalls=10**6)).run()
            played = "to the end of every story"
        except TimeIsUpError:
            played = "as long as was asked for"
        return {
            "minutes": minutes,
            "broker": broker,
            "played": played,
            "resident_megabytes": scales.weights,
            "dossiers": len(scene.world.book.begun()),
            "acts": scene.world.book.counts()[0],
            "requests": scene.world.client.counts["requests"],
            "callbacks": scene.world.onestop.deliveries.count("callbacks"),
            "webhooks": sum(scene.world.post.events_of_others().values()),
            "feed_lines": sum(scene.world.post.feed_lengths().values()),
        }


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(int(kilobytes) / 1024, 1)


def _main() -> None:
    parser = argparse.ArgumentParser(description="Weigh the system's processes under a long load.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rest", type=float, default=0.02, help="seconds between two looks; more is less load")
    parser.add_argument("--broker", choices=("rabbitmq", "redis"), default="rabbitmq")
    words = parser.parse_args()
    print(json.dumps(weigh(words.minutes, words.rest, words.broker), indent=1))


if __name__ == "__main__":
    _main()
