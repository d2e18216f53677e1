"""The schema: its newest revision, so that a migration changes no test but its own, and databases that have it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet

from config.database import Database
from worker import migrate

HEAD = str(ScriptDirectory.from_config(migrate._config()).get_current_head())


def empty_database(path: Path) -> str:
    """Put a SQLite database with all tables and no rows at ``path``; returns its URL.

    It is a copy: to run every migration takes longer than most tests.
    """
    shutil.copyfile(Path(_made_once().name) / "empty.db", path)
    return f"sqlite:///{path}"


@cache
def _made_once() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory(prefix="postal-schema-")
    database = Database(f"sqlite:///{folder.name}/empty.db", Fernet.generate_key().decode())
    migrate.upgrade(database)
    database.dispose()
    return folder
