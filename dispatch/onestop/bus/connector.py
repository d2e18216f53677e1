"""A system on the message bus: it is told by messages, and what it says is heard by the worker's consumer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from config.accounts import OneStopSystem
from config.errors import ConfigurationError
from dispatch.onestop.bus.settings import BusSettings, load_settings
from dispatch.outbox_rows import Delivery, OutboxMessage


class Publisher(Protocol):
    """The way onto one bus. Thread-safe."""

    def publish(self, message: OutboxMessage) -> Delivery:
        """Publish a message under its type and say whether the broker has it in a queue."""

    def check(self) -> str:
        """Return in one sentence how the broker answered.

        Raises:
            OneStopError: it did not; the message names the next step.
        """

    def close(self) -> None:
        """Close the connection."""


OpenBus = Callable[[BusSettings], Publisher]
"""Opens the way onto a bus; nothing is connected yet."""


class BusOneStop:
    """One system on a bus."""

    def __init__(self, system: OneStopSystem, open_bus: OpenBus | None) -> None:
        self.settings = load_settings(system)
        if open_bus is None:
            raise ConfigurationError(f"one-stop '{system.id}' is on a message bus, to which this process has no way")
        self._system, self._publisher = system, open_bus(self.settings)

    @property
    def system(self) -> OneStopSystem:
        return self._system

    def tell(self, message: OutboxMessage) -> Delivery:
        return self._publisher.publish(message)

    def check(self) -> str:
        return self._publisher.check()

    def close(self) -> None:
        self._publisher.close()
