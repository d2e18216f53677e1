"""Moves time forward: as fast as the system keeps up, never faster.

The clock goes to the next thing that somebody does, or four hours on when nobody does anything sooner; nights and days
off are passed over when nothing happens in them. Before every step the system must have nothing left to do, so that a
slow machine makes a run longer and changes nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from config.clock import DrivenClock
from worker.training.book import WorldBook
from worker.training.clerk import Clerk
from worker.training.client import Client, SystemAwayError
from worker.training.performing import Performer
from worker.training.post_office import PostOffice
from worker.training.stories import Stories

_LONGEST_STEP = timedelta(hours=4)
_QUIET = timedelta(days=21)
_GLANCE = 0.015

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How patient the driver is, in real seconds.

    Attributes:
        settle: longest wait for the system to finish its work; then this is noted and time goes on.
        answer: longest wait for a system that does not answer at all; then the run ends.
        stalls: how many waits in vain end the run.
    """

    settle: float = 20.0
    answer: float = 30.0
    stalls: int = 3


class SystemGoneError(Exception):
    """The system has not answered for so long that the run cannot go on."""


class Driver:
    """Plays the world until every story has ended, or until nothing happens any more.

    Args:
        meanwhile: called again and again while waiting; shows progress, and may kill and restart the system.
    """

    def __init__(
        self,
        clock: DrivenClock,
        client: Client,
        book: WorldBook,
        stories: Stories,
        performer: Performer,
        clerk: Clerk,
        post: PostOffice,
        meanwhile: Callable[[], None] = lambda: None,
        pace: Pace | None = None,
    ) -> None:
        self._clock, self._client, self._book = clock, client, book
        self._stories, self._performer, self._clerk = stories, performer, clerk
        self._post, self._meanwhile = post, meanwhile
        self._pace = pace or Pace()

    def run(self) -> dict[str, str]:
        """Play to the end; returns the dossiers whose story did not end, with what is missing (empty when all did).

        Raises:
            SystemGoneError: the system does not answer any more.
        """
        quiet_since = self._clock.now()
        while True:
            if self._settle():
                quiet_since = self._clock.now()
            next_due = self._book.next_due()
            if next_due is None:
                unfinished = self._stories.unfinished(self._clock.now())
                if not unfinished or self._clock.now() - quiet_since > _QUIET or self._too_many_stalls():
                    return unfinished
            idle_until = self._stories.hours.at_desk(self._clock.now() + _LONGEST_STEP)
            self._clock.advance_to(min(next_due or idle_until, idle_until))

    def _settle(self) -> bool:
        """Let the system work and everybody act until both have nothing to do now; tells whether anybody did anything.

        The system comes first: what it reads of the operator at an instant, it has read before anybody acts.
        """
        something = False
        while True:
            self._wait_for_backlog()
            self._keep_operators_pause()
            planned = self._stories.plan(self._clock.now())
            acted = self._patiently(lambda: self._performer.perform_due(self._clock.now()))
            acted += self._patiently(lambda: self._clerk.look(self._clock.now()))
            something = something or bool(acted or planned)
            if not acted:
                return something

    def _wait_for_backlog(self) -> None:
        give_up_at = time.monotonic() + self._pace.settle
        while self._post.telling() or not self._patiently(self._client.readiness).settled:
            if time.monotonic() > give_up_at:
                self._book.note(
                    "stall",
                    f"{self._clock.now().isoformat()} backlog {self._patiently(self._client.readiness).backlog}",
                )
                return
            self._meanwhile()
            time.sleep(_GLANCE)
        self._meanwhile()

    def _keep_operators_pause(self) -> None:
        """A pause that the operator asked for is real time: the driven clock stands still until it is over."""
        self._post.remember_sprung()
        while self._post.pausing:
            self._meanwhile()
            time.sleep(_GLANCE)

    def _patiently(self, ask: Callable[[], T]) -> T:
        give_up_at = time.monotonic() + self._pace.answer
        while True:
            try:
                return ask()
            except SystemAwayError as error:
                if time.monotonic() > give_up_at:
                    raise SystemGoneError(str(error)) from error
            self._meanwhile()
            time.sleep(0.05)

    def _too_many_stalls(self) -> bool:
        return len(self._book.notes("stall")) >= self._pace.stalls
