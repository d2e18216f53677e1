"""The maker of the other system: its own connection to RabbitMQ, its own queue, its own messages."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.messaging import Producer
from pydantic import SecretStr

from config.accounts import OneStopSystem
from dispatch.messenger import Messenger
from dispatch.onestop.bus.settings import BusSettings, load_settings
from tests.support.desk import CODE, TestDesk, opened_desk
from worker.bus.publisher import opener

PATIENCE = 5.0


@dataclass
class OtherSide:
    """Publishes to the exchange and hears what is published there by others. ``name`` sets tests apart."""

    url: str
    name: str = field(default_factory=lambda: f"bus-{secrets.token_hex(4)}")
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def system(self, through: int | None = None) -> OneStopSystem:
        """Return this system as we have it in our configuration, on a line ``through`` another port."""
        url = self.url
        if through is not None:
            parts = urlsplit(url)
            url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{through}").geturl()
        options = {"exchange": self.name, "queue": f"{self.name}.in"}
        secret = {"url": SecretStr(url)}
        return OneStopSystem(id="igate", connector="bus", source_systems=("igate",), options=options, secrets=secret)

    @property
    def bus(self) -> BusSettings:
        return load_settings(self.system())

    def message(self, type_: str, data: dict[str, Any], code: str = CODE, **more: Any) -> dict[str, Any]:
        envelope = {"specversion": "1.0", "id": f"m-{next(self._ids)}", "source": "igate", "subject": code}
        return {**envelope, "type": type_, "time": "2026-03-02T08:00:00+07:00", "data": data, **more}

    def says(self, type_: str, data: dict[str, Any], code: str = CODE, **more: Any) -> dict[str, Any]:
        """Publish a message, confirmed by the broker."""
        message = self.message(type_, data, code, **more)
        self.sends(type_, json.dumps(message).encode())
        return message

    def sends(self, key: str, body: bytes) -> None:
        """Publish anything under a routing key."""
        with self._line() as line:
            exchange = Exchange(self.name, type="topic", durable=True)
            Producer(line.default_channel).publish(
                body, routing_key=key, exchange=exchange, declare=[exchange], content_type="application/json",
                content_encoding="utf-8", delivery_mode=2, confirm_timeout=PATIENCE,
            )  # fmt: skip

    def listens(self, *keys: str) -> None:
        """Bind a queue of its own to routing keys."""
        with self._line() as line:
            queue = self._queue()(line.default_channel)
            Exchange(self.name, type="topic", durable=True)(line.default_channel).declare()
            queue.declare()
            for key in keys:
                queue.bind_to(self.name, routing_key=key)

    def heard(self) -> list[dict[str, Any]]:
        """Return what came into its queue since the last time."""
        with self._line() as line:
            queue = self._queue()(line.default_channel)
            found = []
            while (message := queue.get(no_ack=True, accept=None)) is not None:
                found.append(json.loads(message.body))
            return found

    def stops_listening(self, *keys: str) -> None:
        """Unbind its queue from routing keys: what comes under them is in nobody's queue."""
        with self._line() as line:
            for key in keys:
                line.default_channel.queue_unbind(self._queue().name, self.name, key)

    def waiting(self) -> int:
        """Return how many messages are ready in our queue."""
        with self._line() as line:
            return int(line.default_channel.queue_declare(self.bus.queue, passive=True).message_count)

    def takers(self) -> int:
        """Return how many consumers our queue has; none as long as it is not there."""
        with self._line() as line:
            try:
                return int(line.default_channel.queue_declare(self.bus.queue, passive=True).consumer_count)
            except line.channel_errors:
                return 0

    def _line(self) -> Connection:
        """Open a line of its own; a broker that is coming up takes it and then may not answer for minutes."""
        brief = {"confirm_publish": True, "read_timeout": PATIENCE, "write_timeout": PATIENCE}
        return Connection(self.url, connect_timeout=PATIENCE, transport_options=brief)

    def _queue(self) -> Queue:
        return Queue(f"{self.name}.out", durable=True)


@contextmanager
def desk_on_a_bus(
    folder: Path, side: OtherSide, through: int | None = None, database_url: str | None = None
) -> Iterator[TestDesk]:
    """Open a desk whose one-stop is on the bus."""
    with opened_desk(folder, database_url) as desk:
        patient = desk.context.settings.model_copy(update={"call_timeout": 4 * PATIENCE, "lease_seconds": 90.0})
        accounts = desk.context.accounts.model_copy(update={"onestops": (side.system(through),)})
        desk.context = replace(desk.context, accounts=accounts, settings=patient)
        desk.messenger.close()
        desk.messenger = Messenger(accounts, patient, open_bus=opener(patient))
        yield desk
