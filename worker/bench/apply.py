"""``postal bench apply``: from accepted deliveries to journeys, due dates and callbacks, all committed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog

from config.errors import ConfigurationError
from tracking import apply
from worker.bench.apply_naive import Rival, opened_rival
from worker.bench.apply_outcome import Ceiling, outcome
from worker.bench.apply_world import World, opened_world
from worker.bench.figures import Figures, Setting, in_turns, middle_ratio

_SHIPMENTS = 300
_COMPARED = 40
_WANTED = 20


def run(setting: Setting) -> Figures:
    """Let both ways and the ceiling apply the same stories in turns, each on dossiers of its own.

    Raises:
        ConfigurationError: the two ways do not come to the same; the figures would mean nothing.
    """
    shipments = setting.n or _SHIPMENTS
    with (
        _quiet(),
        TemporaryDirectory() as folder,
        opened_world(setting, Path(folder)) as world,
        opened_rival(world, setting.broker) as rival,
    ):
        contest = _Contest(world, rival, shipments)
        contest.warm_up()
        ways = {"ours": contest.ours, "naive": contest.naive, "ceiling": contest.ceiling}
        measured = in_turns(ways, setting.rounds)
        return _figures(setting, contest.events, measured)


@contextmanager
def _quiet() -> Iterator[None]:
    """Only the figures go to a machine; a line for each event, which only ours writes, is for operations."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(**usual)


class _Contest:
    def __init__(self, world: World, rival: Rival, shipments: int) -> None:
        self._world, self._rival, self._shipments = world, rival, shipments
        self._copies = Ceiling(world, "W-ours")
        self.events = 0

    def warm_up(self) -> None:
        """Let both apply the same, one event after another, and compare what they come to; then once all that we do."""
        for name in ("V-ours", "V-naive"):
            self._world.add(name, min(self._shipments, _COMPARED))
        for delivery_id in self._world.delivery_ids("V-naive"):
            self._rival.apply_all([delivery_id])  # at once, two events of one item could overtake each other
        self._ours("W-ours")
        ours, theirs = outcome(self._world, "V-ours"), outcome(self._world, "V-naive")
        different = [what for what in ours if ours[what] != theirs[what]]
        if different:
            raise ConfigurationError(f"the two ways come to different {', '.join(different)}; mend the bench first")

    def ours(self, turn: int) -> float:
        return self._ours(f"O-{turn}")

    def naive(self, turn: int) -> float:
        return self._naive(f"N-{turn}")

    def ceiling(self, turn: int) -> float:
        self.events = self._world.add(f"C-{turn:03}", self._shipments)
        return self._timed(self._copies.rows_for(f"C-{turn:03}"))

    def _ours(self, name: str) -> float:
        self.events = self._world.add(name, self._shipments)
        return self._timed(lambda: apply.drain(self._world.context, self._world.office))

    def _naive(self, name: str) -> float:
        self.events = self._world.add(name, self._shipments)
        ids = self._world.delivery_ids(name)
        return self._timed(lambda: self._rival.apply_all(ids))

    def _timed(self, work: Callable[[], object]) -> float:
        started = perf_counter()
        work()
        return self.events / (perf_counter() - started)


def _figures(setting: Setting, events: int, measured: dict[str, list[float]]) -> Figures:
    over_naive = middle_ratio(measured["ours"], measured["naive"])
    return Figures(
        name="apply",
        unit="events a second",
        n=events,
        rounds=setting.rounds,
        ours=round(median(measured["ours"]), 1),
        naive=round(median(measured["naive"]), 1),
        ceiling=round(median(measured["ceiling"]), 1),
        ours_over_naive=round(over_naive, 2),
        ours_over_ceiling=round(middle_ratio(measured["ours"], measured["ceiling"]), 3),
        database=setting.database_name,
        broker=setting.broker_name,
        goals={f"ours_over_naive >= {_WANTED}": over_naive >= _WANTED},
    )
