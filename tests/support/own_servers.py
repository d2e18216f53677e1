"""Servers of a test's own, which it may kill: a PostgreSQL cluster, a RabbitMQ node, a Redis, each in a new folder.

They are started from the programs that Debian and Ubuntu install; the servers that run on the machine are left alone.
"""

from __future__ import annotations

import os
import pwd
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

import psycopg
import redis
from kombu.connection import Connection

from tests.support.services import libpq_url, postgres_answers, rabbitmq_answers, redis_answers
from worker.training.servers import HOST

_PATIENCE = 120.0
_GLANCE = 0.05
_BUSIEST = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "ORDER BY query_start DESC NULLS LAST LIMIT 1"
)
_RABBITMQ_SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")


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


class OwnPostgres(OwnServer):
    """A PostgreSQL cluster. It refuses to run as root, so root lends it the login ``postgres``.

    :meth:`kill` strikes its first process. The others notice and end; a start that comes too early for them fails.
    """

    name = "PostgreSQL"
    _quick_stop = signal.SIGQUIT  # what `pg_ctl stop -m immediate` sends: no checkpoint, recovery at the next start

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._data = folder / "data"
        self._owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self._owner:
            os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)
        words = ("-D", str(self._data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(
            [*self._as_owner(), _postgres_program("initdb"), *words], check=True, cwd=folder, capture_output=True
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@{HOST}:{self.port}/postgres"

    def answers(self) -> bool:
        return postgres_answers(self.url)

    def kill_a_connection(self) -> bool:
        """Kill the process that serves the busiest client; the server then throws out everybody and recovers.

        Tells whether there was one.
        """
        with suppress(psycopg.Error), psycopg.connect(libpq_url(self.url), connect_timeout=2) as connection:
            row = connection.execute(_BUSIEST).fetchone()
            if row is not None:
                os.kill(row[0], signal.SIGKILL)
                return True
        return False

    def _command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "max_connections": "120",
            "shared_buffers": "64MB",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*self._as_owner(), _postgres_program("postgres"), "-D", str(self._data), *options]

    def _as_owner(self) -> tuple[str, ...]:
        # `setpriv` becomes the program, where `runuser` would stay beside it and take the signals.
        return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if self._owner else ()


class OwnRabbit(OwnServer):
    """A RabbitMQ node with a name, a cookie and a name server (``epmd``) of its own."""

    name = "RabbitMQ"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._epmd_port, self._distribution_port = quiet_port(), quiet_port()
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(f"listeners.tcp.local = {HOST}:{self.port}\n")
        self._epmd = subprocess.Popen(["epmd", "-port", str(self._epmd_port)], env=self._whole_environment())

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}//"

    def answers(self) -> bool:
        return rabbitmq_answers(self.url)

    def empty(self, queues: Sequence[str]) -> bool:
        """Throw away every message that waits; tells whether that could be done."""
        # A node that is coming up takes the connection and then may not answer for minutes.
        brief = {"read_timeout": 3, "write_timeout": 3}
        connection = Connection(self.url, connect_timeout=2, transport_options=brief)
        try:
            with connection:
                for queue in queues:
                    connection.channel().queue_purge(queue)
        except (OSError, *connection.connection_errors, *connection.channel_errors):
            return False
        return True

    def stop_for_good(self) -> None:
        super().stop_for_good()
        self._epmd.kill()
        self._epmd.wait()

    def _command(self) -> Sequence[str]:
        return [str(_RABBITMQ_SCRIPT)]

    def _environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_NODENAME": f"crash{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RUNNING_UNDER_SYSTEMD": "true",  # the node takes the place of its script, so that signals reach it
        }

    def _whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self._environment()}


class OwnRedis(OwnServer):
    """A Redis that keeps nothing on disk: every end of it is the loss of all messages."""

    name = "Redis"

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def answers(self) -> bool:
        return redis_answers(self.url)

    def empty(self, queues: Sequence[str]) -> bool:
        """Throw away everything that is in it; tells whether that could be done."""
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
                return bool(client.flushall())
        except redis.RedisError:
            return False

    def _command(self) -> Sequence[str]:
        return ["redis-server", "--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no"]


def postgres_is_installed() -> bool:
    """Whether the programs are here, and a login under which they run."""
    if not (_postgres_program("initdb") and _postgres_program("postgres")):
        return False
    if os.geteuid() != 0:
        return True
    try:
        return shutil.which("setpriv") is not None and pwd.getpwnam("postgres").pw_uid != 0
    except KeyError:
        return False


def rabbitmq_is_installed() -> bool:
    """Whether the node's start script and its name server are here."""
    return os.access(_RABBITMQ_SCRIPT, os.X_OK) and shutil.which("epmd") is not None


def _postgres_program(name: str) -> str:
    """Return the newest installed version's program; Debian keeps them off the path. Empty when there is none."""
    found = sorted(_POSTGRES_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name) or ""


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
