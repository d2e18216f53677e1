"""Between the event loop and the writer's thread: a request awaits the commit, and never longer than its patience."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from carriers.webhooks import Verdict
from dispatch.context import Context
from tracking.intake import Delivery
from tracking.intake_writer import IntakeState, IntakeWriter
from tracking.refusals import Counts

_GLANCE = 0.5
"""Seconds between two looks for deliveries that the writer has forgotten."""

Waiting = asyncio.Future[Verdict]
log = structlog.get_logger()


class Keeper:
    """Keeps deliveries for the requests of one event loop."""

    def __init__(self, context: Context) -> None:
        self._writer: IntakeWriter[Waiting] = IntakeWriter(context, _answer_all)
        self._patience = context.settings.intake_patience
        self._glance = min(_GLANCE, self._patience)
        self._watch: asyncio.TimerHandle | None = None

    async def keep(self, delivery: Delivery) -> Verdict:
        """Return what became of a delivery: taken when it is committed, busy when it has to come again."""
        if self._writer.knows(delivery):
            return Verdict.TAKEN
        loop = asyncio.get_running_loop()
        waiting: Waiting = loop.create_future()
        if not self._writer.offer(delivery, waiting):
            return Verdict.BUSY
        if self._watch is None:
            self._watch = loop.call_later(self._glance, self._look, loop)
        return await waiting

    def refuse(self, counts: Counts) -> None:
        """Count refusals."""
        self._writer.refuse(counts)

    def state(self) -> IntakeState:
        """Return how the intake of this process stands."""
        return self._writer.state()

    def close(self) -> None:
        """Commit and answer what waits, and take nothing more."""
        self._writer.close()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        late = [waiting for waiting in self._writer.overdue(self._patience) if not waiting.done()]
        if late:
            log.error("webhooks_not_kept_in_time", deliveries=len(late), seconds=self._patience)
        _resolve([(waiting, Verdict.BUSY) for waiting in late])
        self._watch = loop.call_later(self._glance, self._look, loop) if self._writer.state().waiting else None


def _answer_all(answers: Sequence[tuple[Waiting, Verdict]]) -> None:
    """Wake the requests of one batch, in the writer's thread: one call into the event loop for all of them."""
    if not answers:
        return
    try:
        answers[0][0].get_loop().call_soon_threadsafe(_resolve, answers)
    except RuntimeError:  # the loop is closed: nobody waits any more, and what was kept is known when it comes again
        log.warning("webhooks_kept_and_not_answered", deliveries=len(answers))


def _resolve(answers: Iterable[tuple[Waiting, Verdict]]) -> None:
    for waiting, verdict in answers:
        if not waiting.done():
            waiting.set_result(verdict)
