"""The whole system in one process: web, worker and beat, on SQLite and an in-memory broker.

One process per SQLite file: the folder is locked. Several machines need PostgreSQL and a real broker, and then the
same parts run as ``postal web``, ``postal worker`` and ``postal beat``.
"""

from __future__ import annotations

import fcntl
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import structlog
import uvicorn
from celery.beat import Service

from config.errors import ConfigurationError
from config.settings import Settings
from worker import job_runs, migrate
from worker.app import Desk
from worker.bus.consumer import listening
from worker.lanes import Lane
from worker.runtime import Runtime
from worker.schedule import Intervals
from worker.stopping import grace, leave_after
from worker.tasks import ONESTOPS, places
from worker.web.app import make_web
from worker.web.serving import server_of

log = structlog.get_logger()
_LOCK_PATIENCE = 6.0
_GLANCE = 0.005
_CLOCK_GLANCE = 0.005


@contextmanager
def locked_home(home: Path) -> Iterator[None]:
    """Hold the folder for this process alone; one that is just ending is waited for.

    Raises:
        ConfigurationError: another process works in it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as handle:
        give_up_at = time.monotonic() + _LOCK_PATIENCE
        while not _lock(handle):
            if time.monotonic() > give_up_at:
                raise ConfigurationError(
                    f"another process already works in {home}; stop it first, or choose another folder with POSTAL_HOME"
                )
            time.sleep(0.2)
        yield


def _lock(handle: TextIO) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Embedded:
    """Web, worker and beat of one process; :meth:`run` blocks until the web server is told to stop."""

    def __init__(self, settings: Settings, greet: Callable[[Runtime], None] = lambda _runtime: None) -> None:
        """``greet`` is called once the database is ready, before anything is served."""
        self.settings = settings
        self._greet = greet
        self.desk = Desk(settings)
        self._server: uvicorn.Server | None = None

    def run(self) -> None:
        """Bring the database up to date, start everything, serve until stopped, then stop everything."""
        runtime = self.desk.runtime()
        migrate.upgrade(runtime.context.database)
        runtime.prepare()
        self._greet(runtime)
        job_runs.note(runtime.context.database, job_runs.HEARTBEAT)  # worker and beat begin beside us, now
        self._server = server_of(make_web(runtime), self.settings.host, self.settings.port, goodbye=5)
        _outlive_signals()
        with self._background(), listening(runtime, lambda: self.desk.ask_for(ONESTOPS)):
            log.info("embedded_started", url=f"http://{self.settings.host}:{self.settings.port}")
            self._server.run()
        runtime.close()

    def stop(self) -> None:
        """Ask the web server, and with it everything else, to stop. May be called from another thread."""
        if self._server is not None:
            self._server.should_exit = True

    @contextmanager
    def _background(self) -> Iterator[None]:
        self.desk.app.set_default()  # its worker's threads look their tasks up there
        worker = self.desk.app.WorkController(
            app=self.desk.app,
            pool="threads",
            concurrency=places(),
            hostname="embedded",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        beat = Service(self.desk.app, max_interval=min(1.0, self.settings.sweep_seconds), scheduler_cls=Intervals)
        threads = [
            threading.Thread(target=worker.start, name="worker", daemon=True),
            threading.Thread(target=beat.start, kwargs={"embedded_process": True}, name="beat", daemon=True),
        ]
        if self.settings.clock_file is not None:
            threads.append(threading.Thread(target=self._ring_when_time_jumps, name="clock-watch", daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.desk.runtime().context.closing.set()
            leave_after(grace(self.settings))
            beat.stop()
            worker.stop()

    def _ring_when_time_jumps(self) -> None:
        """A driven clock jumps from one instant to the next: ring at once, or every jump would cost a sweep."""
        clock = self.desk.runtime().context.clock
        seen = clock.now()
        while True:
            time.sleep(_CLOCK_GLANCE)
            if clock.now() != seen:
                seen = clock.now()
                for lane in (Lane.BOOKING, Lane.INTAKE, Lane.NOTICES, Lane.POLLING):
                    self.desk.ring(lane)


def _outlive_signals() -> None:
    """Uvicorn raises the signal that stopped it once more, which would end us before worker and beat have stopped."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: None)
