"""The schema: its newest revision, so that a migration changes no test but its own, and databases that have it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from config.database import Database
from tests.support.rooms import own_database
from tests.support.services import Server
from worker import migrate

HEAD = str(ScriptDirectory.from_config(migrate._config()).get_current_head())


def empty_database(path: Path) -> str:
    """Put a SQLite database with all tables and no rows at ``path``; returns its URL.

    It is a copy: to run every migration takes longer than most tests.
    """
    shutil.copyfile(Path(_made_once().name) / "empty.db", path)
    return f"sqlite:///{path}"


@contextmanager
def kept_for_copies(url: str) -> Iterator[None]:
    """Keep a PostgreSQL database with all tables beside the one at ``url``, for :func:`with_tables`."""
    with own_database(Server(url, named=False), name=_beside(url)) as tables:
        database = Database(tables, Fernet.generate_key().decode())
        migrate.upgrade(database)
        database.dispose()
        yield


@contextmanager
def with_tables(postgres_url: str) -> Iterator[str]:
    """Give a PostgreSQL database with all tables and no rows, as a SQLAlchemy URL, and drop it afterwards."""
    with own_database(Server(postgres_url, named=False), copy_of=_beside(postgres_url)) as url:
        yield url


def _beside(url: str) -> str:
    return f"{make_url(url).database}_tables"


@cache
def _made_once() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="postal-schema-")
    database = Database(f"sqlite:///{folder.name}/empty.db", Fernet.generate_key().decode())
    migrate.upgrade(database)
    database.dispose()
    return folder
