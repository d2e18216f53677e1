"""The Celery worker that the naive ways run, inside the process of the bench."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from celery.worker import state

_GOODBYE = 30.0


@contextmanager
def naive_worker(app: Celery, threads: int | None = None) -> Iterator[int]:
    """Let a worker on threads take the tasks of an app; yields how many threads it has, Celery's choice if None.

    It has a name of its own and no mailbox: a broker keeps the mailbox of a bench that was killed, and lets no other
    worker of that name begin. It stops itself, as a connection to RabbitMQ is not for two threads; then its queue goes.
    """
    app.conf.worker_enable_remote_control = False
    app.set_default()
    worker = app.WorkController(
        app=app,
        pool="threads",
        concurrency=threads,
        hostname=f"naive-{uuid.uuid4().hex}",
        use_eventloop=False,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
    thread = threading.Thread(target=worker.start, name="naive-worker", daemon=True)
    thread.start()
    try:
        yield worker.concurrency
    finally:
        state.should_stop = 0
        thread.join(_GOODBYE)
        state.should_stop = None
        with app.connection_for_write() as connection:
            connection.default_channel.queue_delete(app.conf.task_default_queue)
