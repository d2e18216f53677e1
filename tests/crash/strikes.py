"""What can strike in a storm. Each strike says whether it hit; what it takes away, it lets come back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from tests.crash.outside import ONESTOP
from tests.crash.scene import LEASE_SECONDS, LINE_TO_US, Scene
from tests.support.line import Mood

_MOODS = (Mood.REFUSE, Mood.SILENT, Mood.CUT_ANSWER, Mood.CUT_ANSWER, Mood.TRICKLE)
_BUSY_LINES = (LINE_TO_US, ONESTOP, "vnpost_ngsp")
_SERVERS = ("broker", "database")


class Sky(Protocol):
    """What a strike needs of the storm: its counts, and how things come back."""

    counts: Counter[str]

    def is_struck(self, what: str) -> bool:
        """Whether something is away already."""

    def later(self, seconds: float, what: str, back: Callable[[], None]) -> None:
        """Let something come back after some seconds."""

    def bring_back(self, name: str) -> None:
        """Start a process again."""


class Strikes:
    """Every kind of strike; whom it hits and for how long is drawn from ``chance``."""

    def __init__(self, scene: Scene, chance: random.Random, weather: Sky) -> None:
        self._scene, self._chance, self._weather = scene, chance, weather

    def deck(self) -> list[Callable[[], bool]]:
        """Return each strike as often as it is to happen in one round."""
        return [
            *[self._kill_web] * 2,
            *[self._kill_worker] * 3,
            self._kill_beat,
            *[self._kill_operator] * 2,
            self._kill_onestop,
            *[self._freeze_worker] * 2,
            *[self._take_server_away] * 4,
            *[self._empty_broker] * 2,
            self._kill_connection_of_database,
            *[self._disturb_line] * 8,
        ]

    def _kill_web(self) -> bool:
        return self._kill("web", *self._scene.programs("web"))

    def _kill_worker(self) -> bool:
        return self._kill("worker", *self._scene.programs("worker"))

    def _kill_beat(self) -> bool:
        return self._kill("beat", *self._scene.programs("beat"))

    def _kill_operator(self) -> bool:
        return self._kill("operator", *(name for name in self._scene.outsiders if name != ONESTOP))

    def _kill_onestop(self) -> bool:
        return self._kill("one-stop", ONESTOP)

    def _kill(self, kind: str, *names: str) -> bool:
        name, pause = self._chance.choice(names), self._chance.uniform(0.1, 2.0)
        if self._weather.is_struck(name):
            return False
        self._weather.counts[f"kill -9: {kind}"] += 1
        self._scene.keeper.take_away(name)
        self._weather.later(pause, name, lambda: self._weather.bring_back(name))
        return True

    def _freeze_worker(self) -> bool:
        """Beyond its lease: when it goes on, its rows belong to somebody else."""
        name, pause = self._chance.choice(self._scene.programs("worker")), self._chance.uniform(1.1, 2.0)
        if self._weather.is_struck(name):
            return False
        self._weather.counts["stopped beyond the lease: worker"] += 1
        program = self._scene.program(name)
        program.freeze()
        self._weather.later(pause * LEASE_SECONDS, name, program.thaw)
        return True

    def _take_server_away(self) -> bool:
        name, gently, pause = self._chance.choice(_SERVERS), self._chance.random() < 0.5, self._chance.uniform(0, 2.0)
        if self._weather.is_struck(name):
            return False
        self._weather.counts[f"{'restarted' if gently else 'kill -9'}: {name}"] += 1
        if gently:
            self._scene.keeper.send_away(name)
        else:
            self._scene.keeper.take_away(name)
        self._weather.later(pause, name, lambda: self._weather.bring_back(name))
        return True

    def _empty_broker(self) -> bool:
        if self._weather.is_struck("broker") or not self._scene.broker.empty(self._scene.queues):
            return False
        self._weather.counts["emptied: broker"] += 1
        return True

    def _kill_connection_of_database(self) -> bool:
        if self._weather.is_struck("database") or not self._scene.database.kill_a_connection():
            return False
        self._weather.counts["kill -9: a database connection"] += 1
        return True

    def _disturb_line(self) -> bool:
        name = self._chance.choice([*self._scene.lines, *_BUSY_LINES * 2])
        mood, pause = self._chance.choice(_MOODS), self._chance.uniform(0.5, 4.0)
        line = self._scene.lines[name]
        what = f"line to {name}"
        if self._weather.is_struck(what):
            return False
        self._weather.counts[f"line {mood.value}"] += 1
        line.become(mood)
        self._weather.later(pause, what, lambda: line.become(Mood.PASS))
        return True
