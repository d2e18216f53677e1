"""A storm: the whole system under load while everything around and in it is killed, cut and emptied, by seed.

``python -m tests.crash --seed N --seconds S`` plays one by hand.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.crash.evidence import hold_against
from tests.crash.scene import Scene, opened_scene
from tests.crash.staff import Staff
from tests.crash.weather import Weather
from worker.training.client import SystemAwayError
from worker.training.driver import Pace
from worker.training.findings import Findings, find_out
from worker.training.promises import Promise
from worker.training.summary import summarise

_SETTLE = 5.0
_GLANCE = 0.06
_AFTERMATH_STEPS = 12
_AFTERMATH_STEP = timedelta(hours=4)


@dataclass(frozen=True)
class Storm:
    """What is to be played.

    Attributes:
        seconds: how long it rages at most; it ends before when every story has come to its end.
        strikes: after how many strikes it is over.
        dossiers: the load.
        days: days of the story within which they are filed.
        pause: mean time between two strikes.
        longest: bound of everything together, in seconds.
    """

    seed: int
    seconds: float = 30.0
    strikes: int = sys.maxsize
    dossiers: int = 36
    days: int = 2
    pause: float = 0.7
    broker: str = "rabbitmq"
    longest: float = 600.0


@dataclass(frozen=True)
class Aftermath:
    """What came of a storm."""

    storm: Storm
    promises: list[Promise]
    counts: Mapping[str, Any]
    unfinished: Mapping[str, str]

    @property
    def violations(self) -> list[str]:
        """Each broken promise in words; a story without an end is one, because everything was given back."""
        broken = [f"{one.number}. {one.text}: {one.evidence}" for one in self.promises if not one.passed]
        return broken + [f"{code}: {what}" for code, what in self.unfinished.items()]

    @property
    def command(self) -> str:
        """What lets the same storm rage again."""
        bounds = {"strikes": sys.maxsize}
        words = (f"--{name} {value}" for name, value in vars(self.storm).items() if value != bounds.get(name))
        return f"python -m tests.crash {' '.join(words)}"


class OverdueError(Exception):
    """It does not come to an end."""


def rage(storm: Storm) -> Aftermath:
    """Play a storm and look at what is left."""
    began = time.monotonic()
    with opened_scene(storm.broker, storm.dossiers, storm.days, storm.seed) as scene:
        weather = Weather(scene, storm.seed, storm.seconds, storm.strikes, storm.pause)
        started = time.monotonic()
        weather.begin()
        staff = Staff(scene.world, scene.environment)
        unfinished = _play(scene, weather, staff, began + storm.longest)
        played = time.monotonic() - started
        weather.calm()
        promises, findings = _judge(scene, weather, began + storm.longest)
        counts = _counts(scene, weather, staff, findings, started - began, played, time.monotonic() - began)
    return Aftermath(storm, promises, counts, unfinished)


def _play(scene: Scene, weather: Weather, staff: Staff, until: float) -> dict[str, str]:
    def meanwhile() -> None:
        weather.look_after()
        staff.look()
        if time.monotonic() > until:
            raise OverdueError
        time.sleep(_GLANCE)  # who asks without a pause whether all is done keeps the machine from doing it

    try:
        # A stall is what a storm is about; that the system does not come back at all is not.
        pace = Pace(settle=_SETTLE, answer=60.0 + 4 * scene.boot_seconds, stalls=sys.maxsize)
        return scene.world.driver(meanwhile, pace).run()
    except OverdueError:
        return scene.world.stories.unfinished(scene.world.clock.now())


def _judge(scene: Scene, weather: Weather, until: float) -> tuple[list[Promise], Findings]:
    """Judge when all is quiet; what waits for its next attempt gets the time of the story to make it."""
    for _ in range(_AFTERMATH_STEPS):
        _settle(scene, weather)
        findings = find_out(scene.world, seconds=0)
        promises = [*summarise(findings, scene.world.calendar).promises, *hold_against(scene, findings)]
        if all(one.passed for one in promises) or time.monotonic() > until:
            break
        scene.world.clock.advance_to(scene.world.clock.now() + _AFTERMATH_STEP)
    return promises, findings


def _settle(scene: Scene, weather: Weather, patience: float = 20.0) -> None:
    """Wait until nobody has anything to do, seen three times: a doorbell may still be on its way."""
    until, quiet = time.monotonic() + patience, 0
    while quiet < 3 and time.monotonic() < until:
        weather.look_after()
        try:
            settled = scene.world.client.readiness().settled and not scene.world.post.telling()
        except SystemAwayError:
            settled = False
        quiet = quiet + 1 if settled else 0
        time.sleep(0.3)


def _counts(
    scene: Scene, weather: Weather, staff: Staff, findings: Findings, starting: float, played: float, total: float
) -> dict[str, Any]:
    received = [
        *scene.world.onestop.deliveries.received("callbacks"),
        *scene.world.onestop.deliveries.received("messages"),
    ]
    books = scene.world.post.books()
    orders = [order for orders in books.values() for order in orders.values()]
    return {
        "strikes": dict(sorted(weather.counts.items())),
        "ended by themselves and were started again": scene.keeper.came_back,
        "lines": {name: {"connections": line.carried, "cut": line.cut} for name, line in scene.lines.items()},
        "dossiers": len(findings.dossiers),
        "refused": [refusal.problem for refusal in findings.refused],
        "orders accepted": len(scene.world.client.promised),
        "orders at operators": sum(order["created"] for order in orders),
        "booking calls that reached an operator": sum(order["create_calls"] for order in orders),
        "orders that a person settled": staff.settled,
        "events of operators": sum(findings.fed.values()) + sum(findings.told.values()),
        "inbox": {source: sum(states.values()) for source, states in findings.inbox.items()},
        "callbacks and messages": len(received),
        "callbacks and messages that came again": sum(one.times - 1 for one in received),
        "requests": dict(scene.world.client.counts),
        "stalls": len(findings.stalls),
        "seconds": {
            "starting": round(starting, 1),
            "raging": round(weather.raged, 1),
            "playing": round(played, 1),
            "together": round(total, 1),
        },
    }


def report(aftermath: Aftermath) -> str:
    """Say everything in words for people."""
    lines = [f"Storm with seed {aftermath.storm.seed}: {aftermath.command}"]
    for name, value in aftermath.counts.items():
        lines.append(f"  {name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")
    lines += [
        f"  {'kept' if one.passed else 'BROKEN'} {one.number}. {one.text}: {one.evidence}" for one in aftermath.promises
    ]
    lines += [f"VIOLATION {violation}" for violation in aftermath.violations] or ["No violation."]
    return "\n".join(lines)
