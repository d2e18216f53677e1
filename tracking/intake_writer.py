"""Many deliveries, one commit: what arrives while one transaction commits goes into the next.

Requests put their verified deliveries into a bounded queue; the writer of the process takes what is there, commits
it together, and answers each only then. Nobody waits for company: alone, a delivery is committed alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

import structlog

from carriers.webhooks import Verdict
from config.clock import wall_now
from dispatch.context import Context
from tracking import intake
from tracking.apply import LANE
from tracking.doorbell import Doorbell
from tracking.intake import Delivery
from tracking.intake_batches import Bounds
from tracking.intake_queue import Entry, IntakeQueue, Ticket
from tracking.recent import Recent
from tracking.refusals import Counts, Tally
from tracking.steady_line import SteadyLine

_BATCH = Bounds(rows=1_000, size=4 << 20)
_WAITING_BYTES = 64 << 20
_BETWEEN_COUNTS = 0.25
"""Seconds: a flood of forged deliveries costs four small writes a second and no more."""
_DRAIN_PATIENCE = 20.0
_HANDS = 2
"""Threads that write on PostgreSQL: while one commit is flushed, the next is under way. SQLite lets one write."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class IntakeState:
    """How the intake of this process stands, for whoever watches over it.

    Attributes:
        waiting: deliveries that are verified and not committed yet.
        oldest_seconds: how long the first of them has waited.
        kept: documents that were new, since the process began; so are the next two.
        turned_away: deliveries that found the queue full.
        trouble: why the last batch was not kept as it was; empty when it was.
        trouble_since: when that began (real time).
    """

    waiting: int
    waiting_bytes: int
    oldest_seconds: float
    kept: int
    batches: int
    turned_away: int
    trouble: str
    trouble_since: datetime | None


class IntakeWriter(Generic[Ticket]):
    """The queue and its writer, a thread that begins with the first delivery.

    ``answer`` is called in that thread, once for each batch, with the tickets of its deliveries and their verdicts.
    """

    def __init__(self, context: Context, answer: Callable[[Sequence[tuple[Ticket, Verdict]]], None]) -> None:
        self._context = context
        self._answer = answer
        self._queue = IntakeQueue[Ticket](Bounds(context.settings.intake_queue, _WAITING_BYTES), _BATCH)
        self._recent, self._tally = Recent(), Tally()
        self._threads: list[threading.Thread] = []
        self._starting, self._noting = threading.Lock(), threading.Lock()
        self._hands = _HANDS if context.database.engine.dialect.name == "postgresql" else 1
        self._doorbell = Doorbell(lambda: context.ring(LANE))
        self._count_at = 0.0
        self._kept = self._batches = 0
        self._trouble = ""
        self._trouble_since: datetime | None = None

    def knows(self, delivery: Delivery) -> bool:
        """Whether everything in a delivery was committed lately, so that nothing is left to do."""
        return self._recent.has_all(delivery.incoming)

    def offer(self, delivery: Delivery, ticket: Ticket) -> bool:
        """Let a delivery wait for its commit; False when there is no room: then it has to come again."""
        self._be_alive()
        return self._queue.put(delivery, ticket)

    def refuse(self, counts: Counts) -> None:
        """Count refusals; they are written down soon."""
        first = not self._tally
        self._tally.add(counts)
        if first:
            self._be_alive()
            self._queue.nudge()

    def overdue(self, seconds: float) -> list[Ticket]:
        """Return the tickets of those whom the writer has kept waiting for longer than that; they get no other answer.

        What is under way may still be committed: it is known then, when it comes again.
        """
        self._be_alive()
        return self._queue.overdue(seconds)

    def state(self) -> IntakeState:
        """Return how the intake stands."""
        waiting, size, oldest = self._queue.standing()
        turned_away = self._queue.turned_away
        trouble, since = self._trouble, self._trouble_since
        return IntakeState(waiting, size, oldest, self._kept, self._batches, turned_away, trouble, since)

    def close(self) -> None:
        """Take nothing more, commit and answer what waits, and end."""
        self._queue.close()
        for thread in self._threads:
            thread.join(_DRAIN_PATIENCE)
        if not self._queue.is_over:
            log.error("intake_not_drained", waiting=self.state().waiting)
        self._doorbell.close()

    def _be_alive(self) -> None:
        if len(self._threads) == self._hands and all(thread.is_alive() for thread in self._threads):
            return
        with self._starting:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            while len(self._threads) < self._hands:
                self._threads.append(threading.Thread(target=self._run, name="intake-writer", daemon=True))
                self._threads[-1].start()

    def _run(self) -> None:
        line = SteadyLine(self._context.database)
        while not self._queue.is_over:
            if batch := self._queue.take(self._until_counts()):
                self._commit(line, batch)
            if self._until_counts() == 0:
                self._write_counts()
        self._write_counts()
        line.close()

    def _commit(self, line: SteadyLine, batch: Sequence[Entry[Ticket]]) -> None:
        outcome = intake.Outcome([Verdict.BUSY] * len(batch), trouble="writer ended")
        try:
            outcome = intake.keep(line.write, [entry.delivery for entry in batch])
            with self._noting:
                self._note(batch, outcome)
        finally:
            self._answer([(entry.ticket, verdict) for entry, verdict in zip(batch, outcome.verdicts, strict=True)])

    def _note(self, batch: Sequence[Entry[Ticket]], outcome: intake.Outcome) -> None:
        for entry, verdict in zip(batch, outcome.verdicts, strict=True):
            if verdict is Verdict.TAKEN:
                self._recent.add(entry.delivery.incoming)
        if outcome.new:
            self._doorbell.press()
        self._kept += outcome.new
        self._batches += 1
        if outcome.trouble != self._trouble:
            self._trouble, self._trouble_since = outcome.trouble, wall_now() if outcome.trouble else None

    def _until_counts(self) -> float | None:
        """Return how many seconds until refusals are to be written down; None when there are none."""
        return max(0.0, self._count_at - time.monotonic()) if self._tally else None

    def _write_counts(self) -> None:
        with self._noting:
            counts = self._tally.take()
            self._count_at = time.monotonic() + _BETWEEN_COUNTS
        if counts and not intake.write_down(self._context, counts):
            newer = self._tally.take()
            self._tally.add(counts)
            self._tally.add(newer)
