"""A PostgreSQL cluster of a test's own, which it may kill."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.support.own_servers import OwnServer
from tests.support.services import libpq_url, postgres_answers
from worker.training.servers import HOST

_PROGRAMS = Path("/usr/lib/postgresql")
_BUSIEST = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "ORDER BY query_start DESC NULLS LAST LIMIT 1"
)


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


def _postgres_program(name: str) -> str:
    """Return the newest installed version's program; Debian keeps them off the path. Empty when there is none."""
    found = sorted(_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name) or ""
