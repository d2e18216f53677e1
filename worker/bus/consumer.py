"""What we hear on the bus: a message is acknowledged when it is a row of the inbox, and not before.

While the database is away nothing is taken: the line is hung up, and the broker keeps what it has. What can never be
taken is laid aside with the reason; what breaks here by a fault of ours comes again, and at last is laid aside as well.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from kombu.message import Message
from kombu.messaging import Consumer
from sqlalchemy import text

from config.tracing import following, trace_of
from dispatch.context import Context
from dispatch.onestop.bus.connector import BusOneStop
from dispatch.onestop.bus.messages import Heard, PoisonError, read_message
from tracking.onestop_inbox import keep_statement, name_of
from worker.bus.dead import bury
from worker.bus.line import Sender, declare, open_line, queue_of
from worker.bus.publisher import patience
from worker.runtime import Runtime

_GLANCE = 1.0
_HEARTBEAT = 10.0
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
_LONGEST_GOODBYE = 5.0

log = structlog.get_logger()


class Listener:
    """Hears one system, in a thread of its own, until told to stop.

    Args:
        ask: asks for the job that applies what was heard.
    """

    def __init__(self, context: Context, onestop: BusOneStop, ask: Callable[[], None]) -> None:
        self._context, self._ask = context, ask
        self._system, self._bus = onestop.system.id, onestop.settings
        self._patience = patience(context.settings)
        self._sender = Sender(self._bus, self._patience)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bus-{self._system}", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the message in hand; what was not acknowledged, the broker gives to the next."""
        self._stop.set()
        self._thread.join(_LONGEST_GOODBYE)
        self._sender.close()

    def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                for _ in self._listening():
                    failures = 0
            except Exception as error:
                pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
                failures += 1
                log.warning("bus_lost", system=self._system, reason=f"{type(error).__name__}: {error}"[:300])
                log.debug("bus_lost_at", exc_info=True)
                self._stop.wait(pause)

    @property
    def _stopping(self) -> bool:
        return self._stop.is_set() or self._context.closing.is_set()

    def _listening(self) -> Iterator[None]:
        """Take messages until told to stop; yields now and then, as long as all is well."""
        with self._context.database.read() as session:  # without it we could only give back what we are given
            session.execute(text("SELECT 1"))
        with open_line(self._bus, self._patience, _HEARTBEAT) as line:
            channel = line.default_channel
            declare(self._bus, channel)
            consumer = Consumer(
                channel,
                queues=[queue_of(self._bus)],
                on_message=self._take,
                auto_declare=False,
                prefetch_count=self._bus.prefetch,
            )
            with consumer:
                log.info("bus_heard", system=self._system, queue=self._bus.queue)
                while not self._stopping:
                    try:
                        line.drain_events(timeout=_GLANCE)
                    except TimeoutError:
                        line.heartbeat_check()
                    yield

    def _take(self, message: Message) -> None:
        try:
            heard = read_message(message.body, self._context.settings.max_body_bytes)
            new = self._keep(heard)
        except PoisonError as poison:
            bury(self._sender, self._bus, message, poison, self._context.clock.now())
            message.ack()
            log.warning("bus_message_dead", system=self._system, reason=poison.reason)
            return
        message.ack()
        if new:
            self._ask()

    def _keep(self, heard: Heard) -> bool:
        statement, context = heard.statement, self._context
        with following(trace_of(*name_of(self._system, statement))):
            try:
                with context.database.write() as session:
                    new = keep_statement(session, self._system, statement, context.clock.now(), heard.said_at)
            except ValueError as error:
                raise _used_before(error) from error
            log.info("bus_message_kept", system=self._system, kind=statement.kind, new=new)
        return new


def _used_before(error: ValueError) -> PoisonError:
    return PoisonError(
        str(error),
        "What was sent first stands; send the other message under an id of its own.",
        "Tin gửi trước vẫn giữ nguyên; gửi tin khác với mã riêng.",
    )


@contextmanager
def listening(runtime: Runtime, ask: Callable[[], None]) -> Iterator[None]:
    """Hear every system that is on a bus for as long as the block lasts."""
    on_a_bus = [one for one in runtime.messenger.onestops if isinstance(one, BusOneStop)]
    listeners = [Listener(runtime.context, one, ask) for one in on_a_bus]
    for listener in listeners:
        listener.start()
    try:
        yield
    finally:
        for listener in listeners:
            listener.stop()
