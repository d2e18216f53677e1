"""One transaction about many things: what is asked about one is read for all, what is written is written together.

The code that works on one thing asks and writes as if it were alone. In a batch the first question of a kind reads the
answers for everything in it, and what is written waits for the end, each kind in one statement. So the number of
statements does not grow with the batch, and there is no second way to do a thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ARRAY, ColumnElement, Insert, any_, bindparam, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config.database import Base

Row = TypeVar("Row")
Value = TypeVar("Value")

_KEY = "postal_batch"


class Batch:
    """What is known and what is to be written in one transaction.

    Args:
        keys: what the transaction is about: primary keys by mapped class.
    """

    def __init__(self, session: Session, keys: Mapping[type[Base], Collection[str]]) -> None:
        self._session = session
        self._keys = {kind: frozenset(among) for kind, among in keys.items()}
        self._shelves: dict[Any, dict[str, list[Any]]] = {}
        self._late: dict[Any, list[Any]] = {}

    def shelf(self, lookup: RowsOf[Row], key: str) -> list[Row] | None:
        """Return the rows of ``key``, read together with those of all others; None for a key of another batch."""
        keys = self._keys.get(lookup.kind, frozenset())
        if key not in keys:
            return None
        if (shelf := self._shelves.get(lookup)) is None:
            shelf = self._shelves[lookup] = {one: [] for one in keys}
            for owner, row in lookup.read(self._session, keys):
                shelf[owner].append(row)
        return shelf[key]

    def later(self, writer: Together[Value], values: Iterable[Value]) -> None:
        """Note what is to be written at the end."""
        self._late.setdefault(writer, []).extend(values)

    def write(self) -> None:
        """Write what has been noted, each kind at once, in the order in which the kinds were first used."""
        while self._late:
            writer = next(iter(self._late))
            writer.write(self._session, self._late.pop(writer))


class RowsOf(Generic[Row]):
    """The rows that belong to things of one ``kind``, such as a dossier's papers.

    Args:
        kind: the mapped class of the things.
        read: gives the rows of all the given keys, each with its key, in the order in which they are wanted.
    """

    def __init__(self, kind: type[Base], read: Callable[[Session, Collection[str]], Iterable[tuple[str, Row]]]) -> None:
        self.kind = kind
        self.read = read

    def of(self, session: Session, key: str) -> list[Row]:
        """Return the rows of one thing."""
        batch = _batch(session)
        shelf = batch.shelf(self, key) if batch is not None else None
        return list(shelf) if shelf is not None else [row for _, row in self.read(session, (key,))]

    def add(self, session: Session, key: str, row: Row) -> None:
        """Let a row count that is written in this transaction; outside a batch the database itself tells of it."""
        batch = _batch(session)
        if batch is not None and (shelf := batch.shelf(self, key)) is not None:
            shelf.append(row)


class Together(Generic[Value]):
    """Something to write: at once, or in a batch together with its like.

    Args:
        write: writes many values; of those that say something about the same row the last counts.
    """

    def __init__(self, write: Callable[[Session, list[Value]], object]) -> None:
        self.write = write

    def __call__(self, session: Session, *values: Value) -> None:
        if not values:
            return
        if (batch := _batch(session)) is not None:
            batch.later(self, values)
        else:
            self.write(session, list(values))


@contextmanager
def batched(session: Session, keys: Mapping[type[Base], Collection[str]]) -> Iterator[None]:
    """Work on all of ``keys`` as one batch; at the end of the block everything is written."""
    batch = session.info[_KEY] = Batch(session, keys)
    try:
        with session.no_autoflush:
            yield
            batch.write()
            session.flush()
    finally:
        del session.info[_KEY]


def insert_or_update(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an ``INSERT`` of this database that can be told what to do ``ON CONFLICT``."""
    return postgresql.insert(model) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(model)


def write_rows(session: Session, statement: Insert, rows: list[dict[str, Any]]) -> None:
    """Insert many rows with one statement: what is empty is written too, so that all have the same columns."""
    session.execute(statement, rows, execution_options={"render_nulls": True})


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column is one of very many values: on PostgreSQL one array, not a parameter for each of them."""
    if session.get_bind().dialect.name == "postgresql":
        return cast("ColumnElement[bool]", column == any_(bindparam(None, list(values), type_=ARRAY(column.type))))
    return cast("ColumnElement[bool]", column.in_(values))


def update_changed(session: Session, rows: Collection[Base]) -> None:
    """Write what has changed in objects of one class with one statement, and let go of them.

    Only for rows that are locked: of each the same columns are written, whether they have changed in it or not.
    """
    changed = [row for row in rows if session.is_modified(row)]
    if not changed:
        return
    table = Base.metadata.tables[changed[0].__tablename__]
    names = set(table.columns.keys()).difference(
        frozenset.intersection(*(frozenset(inspect(row).unmodified) for row in changed))
    )
    keys = {f"key_{column.name}": column for column in table.primary_key}
    statement = update(table).where(*(column == bindparam(name) for name, column in keys.items()))
    rows_as_written = [
        {name: getattr(row, column.name) for name, column in keys.items()}
        | {name: getattr(row, name) for name in names}
        for row in changed
    ]
    session.connection().execute(statement.values({name: bindparam(name) for name in names}), rows_as_written)
    for row in changed:
        session.expunge(row)


def _batch(session: Session) -> Batch | None:
    return session.info.get(_KEY)
