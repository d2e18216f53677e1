"""Booking as a good team writes it by hand: one Celery task an order, with one session and one commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from celery import Celery
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from carriers.contract import Carrier
from config.accounts import Accounts
from config.clock import wall_now
from dispatch.outbox import OutboxMessage, OutboxState
from dispatch.requests import booking_request
from dispatch.shipments import BookingState, Shipment
from worker.bench.naive_worker import naive_worker

_PATIENCE = 120.0


class NaiveWorker:
    """A Celery worker on threads, as many as Celery takes by itself; ``broker`` empty is the one inside the process."""

    def __init__(self, url: str, broker: str, queue: str, accounts: Accounts, carrier: Carrier) -> None:
        self._engine = create_engine(url)
        self._accounts, self._carrier = accounts, carrier
        self._app = Celery("naive", broker=broker or "memory://localhost/", set_as_current=False)
        self._app.conf.update(
            task_default_queue=queue, task_ignore_result=True, task_acks_late=True, worker_send_task_events=False
        )

        def book(number: str) -> None:
            self._book(number)

        self._task = self._app.task(book, name="book", shared=False)
        self._left = 0
        self._all_done, self._lock = threading.Event(), threading.Lock()
        self._closing = ExitStack()
        self.threads = self._closing.enter_context(naive_worker(self._app))

    def book(self, numbers: Sequence[str]) -> float:
        """Send a task for every order, and return how many seconds passed until all were done."""
        self._left = len(numbers)
        self._all_done.clear()
        started = time.perf_counter()
        for number in numbers:
            self._task.delay(number)
        if not self._all_done.wait(_PATIENCE):
            raise RuntimeError(f"{self._left} orders were not booked by the naive way in {_PATIENCE:g} s")
        return time.perf_counter() - started

    def close(self) -> None:
        """Stop the worker."""
        self._closing.close()
        self._engine.dispose()

    def _book(self, number: str) -> None:
        with Session(self._engine) as session:
            shipment = session.get_one(Shipment, number)
            booking = self._carrier.book(booking_request(session, self._accounts, shipment))
            shipment.booking, shipment.waybill, shipment.next_at = BookingState.BOOKED, booking.waybill, None
            session.add(_news(shipment))
            session.commit()
        with self._lock:
            self._left -= 1
            if not self._left:
                self._all_done.set()


def _news(shipment: Shipment) -> OutboxMessage:
    now = wall_now()
    return OutboxMessage(
        id=f"naive:{shipment.order_number}",
        destination="onestop:bench",
        type="postal.order_booked",
        subject=shipment.dossier_code,
        payload=f'{{"order_number": "{shipment.order_number}"}}',
        created_at=now,
        state=OutboxState.PENDING,
        due_at=now,
        attempts=0,
    )
