"""Tables that PostgreSQL keeps in one partition a month, so that growth costs nothing and old months are dropped whole.

SQLite has no partitions; there a table stays one. Every partitioned table has a default partition beside its months: a
row whose month has not been made is kept there and is moved when the month is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg.errors import DuplicateObject, DuplicateTable, UniqueViolation
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from config.database import Database

SEQUENCE_BITS = 31
"""An id that carries its time is the second of its making, shifted by so many bits, and a running number below."""

_MONTH = re.compile(r"_(\d{4})_(\d{2})$")
# A new or dropped partition needs the whole table for a moment; whoever waits longer would hold up everybody else.
_PATIENCE = "SET LOCAL lock_timeout = '2s'"


@dataclass(frozen=True)
class Partitioned:
    """A table in months.

    Attributes:
        column: what the months are told by: an instant, or an id that carries its time.
        by_id: whether it is the latter.
    """

    table: str
    column: str
    by_id: bool = False

    def name(self, month: date) -> str:
        """Return the name of a month's partition."""
        return f"{self.table}_{month:%Y_%m}"

    def bound(self, month: date) -> str:
        """Return where a month begins, as SQL."""
        begins = datetime(month.year, month.month, 1, tzinfo=UTC)
        return str(first_id(begins)) if self.by_id else f"'{begins.isoformat()}'"


def first_id(at: datetime) -> int:
    """Return the smallest id that a row made at ``at`` can have, where ids carry their time."""
    return int(at.timestamp()) << SEQUENCE_BITS


def months(first: date, count: int) -> list[date]:
    """Return ``count`` months from the one of ``first`` on, each by its first day."""
    start = first.year * 12 + first.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(start, start + count)]


def following(month: date) -> date:
    """Return the first day of the month after."""
    return months(month, 2)[1]


def has_partitions(database: Database) -> bool:
    """Whether this database keeps tables in months."""
    return database.engine.dialect.name == "postgresql"


def present(connection: Connection, kept: Partitioned) -> list[date]:
    """Return the months that have a partition, oldest first."""
    inherited = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:parent AS regclass)")
    names = connection.scalars(inherited, {"parent": kept.table})
    found = (_MONTH.search(name) for name in names)
    return sorted(date(int(match[1]), int(match[2]), 1) for match in found if match)


def make(database: Database, kept: Partitioned, wanted: Sequence[date]) -> int:
    """Make the months that are missing, each in a transaction of its own; returns how many were made.

    A month that cannot be made now, because the table is in use, is left for the next time: rows of it go into the
    default partition meanwhile.
    """
    with database.engine.connect() as connection:
        missing = sorted(set(wanted) - set(present(connection, kept)))
    return sum(_attempt(database, statements) for statements in (_making(kept, month) for month in missing))


def drop(database: Database, kept: Partitioned, month: date) -> bool:
    """Drop a month with everything in it; tells whether that was possible now."""
    return _attempt(database, iter((f"DROP TABLE {kept.name(month)}",)))


def _making(kept: Partitioned, month: date) -> Iterator[str]:
    """Yield what makes a month: beside the table first, filled with its rows of the default one, then attached."""
    name, begins, ends = kept.name(month), kept.bound(month), kept.bound(following(month))
    within = f"{kept.column} >= {begins} AND {kept.column} < {ends}"
    yield f"CREATE TABLE {name} (LIKE {kept.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    yield f"LOCK TABLE {kept.table}_default IN ACCESS EXCLUSIVE MODE"
    yield (
        f"WITH gone AS (DELETE FROM {kept.table}_default WHERE {within} RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM gone"
    )
    yield f"ALTER TABLE {kept.table} ATTACH PARTITION {name} FOR VALUES FROM ({begins}) TO ({ends})"


def _attempt(database: Database, statements: Iterator[str]) -> bool:
    try:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(_PATIENCE)
            for statement in statements:
                connection.exec_driver_sql(statement)
    except OperationalError:  # the table is in use for longer than we want to wait
        return False
    except (IntegrityError, ProgrammingError) as error:
        if not isinstance(error.orig, DuplicateTable | DuplicateObject | UniqueViolation):
            raise
        return False  # another process that starts at this moment has made it
    return True
