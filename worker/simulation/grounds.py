"""Where runs take place: an empty database of their own for each, on ground that is made once and given out clean."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Engine, MetaData, event, text

from config.calendars import load_calendar
from config.database import Database
from config.settings import Settings
from tracking.calendar_versions import KeptCalendars
from tracking.deadlines.rules import load_rules
from tracking.deadlines.terms import DueTime
from tracking.deadlines.working_time import WorkingTime
from tracking.office import Office
from worker import migrate
from worker.bench.figures import own_database

_STAYS = ("alembic_version", "audit_entry")
"""The schema's own row, and the trail that no hand may empty; the simulation does not go by the doors that fill it."""


class Ground(ABC):
    """One database after another under the same address.

    What holds no state of the system is made once for all runs: engines with the statements they have compiled, and
    calendars that were read. A process that dies loses its connections and everything else.
    """

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self._databases: dict[str, Database] = {}

    @abstractmethod
    def clear(self) -> None:
        """Leave the schema and no rows."""

    def database(self, process: str) -> Database:
        """Return the database as one process opens it."""
        if process not in self._databases:
            self._databases[process] = Database(self.url, self.key)
            _hurry(self._databases[process].engine)
        return self._databases[process]

    def close(self) -> None:
        """Close every connection."""
        for database in self._databases.values():
            database.dispose()


class _FileGround(Ground):
    """A SQLite file, which is replaced by a copy of an empty one."""

    def __init__(self, folder: Path, key: str) -> None:
        super().__init__(f"sqlite:///{folder / 'postal.db'}", key)
        self._folder = folder
        self._empty = folder / "empty.db"
        empty = Database(f"sqlite:///{self._empty}", key)
        migrate.upgrade(empty)
        empty.dispose()

    def clear(self) -> None:
        self.close()
        for old in self._folder.glob("postal.db*"):
            old.unlink()
        shutil.copyfile(self._empty, self._folder / "postal.db")


class _ServerGround(Ground):
    """A PostgreSQL database, whose tables are emptied."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(url, key)
        keeper = self.database("keeper")
        migrate.upgrade(keeper)
        tables = MetaData()
        tables.reflect(keeper.engine)
        self._names = [f'"{table}"' for table in tables.tables if table not in _STAYS]

    def clear(self) -> None:
        with self.database("keeper").engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {', '.join(self._names)} RESTART IDENTITY CASCADE"))


@contextmanager
def ground(server: str) -> Iterator[Ground]:
    """Give ground on a PostgreSQL server, in a database that is dropped afterwards, or without one in a SQLite file."""
    if server:
        with own_database(server) as (url, key):
            yield from _closed(_ServerGround(url, key))
        return
    with TemporaryDirectory(prefix="postal-simulation-") as folder:
        yield from _closed(_FileGround(Path(folder), Fernet.generate_key().decode()))


def _closed(made: Ground) -> Iterator[Ground]:
    try:
        yield made
    finally:
        made.close()


def office_on(settings: Settings, database: Database) -> Office:
    """Return what :func:`tracking.office.load_office` does, with the files read once."""
    packaged = settings.calendars is None
    working_time = _packaged(settings.calendar_office) if packaged else _of_its_own(settings)
    calendars = KeptCalendars(working_time, database)
    return Office(working_time, _rules(), DueTime(settings.due_time), calendars)


@cache
def _packaged(office: str) -> WorkingTime:
    return WorkingTime(load_calendar(office))


def _of_its_own(settings: Settings) -> WorkingTime:
    return WorkingTime(load_calendar(settings.calendar_office, settings.calendars))


_rules = cache(load_rules)


def _hurry(engine: Engine) -> None:
    """A process is killed here, never the machine: nothing need reach the disk."""
    sqlite = engine.dialect.name == "sqlite"
    event.listen(engine, "connect", _do_not_wait_for_the_disk if not sqlite else _do_not_sync)


def _do_not_sync(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    connection.commit()
