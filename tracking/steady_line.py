"""A connection that one thread keeps from one transaction to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from config.database import Database


class SteadyLine:
    """Short transactions one after another, without a way to the pool and a trial of the connection before each.

    For small batches that costs as much as the work itself. A connection on which anything went wrong is given back,
    and the next transaction begins on one that was tried.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or leaves nothing behind."""
        connection, self._connection = self._connection or self._database.engine.connect(), None
        try:
            with connection.begin(), Session(connection, expire_on_commit=False) as session:
                yield session
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
