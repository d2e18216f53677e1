"""Where runs take place: an empty database of their own for each, made once and given out clean."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from sqlalchemy import Engine, MetaData, text

from config.database import Database
from worker import migrate
from worker.bench.figures import own_database

Ground = Callable[[], tuple[str, str]]
"""Returns the URL and the data key of a database with the schema and no rows; what was in it before is gone."""

_NO_ROWS_OF_OURS = "alembic_version"


@contextmanager
def grounds(server: str) -> Iterator[Ground]:
    """Give grounds on a PostgreSQL server, in a database that is dropped afterwards, or without one on SQLite."""
    key = Fernet.generate_key().decode()
    if server:
        with own_database(server) as (url, key):
            yield from _emptied(url, key)
        return
    with TemporaryDirectory(prefix="postal-simulation-") as folder:
        yield _copied(Path(folder), key)


def _emptied(url: str, key: str) -> Iterator[Ground]:
    database = Database(url, key)
    migrate.upgrade(database)
    tables = MetaData()
    tables.reflect(database.engine)
    names = [f'"{table}"' for table in tables.tables if table != _NO_ROWS_OF_OURS]

    def fresh() -> tuple[str, str]:
        _truncate(database.engine, names)
        return url, key

    try:
        yield fresh
    finally:
        database.dispose()


def _truncate(engine: Engine, names: list[str]) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))


def _copied(folder: Path, key: str) -> Ground:
    template, copy = folder / "empty.db", folder / "postal.db"
    database = Database(f"sqlite:///{template}", key)
    migrate.upgrade(database)
    database.dispose()
    for rest in folder.glob("empty.db-*"):
        rest.unlink()

    def fresh() -> tuple[str, str]:
        for old in folder.glob("postal.db*"):
            old.unlink()
        shutil.copyfile(template, copy)
        return f"sqlite:///{copy}", key

    return fresh
