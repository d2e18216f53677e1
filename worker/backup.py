"""A copy of the embedded database with its files of evidence, taken while the system works, and put back.

PostgreSQL has tools of its own. Beside the copy ``FILE`` the evidence lies in ``FILE.evidence``, sealed as it was.
A file is written before the fact that refers to it and never changes, so what is copied after the database is whole.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from config.database import Keyring, data_key_file
from config.errors import ConfigurationError
from config.settings import Settings
from tracking.incidents.evidence import FOLDER, EvidenceStore
from tracking.incidents.facts import EVIDENCE


@dataclass(frozen=True)
class Copied:
    """What was copied: the database's bytes and how many files of evidence.

    ``damaged``: the files to which facts refer and that could not be copied, by SHA-256: ``missing`` or ``altered``.
    """

    size: int
    files: int
    damaged: dict[str, str]


def back_up(settings: Settings, target: Path) -> Copied:
    """Write a consistent copy of the embedded database to ``target``, and its evidence beside it.

    The copy is one read transaction, so it shows one moment and holds up nobody. It appears under its name only when it
    is whole, checked and on the disk, and the evidence is there. What is damaged already stops no backup of the rest.

    Raises:
        ConfigurationError: it is not embedded, not there or damaged, or ``target`` is there already.
    """
    source = _file_of(settings)
    if not source.is_file():
        raise ConfigurationError(f"there is no database at {source}; set POSTAL_HOME to the folder of the system")
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
    damaged, files = {}, _evidence_in(unfinished)
    if files:
        here, beside = _stores(settings, target)
        damaged = _copy(files, here, beside)
    _settle(unfinished, target)
    return Copied(target.stat().st_size, len(files) - len(damaged), damaged)


def put_back(settings: Settings, source: Path) -> Copied:
    """Put a backup in the place of a database that is gone, the evidence first; nothing that is there is overwritten.

    Raises:
        ConfigurationError: it is not embedded, there is a database, no backup or no data key, or the backup is damaged.
    """
    target = _file_of(settings)
    if target.exists():
        raise ConfigurationError(
            f"{target} is there: stop every process, move it away with its -wal and -shm, then restore again"
        )
    if not source.is_file():
        raise ConfigurationError(f"there is no backup at {source}")
    beside, here = reversed(_stores(settings, source))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.part")
    try:
        _write_copy(source, unfinished)
        _check(unfinished)
    except sqlite3.Error as error:
        unfinished.unlink(missing_ok=True)
        raise ConfigurationError(f"{source} is damaged ({error}); take an older backup") from error
    files = _evidence_in(unfinished)
    damaged = _copy(files, beside, here)
    for left in ("-wal", "-shm"):  # of the database that was there before: they would be read into this one
        target.with_name(target.name + left).unlink(missing_ok=True)
    _settle(unfinished, target)
    return Copied(target.stat().st_size, len(files) - len(damaged), damaged)


def _stores(settings: Settings, copy: Path) -> tuple[EvidenceStore, EvidenceStore]:
    """Return the system's store and the one beside a copy. A missing key is not made anew: it would read nothing."""
    keys, kept = settings.data_key.get_secret_value(), settings.home / "data.key"
    if not keys and not kept.is_file():
        raise ConfigurationError(
            f"the data key is not there: put back {kept}, or set POSTAL_DATA_KEY; without it nothing can be read"
        )
    keyring = Keyring()
    keyring.load(keys or data_key_file(settings.home))
    return EvidenceStore(settings.home / FOLDER, keyring), EvidenceStore(
        copy.with_name(f"{copy.name}.{FOLDER}"), keyring
    )


def _copy(digests: list[str], source: EvidenceStore, target: EvidenceStore) -> dict[str, str]:
    faults = {digest: target.copy_from(source, digest) for digest in digests}
    return {digest: fault for digest, fault in faults.items() if fault is not None}


def _evidence_in(copy: Path) -> list[str]:
    """Return the SHA-256 of every file to which facts in a copy refer; none where its schema knows no incidents yet."""
    with closing(sqlite3.connect(copy)) as database:
        known = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'incident_fact'").fetchone()[0]
        query = "SELECT DISTINCT fact_id FROM incident_fact WHERE type = 'evidence' ORDER BY fact_id"
        ids = [str(row[0]) for row in database.execute(query)] if known else []
    return [id.removeprefix(EVIDENCE) for id in ids if id.startswith(EVIDENCE)]


def _write_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle, source.open("rb") as whole:
        shutil.copyfileobj(whole, handle)


def _file_of(settings: Settings) -> Path:
    if not settings.embedded_database:
        raise ConfigurationError(
            "this makes copies of the embedded database; for PostgreSQL use `pg_dump --format=custom` or a base backup "
            "with its log archive (docs/operations/README.md says how, and what a restore means)"
        )
    return Path(make_url(settings.url).database or "")


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
