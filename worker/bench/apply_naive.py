"""Applying as a good team writes it by hand: one Celery task an event, each with a session and a commit of its own.

The rules are the house's own, or the two would not come to the same; what differs is the way to the database and back.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from celery import Celery
from kombu.entity import Queue

from carriers.contract import TrackingEvent
from dispatch.shipments import Shipment
from tracking.deliveries import CARRIER_SOURCE
from tracking.effects import journey_of, move_on
from tracking.events import add_event
from tracking.inbox import InboxDelivery, InboxState
from worker.bench.apply_world import World
from worker.bench.naive_worker import naive_worker

THREADS = 4
"""Of the worker: more are no faster, because Python is what they wait for."""


class Rival:
    """A Celery worker of this process, and the way to give it deliveries."""

    def __init__(self, world: World, app: Celery) -> None:
        self._left = 0
        self._count, self._done = threading.Lock(), threading.Event()

        def work(delivery_id: int) -> None:
            apply_one(world, delivery_id)
            self._note_one()

        self._task = app.task(work, name="bench.apply", shared=False, ignore_result=True)

    def apply_all(self, delivery_ids: Sequence[int]) -> None:
        """Send one message for each delivery, and wait until all are applied."""
        self._left = len(delivery_ids)
        self._done.clear()
        for delivery_id in delivery_ids:
            self._task.delay(delivery_id)
        if not self._done.wait(timeout=600):
            raise TimeoutError(f"{self._left} of {len(delivery_ids)} deliveries were not applied in ten minutes")

    def _note_one(self) -> None:
        with self._count:
            self._left -= 1
            if self._left == 0:
                self._done.set()


def apply_one(world: World, delivery_id: int) -> None:
    """Apply one delivery in a transaction of its own."""
    context, now = world.context, world.context.clock.now()
    with context.database.write() as session:
        delivery = session.get_one(InboxDelivery, delivery_id, with_for_update=True)
        carrier = context.carriers.get(delivery.source.removeprefix(CARRIER_SOURCE))
        for event in carrier.normalise(json.loads(delivery.body)):
            if not isinstance(event, TrackingEvent):
                raise TypeError("the bench's own deliveries are all events")
            shipment = session.get_one(Shipment, event.order_number, with_for_update=True)
            shipment.waybill = event.waybill or shipment.waybill
            before = journey_of(session, shipment)
            times = {"received_at": delivery.received_at, "now": now}
            if add_event(session, shipment.order_number, event, delivery_id=delivery.id, **times):
                move_on(session, context, world.office, shipment, before)
        delivery.state, delivery.applied_at, delivery.attempts = InboxState.APPLIED, now, delivery.attempts + 1


@contextmanager
def opened_rival(world: World, broker: str) -> Iterator[Rival]:
    """Start the worker on a queue of its own, which ends with it."""
    app = Celery("bench", broker=broker or "memory://", set_as_current=False)
    queue = f"bench.{uuid.uuid4().hex}"
    app.conf.update(
        task_queues=[Queue(queue, auto_delete=True)],
        task_default_queue=queue,
        worker_prefetch_multiplier=64,
        worker_hijack_root_logger=False,
    )
    if app.conf.broker_url.startswith("memory"):
        app.conf.broker_transport_options = {"polling_interval": 0.005}
    rival = Rival(world, app)
    with naive_worker(app, THREADS):
        yield rival
