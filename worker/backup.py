"""A copy of the embedded database, taken while the system works. PostgreSQL has tools of its own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from config.errors import ConfigurationError
from config.settings import Settings


def back_up(settings: Settings, target: Path) -> int:
    """Write a consistent copy of the embedded database to ``target``; returns its size in bytes.

    The copy is one read transaction, so it shows one moment and holds up nobody. It appears under its name only when it
    is whole, checked and on the disk.

    Raises:
        ConfigurationError: it is not embedded, not there or damaged, or ``target`` is there already.
    """
    source = _file_of(settings)
    if target.exists():
        raise ConfigurationError(f"{target} is there already; choose another name, an older backup is worth keeping")
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # it holds what the database holds
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as database:
            database.execute("VACUUM INTO ?", (str(unfinished),))
        _check(unfinished)
    except sqlite3.Error as error:
        raise ConfigurationError(
            f"the database cannot be copied ({error}): see whether there is room beside {target}, then check the disk"
        ) from error
    _settle(unfinished, target)
    return target.stat().st_size


def _file_of(settings: Settings) -> Path:
    if not settings.embedded_database:
        raise ConfigurationError(
            "this makes copies of the embedded database; for PostgreSQL use `pg_dump --format=custom` or a base backup "
            "with its log archive (docs/operations/README.md says how, and what a restore means)"
        )
    path = Path(make_url(settings.url).database or "")
    if not path.is_file():
        raise ConfigurationError(f"there is no database at {path}; set POSTAL_HOME to the folder of the system")
    return path


def _check(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as database:
        (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")


def _settle(unfinished: Path, target: Path) -> None:
    """Give the copy its name once it is on the disk, and let the name be there, too."""
    _flush(unfinished)
    unfinished.rename(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
