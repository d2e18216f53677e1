"""Engine, sessions, declarative base, and the column types for instants and personal data."""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Enum, Integer, MetaData, Text, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from config.errors import ConfigurationError

POOL_SIZE = OVERFLOW = 10
"""Connections of one process to a database server: kept open, and opened beside them while there is much to do."""

READ_ONLY = "postal_read_only"
"""The execution option that marks sessions for reading."""


class Base(DeclarativeBase):
    """Base of every table; constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        dict[str, Any]: JSON,
        list[Any]: JSON,
        # Words, not ordinals, and no database constraint: a new word must not need a migration.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=20,
            values_callable=lambda e: [m.value for m in e],
        ),
    }


BigId = BigInteger().with_variant(Integer(), "sqlite")
"""Ids of what comes in without end. SQLite counts only plain integers by itself, and they have 64 bits there anyway."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive times on the way in, always gives UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value.isoformat()}: every instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value if value.tzinfo is UTC else value.astimezone(UTC)


_SEALED = "1."
_NONCE = 12


class Keyring:
    """The keys of this process for personal data: one to write, any to read, and one for blind indexes.

    Texts are sealed with AES-256-GCM. What was written before that are Fernet's tokens; they stay readable.
    """

    def __init__(self) -> None:
        self._seals: list[AESGCM] = []
        self._fernet: MultiFernet | None = None
        self._index_key = b""

    def load(self, keys: str) -> None:
        """Take comma-separated Fernet keys, the first of which writes.

        Raises:
            ConfigurationError: a key is not 32 url-safe base64 bytes.
        """
        parts = [part.strip() for part in keys.split(",") if part.strip()]
        try:
            self._fernet = MultiFernet([Fernet(part) for part in parts])
        except ValueError as error:
            raise ConfigurationError(
                "POSTAL_DATA_KEY is not a valid key; make one with `postal doctor --new-key`"
            ) from error
        self._seals = [AESGCM(hashlib.sha256(b"personal-data:" + part.encode()).digest()) for part in parts]
        # The oldest key also makes the index: it must not change when a newer key is put in front.
        self._index_key = hashlib.sha256(b"blind-index:" + parts[-1].encode()).digest()

    def encrypt(self, text: str) -> str:
        return _SEALED + urlsafe_b64encode(self.seal(text.encode())).decode("ascii")

    def seal(self, content: bytes, purpose: bytes | None = None) -> bytes:
        """Encrypt what is kept outside the database; with a ``purpose``, it opens for that purpose alone."""
        if not self._seals:
            raise ConfigurationError("no data key is loaded; open the database through config.database.Database")
        nonce = os.urandom(_NONCE)
        return nonce + self._seals[0].encrypt(nonce, content, purpose)

    def unseal(self, sealed: bytes, purpose: bytes | None = None) -> bytes:
        """Decrypt what :meth:`seal` has sealed for the same ``purpose``.

        Raises:
            InvalidTag: none of the keys did, or the content was changed.
        """
        for seal in self._seals:
            with suppress(InvalidTag):
                return seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose)
        raise InvalidTag

    def decrypt(self, token: str) -> str:
        try:
            return self._opened(token).decode()
        except (InvalidToken, InvalidTag, ValueError) as error:
            raise ConfigurationError(
                "personal data cannot be read with POSTAL_DATA_KEY; add the key it was written with to the list"
            ) from error

    def _opened(self, token: str) -> bytes:
        if not token.startswith(_SEALED):
            return self._loaded().decrypt(token.encode())
        return self.unseal(urlsafe_b64decode(token[len(_SEALED) :]))

    def blind_index(self, text: str) -> str:
        """Return a keyed digest by which an exact value can be found without being stored in clear."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    def _loaded(self) -> MultiFernet:
        if self._fernet is None:
            raise ConfigurationError("no data key is loaded; open the database through config.database.Database")
        return self._fernet


keyring = Keyring()


class EncryptedText(TypeDecorator[str]):
    """Personal data, encrypted at rest (Law 91/2025/QH15; domain facts section 6)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.decrypt(value)


class Database:
    """The database of this process: short transactions, never one open across a call to somebody else."""

    def __init__(self, url: str, data_keys: str) -> None:
        keyring.load(data_keys)
        self.engine = _make_engine(url)
        # Not by a sessionmaker: that makes a class of its own, and of several threads that are the first to use one,
        # some do not see what listens to every session. What is owed to the audit trail or to a lane would be lost.
        self._write = partial(Session, self.engine, expire_on_commit=False)
        self._read = partial(Session, self.engine.execution_options(**{READ_ONLY: True}), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or leaves nothing behind."""
        with self._write() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; what is changed in it is thrown away."""
        with self._read() as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def data_key_file(home: Path) -> str:
    """Return the embedded system's own data key, made on first use and readable by its owner alone."""
    path = home / "data.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(Fernet.generate_key())
    return path.read_text().strip()


def _make_engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        # The driver then hands out instants in UTC as they are, instead of in the server's zone.
        utc = {"options": "-c timezone=UTC"}
        return create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=POOL_SIZE, max_overflow=OVERFLOW, connect_args=utc
        )
    if database := make_url(url).database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    ours = {"check_same_thread": False, "factory": _SqliteConnection}
    engine = create_engine(url, hide_parameters=True, pool_size=10, max_overflow=20, connect_args=ours)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "checkin", _let_go)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class _SqliteConnection(sqlite3.Connection):
    """A connection that can let go of every result that nobody has read to its end."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any, **more: Any) -> Any:
        cursor = super().cursor(*args, **more)
        self._cursors.add(cursor)
        return cursor

    def let_go(self) -> None:
        for cursor in list(self._cursors):
            with suppress(sqlite3.Error):  # nothing that is left of a connection may keep it from its pool
                cursor.close()


def _let_go(connection: _SqliteConnection | None, _record: Any) -> None:
    # An error between a question and its answer holds the cursor, and that the database as it was then, even after the
    # rollback: whoever wrote over this connection next would hear "locked" for as long as anybody keeps the error.
    if connection is not None:
        connection.let_go()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see below
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the write lock at once: SQLite answers "locked" without waiting when a reader upgrades late.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
