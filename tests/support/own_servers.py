"""Servers of a test's own, which it may kill: a PostgreSQL cluster, a RabbitMQ node, a Redis, each in a new folder.

They are started from the programs that Debian and Ubuntu install; the servers that run on the machine are left alone.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

from worker.training.servers import HOST

_PATIENCE = 120.0
_GLANCE = 0.05


class OwnServer(ABC):
    """One server in ``folder``. Its data outlive :meth:`kill`, so that it comes back with them by :meth:`start`."""

    name: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = quiet_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the system finds it."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used now."""

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process is None or self._process.poll() is not None

    def start(self) -> None:
        """Start the server; it answers a little later."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        """Wait; start it again where it gave up, because remains of the one that was killed were in its way."""
        give_up_at = time.monotonic() + _PATIENCE
        while not self.answers():
            assert time.monotonic() < give_up_at, f"{self.name} does not start: {self._last_words()}"
            if self.ended:
                self.start()
            time.sleep(_GLANCE)

    def kill(self) -> None:
        """Kill it with SIGKILL, and whatever it has started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end at once, as an administrator in a hurry does."""
        self._end(self._quick_stop)

    def stop_for_good(self) -> None:
        """End everything that belongs to it; its data are of no use any more."""
        self.kill()

    _quick_stop: ClassVar[signal.Signals] = signal.SIGTERM

    @abstractmethod
    def _command(self) -> Sequence[str]: ...

    def _environment(self) -> Mapping[str, str]:
        return {}

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _last_words(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")[-1500:]


@contextmanager
def own_folder(name: str) -> Iterator[Path]:
    """Give a folder that other logins can reach, which pytest's own folders are not; after a failure it stays."""
    folder = Path(tempfile.mkdtemp(prefix=f"postal-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    except BaseException as error:
        error.add_note(f"The logs are in {folder}.")
        raise
    shutil.rmtree(folder, ignore_errors=True)


def quiet_port() -> int:
    """Return a free port that the kernel does not lend to outgoing connections.

    So nobody takes it while the server to which it belongs is dead.
    """
    while True:
        port = random.randint(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
