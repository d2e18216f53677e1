"""Deliveries on their way into the database: a bounded queue between the requests and the writer."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tracking.intake import Delivery
from tracking.intake_batches import Bounds, first_batch

Ticket = TypeVar("Ticket")


@dataclass(frozen=True, slots=True)
class Entry(Generic[Ticket]):
    """A delivery that waits; ``ticket`` says who is to be answered, ``since`` (monotonic) how long it has waited."""

    delivery: Delivery
    ticket: Ticket
    since: float


class IntakeQueue(Generic[Ticket]):
    """Many put in, few take out; what does not fit is turned away at once and never dropped later."""

    def __init__(self, room: Bounds, batch: Bounds) -> None:
        self._room, self._batch = room, batch
        self._waiting: deque[Entry[Ticket]] = deque()
        self._under_way: dict[int, Sequence[Entry[Ticket]]] = {}
        self._rows = self._size = 0
        self._changed = threading.Condition()
        self._nudged = self._closed = False
        self.turned_away = 0

    def put(self, delivery: Delivery, ticket: Ticket) -> bool:
        """Let a delivery wait; False when the queue is full or closed."""
        with self._changed:
            fits = not self._waiting or self._room.hold(self._rows + delivery.rows, self._size + delivery.size)
            if self._closed or not fits:
                self.turned_away += 1
                return False
            self._waiting.append(Entry(delivery, ticket, time.monotonic()))
            self._count(delivery, 1)
            self._changed.notify()
        return True

    def take(self, patience: float | None) -> Sequence[Entry[Ticket]]:
        """Wait for deliveries and take the next batch; it is under way until the same thread takes the next.

        Returns nothing when ``patience`` (seconds) is over, after a nudge, and when the queue is closed and empty.
        """
        with self._changed:
            self._under_way.pop(threading.get_ident(), None)
            self._changed.wait_for(lambda: self._waiting or self._nudged or self._closed, patience)
            self._nudged = False
            batch = [self._waiting.popleft() for _ in range(self._next_batch())]
            for entry in batch:
                self._count(entry.delivery, -1)
            if batch:
                self._under_way[threading.get_ident()] = batch
        return batch

    def nudge(self) -> None:
        """Let whoever waits in :meth:`take` look up."""
        with self._changed:
            self._nudged = True
            self._changed.notify()

    def close(self) -> None:
        """Take nothing in any more; what waits can still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def overdue(self, seconds: float) -> list[Ticket]:
        """Return the tickets of those that have waited longer than that, and let go of those not under way."""
        before = time.monotonic() - seconds
        with self._changed:
            late = [entry for batch in self._under_way.values() for entry in batch if entry.since <= before]
            while self._waiting and self._waiting[0].since <= before:
                late.append(self._waiting.popleft())
                self._count(late[-1].delivery, -1)
        return [entry.ticket for entry in late]

    @property
    def is_over(self) -> bool:
        """Whether it is closed and everything was taken out."""
        return self._closed and not self._waiting

    def standing(self) -> tuple[int, int, float]:
        """Return how many deliveries are not committed yet, their bytes, and how long the first has waited."""
        with self._changed:
            entries = [*(entry for batch in self._under_way.values() for entry in batch), *self._waiting]
            oldest = time.monotonic() - min(entry.since for entry in entries) if entries else 0.0
            return len(entries), sum(entry.delivery.size for entry in entries), oldest

    def _next_batch(self) -> int:
        return first_batch((entry.delivery for entry in self._waiting), self._batch)

    def _count(self, delivery: Delivery, sign: int) -> None:
        self._rows += sign * delivery.rows
        self._size += sign * delivery.size
