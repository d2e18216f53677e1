"""The line to a broker: how it is opened, what we declare there, and a way to send of which the end is known."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.messaging import Producer

from dispatch.onestop.bus.messages import DATA
from dispatch.onestop.bus.settings import BusSettings

NO_ROUTE = 312
"""AMQP's own code of a message that is in nobody's queue."""

_OFTEN_ENOUGH = 20
_EVERY_LOOK_AT_THE_DEAD = 1_000_000
_AT_ONCE = ""
"""The default exchange, which takes the routing key for a queue's name."""

log = structlog.get_logger()


class NotTakenError(Exception):
    """The broker does not have a message in a queue, or nobody knows. ``status``: AMQP's code, where it named one."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


def exchange_of(bus: BusSettings) -> Exchange:
    """Return the exchange to which both sides publish."""
    return Exchange(bus.exchange, type="topic", durable=True)


def queue_of(bus: BusSettings) -> Queue:
    """Return the queue in which we hear; one process at a time takes from it, so that the order is kept.

    A message that was given out so often that something must be wrong with it goes to the dead ones; none is dropped.
    """
    arguments = {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-delivery-limit": _OFTEN_ENOUGH,
        "x-dead-letter-exchange": _AT_ONCE,
        "x-dead-letter-routing-key": bus.dead_queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    return Queue(bus.queue, durable=True, queue_arguments=arguments)


def dead_queue_of(bus: BusSettings) -> Queue:
    """Return the queue of what cannot be taken; whoever looks into it gives everything back, as often as he likes."""
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": _EVERY_LOOK_AT_THE_DEAD}
    return Queue(bus.dead_queue, durable=True, queue_arguments=arguments)


def declare(bus: BusSettings, channel: Any) -> None:
    """Declare the exchange, both queues, and by which keys messages come into ours."""
    exchange_of(bus)(channel).declare()
    dead_queue_of(bus)(channel).declare()
    queue = queue_of(bus)(channel)
    queue.declare()
    for key in DATA:
        queue.bind_to(bus.exchange, routing_key=key)


def open_line(bus: BusSettings, patience: float, heartbeat: float = 0) -> Connection:
    """Return a connection that is opened on first use.

    Args:
        patience: longest silence of the broker, in seconds; ``heartbeat``: by which a dead line is noticed.
    """
    ssl = {"context": {"check_hostname": True}, "server_hostname": bus.host} if bus.encrypted else None
    options = {"confirm_publish": True, "read_timeout": patience, "write_timeout": patience}
    url = bus.url.get_secret_value()
    return Connection(url, connect_timeout=patience, heartbeat=heartbeat, ssl=ssl, transport_options=options)


class Sender:
    """Sends messages one after another and knows of each whether it is in a queue. Thread-safe.

    Args:
        patience: longest wait for the line and for the broker's word, in seconds.
    """

    def __init__(self, bus: BusSettings, patience: float) -> None:
        self._bus, self._patience = bus, patience
        self._lock = threading.Lock()
        self._line: Connection | None = None
        self._producer: Producer | None = None
        self._returned: list[str] = []

    def send(self, key: str, body: bytes, *, exchange: str = _AT_ONCE, **properties: Any) -> None:
        """Send a message that survives the broker's end, and wait until it is in every queue it belongs to.

        A line that broke since it was used last is opened anew, once; so a message may come twice, under its own id.

        Raises:
            NotTakenError: it is in no queue, or nobody knows.
        """
        if not self._lock.acquire(timeout=self._patience):
            raise NotTakenError("the line to the bus is busy with messages before this one")
        try:
            used_before = self._line is not None
            try:
                self._send(key, body, exchange, properties)
            except NotTakenError:
                raise
            except Exception as error:  # whatever breaks on the line, the line is what is wrong
                self._hang_up()
                if not used_before:
                    raise broken(error) from error
                self._send_on_a_new_line(key, body, exchange, properties)
        finally:
            self._lock.release()

    def check(self) -> str:
        """Open a line, declare what we need and say how the broker answered.

        Raises:
            NotTakenError: it did not.
        """
        started = time.monotonic()
        try:
            with open_line(self._bus, self._patience) as line:
                declare(self._bus, line.default_channel)
        except Exception as error:
            raise broken(error) from error
        return f"RabbitMQ answered in {(time.monotonic() - started) * 1000:.0f} ms; exchange and queues are there."

    def close(self) -> None:
        """Close the line."""
        with self._lock:
            self._hang_up()

    def _send_on_a_new_line(self, key: str, body: bytes, exchange: str, properties: Mapping[str, Any]) -> None:
        try:
            self._send(key, body, exchange, properties)
        except NotTakenError:
            raise
        except Exception as error:
            self._hang_up()
            raise broken(error) from error

    def _send(self, key: str, body: bytes, exchange: str, properties: Mapping[str, Any]) -> None:
        producer = self._producer or self._open()
        self._returned.clear()
        producer.publish(
            body,
            routing_key=key,
            exchange=exchange,
            mandatory=True,
            delivery_mode=2,
            content_encoding="utf-8",
            confirm_timeout=self._patience,
            **properties,
        )
        if self._returned:
            raise NotTakenError(self._returned[0], NO_ROUTE)

    def _open(self) -> Producer:
        self._line = open_line(self._bus, self._patience)
        self._line.ensure_connection(max_retries=1, timeout=self._patience)
        channel = self._line.default_channel
        exchange_of(self._bus)(channel).declare()
        self._producer = Producer(channel, auto_declare=False, on_return=self._on_return)
        return self._producer

    def _on_return(self, _error: Exception, exchange: str, key: str, _message: object) -> None:
        where = f"exchange '{exchange}'" if exchange else "the broker"
        self._returned.append(f"no queue at {where} takes '{key}'; bind one to this routing key")

    def _hang_up(self) -> None:
        line, self._line, self._producer = self._line, None, None
        if line is not None:
            try:
                line.collect()  # closes the socket without waiting for the broker's goodbye
            except Exception as error:  # noqa: BLE001  # the line is given up anyway
                log.debug("bus_hung_up", reason=type(error).__name__)


def broken(error: Exception) -> NotTakenError:
    """Return what to say of a line that broke."""
    return NotTakenError(f"the bus does not answer as it should: {type(error).__name__}: {error}"[:400])
