"""Everything that exists in one run, for whoever acts in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from dispatch.onestop.simulator import OneStopSimulator
from dispatch.problems import Problem
from worker.runtime import Runtime
from worker.simulation.agenda import Agenda
from worker.simulation.chance import Chance
from worker.simulation.clock import VirtualClock
from worker.simulation.faults import Faults
from worker.simulation.post import Post
from worker.simulation.story import BROKEN, Story
from worker.simulation.system import AwayError, System
from worker.simulation.truth import Truth
from worker.training.view import Hours

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise of the design (section 6) that was broken."""

    promise: int
    at: datetime
    what: str


@dataclass
class Verdict:
    """What the oracle has seen: how many things it looked at, and which were wrong."""

    now: Callable[[], datetime]
    story: Story
    checks: int = 0
    violations: list[Violation] = field(default_factory=list)

    def violated(self, promise: int, what: str) -> None:
        """Note a broken promise."""
        if any((one.promise, one.what) == (promise, what) for one in self.violations):
            return
        self.violations.append(Violation(promise, self.now(), what))
        self.story.tell(f"{BROKEN} of promise {promise}: {what}")

    def holds(self, promise: int, right: bool, what: str) -> None:
        """Look at one thing."""
        self.checks += 1
        if not right:
            self.violated(promise, what)


@dataclass
class World:
    """The world around the system, and the system in it."""

    clock: VirtualClock
    chance: Chance
    faults: Faults
    story: Story
    agenda: Agenda
    system: System
    post: Post
    onestop: OneStopSimulator
    truth: Truth
    hours: Hours
    verdict: Verdict

    def now(self) -> datetime:
        return self.clock.now()

    def minute(self) -> datetime:
        """Return the present as people write it down: to the minute."""
        return self.now().replace(second=0, microsecond=0)

    def insist(
        self,
        what: str,
        act: Callable[[Runtime], T],
        then: Callable[[T], None] = lambda _answer: None,
        refused: Callable[[Problem], None] | None = None,
    ) -> None:
        """Ask the system for something until it answers, as people and one-stop systems do.

        Args:
            then: what follows from a yes.
            refused: what follows from a no; None: there is no reason for one, so it is a violation.
        """
        try:
            answer = self.system.ask(what, act)
        except AwayError:
            minutes = self.chance.between(3, 60, "again", what, self.now())
            self.story.tell(f"no answer to: {what}")
            self.agenda.add(self.now() + timedelta(minutes=minutes), lambda: self.insist(what, act, then, refused))
        except Problem as problem:
            self.story.tell(f"{what}: refused, {problem.detail}")
            if refused is None:
                self.verdict.violated(1, f"'{what}' is refused for no reason: {problem.detail}")
            else:
                refused(problem)
        else:
            self.story.tell(what)
            then(answer)

    def later(self, act: Callable[[], None], *, hours: float = 0.0, minutes: float = 0.0) -> None:
        """Plan something for a while from now."""
        self.agenda.add(self.now() + timedelta(hours=hours, minutes=minutes), act)
