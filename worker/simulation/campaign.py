"""Many seeds in several processes, and what came of all of them together."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from worker.simulation.faults import FaultKind
from worker.simulation.grounds import ground
from worker.simulation.plays import Outcome, Play
from worker.simulation.run import play
from worker.simulation.shrinking import Shrinker

_AT_ONCE = 25
"""Seeds that share ground."""


@dataclass(frozen=True)
class Summary:
    """One seed in a row of many."""

    seed: int
    checks: int
    virtual_days: float
    faults: dict[str, int]
    digest: str
    violations: tuple[str, ...]


@dataclass
class Campaign:
    """All seeds together."""

    seeds: int = 0
    seconds: float = 0.0
    checks: int = 0
    virtual_days: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    failed: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, one: Summary) -> None:
        """Take one seed in."""
        self.seeds += 1
        self.checks += one.checks
        self.virtual_days += one.virtual_days
        self.faults.update(one.faults)
        if one.violations:
            self.failed[one.seed] = one.violations


@dataclass(frozen=True)
class Order:
    """What is to be played with every seed."""

    dossiers: int
    kinds: tuple[FaultKind, ...]
    database: str = ""


def play_one(wanted: Play, database: str, *, shrink: bool) -> Outcome:
    """Play one seed; where it fails, return the shortest story of it."""
    with quiet(), ground(database) as floor:
        outcome = play(wanted, floor)
        if outcome.good or not shrink:
            return outcome
        return Shrinker(lambda shorter: play(shorter, floor), outcome).shortest()


def play_many(order: Order, seeds: Sequence[int], processes: int) -> Iterator[Summary]:
    """Play seeds, each process on ground of its own; yields them as they are done, in order."""
    parts = [list(seeds[start : start + _AT_ONCE]) for start in range(0, len(seeds), _AT_ONCE)]
    if processes <= 1:
        for part in parts:
            yield from _played(order, part)
        return
    with ProcessPoolExecutor(processes) as pool:
        for done in pool.map(_play_part, [order] * len(parts), parts):
            yield from done


def run_campaign(order: Order, seeds: Sequence[int], processes: int) -> Campaign:
    """Play seeds and add them up."""
    campaign, began = Campaign(), time.monotonic()
    for summary in play_many(order, seeds, processes):
        campaign.add(summary)
    campaign.seconds = time.monotonic() - began
    return campaign


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the system's own log to itself: hundreds of faults would fill it, and the story tells of each."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


def _play_part(order: Order, seeds: list[int]) -> list[Summary]:
    return list(_played(order, seeds))


def _played(order: Order, seeds: list[int]) -> Iterator[Summary]:
    with quiet(), ground(order.database) as floor:
        for seed in seeds:
            yield _summary(play(Play(seed, order.dossiers, order.kinds), floor))


def _summary(outcome: Outcome) -> Summary:
    broken = tuple(f"promise {one.promise}: {one.what}" for one in outcome.violations)
    return Summary(outcome.play.seed, outcome.checks, outcome.virtual_days, outcome.faults, outcome.digest, broken)
