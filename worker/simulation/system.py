"""The system under test: a web process and two workers on one database, driven by doorbells and sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from dispatch.problems import Problem
from worker.lanes import Lane
from worker.runtime import Runtime
from worker.simulation.boundaries import Boundaries
from worker.simulation.chance import Chance
from worker.simulation.jobs import HOUSEKEEPING, WORK, Work
from worker.simulation.processes import Killed, Process
from worker.simulation.story import Story

T = TypeVar("T")

_ROUNDS = 200


class AwayError(Exception):
    """The system gave no answer, or said that it cannot now: whoever asked does not know what became of it."""


@dataclass
class System:
    """Web and workers.

    Attributes:
        violated: told of what no fault explains.
    """

    web: Process
    workers: tuple[Process, ...]
    around: Boundaries
    chance: Chance
    story: Story
    violated: Callable[[int, str], None]
    jobs_run: int = 0
    _nested: bool = False
    _turns: int = 0

    def ask(self, what: str, act: Callable[[Runtime], T]) -> T:
        """Let the web process answer a request.

        Raises:
            AwayError: it died, or its database was lost.
            Problem: it said no.
        """
        self.web.job = what
        try:
            return act(self.web.runtime)
        except Killed as death:
            self._bury(self.web)
            raise AwayError(what) from death
        except DBAPIError as error:
            raise AwayError(what) from error
        except Problem:
            raise
        except Exception as error:
            self.violated(8, f"'{what}' breaks something: {type(error).__name__}: {error}")
            raise AwayError(what) from error

    def answer_rings(self) -> None:
        """Let the workers do what doorbells have told them of, until none rings any more."""
        for _ in range(_ROUNDS):
            lane = next(iter(self.around.rings), None)
            if lane is None:
                return
            del self.around.rings[lane]
            self._run(self._somebody(), WORK[Lane(lane)])
        self.violated(7, f"the workers ring each other without end: {', '.join(self.around.rings)}")

    def sweep(self, lanes: Iterable[Lane] = WORK) -> None:
        """Do what the beat asks for, in the lanes that have rows to look at: a sweep of the others finds nothing."""
        worker = self._somebody()
        for lane in lanes:
            self._run(worker, WORK[lane])
        self.answer_rings()

    def keep_house(self) -> None:
        """Do the rarer jobs of the beat."""
        for job in HOUSEKEEPING:
            self._run(self._somebody(), job)
        self.answer_rings()

    def meanwhile(self, busy: Process) -> None:
        """Let another worker look for work while one is in the middle of something."""
        if self._nested:
            return
        self._nested = True
        try:
            other = next(worker for worker in self.workers if worker is not busy)
            for job in WORK.values():
                self._run(other, job)
        finally:
            self._nested = False

    def _somebody(self) -> Process:
        self._turns += 1
        return self.workers[int(self.chance.share("turn", self._turns) * len(self.workers))]

    def _run(self, worker: Process, job: Work) -> None:
        worker.job = job.name
        self.jobs_run += 1
        try:
            done = job.run(worker.runtime)
        except Killed:
            self._bury(worker)
        except DBAPIError as error:
            self.story.tell(f"{worker.name}: {job.name} ends with {type(error.orig).__name__}")
        except Exception as error:  # noqa: BLE001 - whatever it is, no fault explains it
            self.violated(8, f"{job.name} breaks: {type(error).__name__}: {error}")
            worker.restart()
        else:
            for lane in job.then if done else ():
                self.around.ring(lane)

    def _bury(self, process: Process) -> None:
        self.story.tell(f"{process.name} died in the middle of {process.job}, and starts again")
        process.restart()
