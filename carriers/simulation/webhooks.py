"""A simulated operator's webhooks, really sent over HTTP: late, twice, out of order, or forged, as its faults say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from carriers.simulation.books import Books, Event
from carriers.simulation.faults import Fault, FaultPlan

_IDLE = 0.2
_LONGEST_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class OutgoingWebhook:
    """A delivery that is about to be sent; ``body`` are the very bytes."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class WebhookSender:
    """Tells the customers of events, one after another, until they have answered as this operator wants it.

    Args:
        books: where the events are, and which have been told.
        write: makes the delivery of an event; None where the customer has registered no address.
        forge: makes the same news without the operator's proof.
        accepted: whether an answer is the one this operator wants; else it comes again.
    """

    def __init__(
        self,
        books: Books,
        faults: FaultPlan,
        *,
        write: Callable[[Event], OutgoingWebhook | None],
        forge: Callable[[Event], OutgoingWebhook | None],
        accepted: Callable[[Event, httpx.Response], bool],
    ) -> None:
        self._books, self._faults = books, faults
        self._write, self._forge, self._accepted = write, forge, accepted
        self._awake, self._closing = threading.Event(), threading.Event()
        self._client = httpx.Client(timeout=10.0, trust_env=False)
        self.answers: list[tuple[str, int, bytes]] = []
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for news now."""
        self._awake.set()

    def settle(self, patience: float = 10.0) -> bool:
        """Wait until everything has been told; tells whether it has."""
        until = time.monotonic() + patience
        while self._books.untold(1):
            if time.monotonic() > until:
                return False
            self.wake()
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Stop; what has not been told is told after a restart."""
        self._closing.set()
        self._awake.set()
        self._thread.join(timeout=15)
        self._client.close()

    def _run(self) -> None:
        pause = _IDLE
        while not self._closing.is_set():
            self._awake.wait(pause)
            self._awake.clear()
            pause = _IDLE if self._round() else min(pause * 2, _LONGEST_PAUSE)

    def _round(self) -> bool:
        """Tell what is untold; whether nothing was refused."""
        events = self._books.untold()
        if self._faults.strike(Fault.OUT_OF_ORDER, "webhook"):
            self._faults.random.shuffle(events)
        told = [self._tell(event) for event in events if not self._closing.is_set()]
        return all(told)

    def _tell(self, event: Event) -> bool:
        message = self._write(event)
        if message is None or self._faults.strike(Fault.LOST_WEBHOOK, "webhook", event.number):
            self._books.tell(event)
            return True
        if self._faults.strike(Fault.FORGED_WEBHOOK, "webhook", event.number) and (forged := self._forge(event)):
            self._send(event, forged)
        if self._faults.strike(Fault.DUPLICATE_EVENTS, "webhook", event.number):
            self._send(event, message)
        if not self._send(event, message):
            return False
        self._books.tell(event)
        return True

    def _send(self, event: Event, message: OutgoingWebhook) -> bool:
        try:
            answer = self._client.post(message.url, content=message.body, headers=dict(message.headers))
        except httpx.HTTPError:
            return False
        self.answers.append((event.number, answer.status_code, answer.content))
        return self._accepted(event, answer)
