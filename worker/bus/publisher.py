"""What we tell on the bus: each message under its type, delivered once the broker has it in somebody's queue."""

from __future__ import annotations

import time

from config.settings import Settings
from dispatch.onestop.bus.connector import OpenBus
from dispatch.onestop.bus.settings import BusSettings
from dispatch.onestop.contract import OneStopError
from dispatch.outbox_rows import Delivery, OutboxMessage
from worker.bus.line import NotTakenError, Sender

CLOUD_EVENT = "application/cloudevents+json"

_STEPS = 4
"""Waits that one attempt is made of: for the line, for the broker, and both once more after a line that broke."""


def patience(settings: Settings) -> float:
    """Return how long one step of an attempt may take, so that all of it ends well before the row's lease."""
    return settings.call_timeout / _STEPS


class BusPublisher:
    """The way onto one bus, with one line for all threads of the process."""

    def __init__(self, bus: BusSettings, seconds: float) -> None:
        self._exchange = bus.exchange
        self._sender = Sender(bus, seconds)

    def publish(self, message: OutboxMessage) -> Delivery:
        """Publish a message; one that is in nobody's queue has not been delivered."""
        started = time.monotonic()
        cause = {"x-request-id": message.trace} if message.trace else {}
        try:
            self._sender.send(
                message.type,
                message.payload.encode(),
                exchange=self._exchange,
                content_type=CLOUD_EVENT,
                message_id=message.id,
                type=message.type,
                headers=cause,
            )
        except NotTakenError as error:
            return Delivery(False, error.status, str(error), _since(started))
        return Delivery(True, None, "confirmed by the broker", _since(started))

    def check(self) -> str:
        """Return how the broker answered.

        Raises:
            OneStopError: it did not.
        """
        try:
            return self._sender.check()
        except NotTakenError as error:
            raise OneStopError(f"{error}. Check secrets.url, the virtual host and our rights in it.") from error

    def close(self) -> None:
        """Close the line."""
        self._sender.close()


def opener(settings: Settings) -> OpenBus:
    """Return what opens the way onto a bus for this process."""
    return lambda bus: BusPublisher(bus, patience(settings))


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
