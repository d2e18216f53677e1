"""A failing story made short: fewer dossiers, fewer kinds of trouble, fewer faults, as long as it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from worker.simulation.plays import Outcome, Play

Playing = Callable[[Play], Outcome]

_MOST_RUNS = 80


class Shrinker:
    """Plays a failing story again and again with less in it; what breaks another promise is another story."""

    def __init__(self, play: Playing, failed: Outcome) -> None:
        self._play = play
        self._promise = failed.violations[0].promise
        self._best = failed
        self._runs = 0

    def shortest(self) -> Outcome:
        """Return the shortest story that could be found within a number of runs; it may be the one that was given."""
        if not self._keeps_failing(self._with_faults(fault.id for fault in self._best.injected)):
            return self._best  # something beside the faults is left to chance: it is told as it is
        self._drop_kinds()
        self._drop_dossiers()
        self._drop_faults()
        return self._best

    def _drop_kinds(self) -> None:
        for kind in sorted({fault.kind for fault in self._best.injected}):
            self._keeps_failing(self._with_faults(one.id for one in self._best.injected if one.kind is not kind))

    def _drop_dossiers(self) -> None:
        cast = self._best.play.cast or frozenset(range(1, self._best.play.dossiers + 1))
        for number in sorted(cast):
            rest = (self._best.play.cast or cast) - {number}
            if rest:
                self._keeps_failing(replace(self._best.play, cast=rest))

    def _drop_faults(self) -> None:
        """Leave out ever smaller parts of the faults, at last each alone."""
        size = len(self._best.injected) // 2
        while size:
            start = 0
            while start < len(self._best.injected):
                kept = [one.id for place, one in enumerate(self._best.injected) if not start <= place < start + size]
                if not self._keeps_failing(self._with_faults(kept)):
                    start += size
            size //= 2

    def _with_faults(self, ids: Iterable[str]) -> Play:
        return replace(self._best.play, only=frozenset(ids))

    def _keeps_failing(self, shorter: Play) -> bool:
        if self._runs >= _MOST_RUNS:
            return False
        self._runs += 1
        outcome = self._play(shorter)
        if not any(violation.promise == self._promise for violation in outcome.violations):
            return False
        self._best = outcome
        return True
