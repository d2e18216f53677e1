"""What is to be played, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from worker.simulation.faults import FaultKind, Injected
from worker.simulation.story import Story
from worker.simulation.world import Violation

OPERATORS = ("vnpost_ngsp", "myvnpost", "ems", "viettelpost", "jt")


@dataclass(frozen=True)
class Play:
    """What is to be played.

    Attributes:
        only: ids of the faults that strike; None lets the seed decide.
        cast: numbers of the dossiers that take part; empty: all.
        operators: whose accounts we have.
        impatient: stop at the first promise that is broken, and do not judge the end.
    """

    seed: int
    dossiers: int
    kinds: tuple[FaultKind, ...]
    only: frozenset[str] | None = None
    cast: frozenset[int] = frozenset()
    operators: tuple[str, ...] = OPERATORS
    impatient: bool = False

    def casts(self, code: str) -> bool:
        """Whether a dossier takes part."""
        return not self.cast or int(code.rpartition("-")[2]) in self.cast


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    play: Play
    virtual_days: float
    steps: int
    calls: int
    faults: dict[str, int]
    injected: tuple[Injected, ...]
    checks: int
    violations: tuple[Violation, ...]
    digest: str
    story: Story

    @property
    def good(self) -> bool:
        return not self.violations
