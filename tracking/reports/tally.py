"""Adds entries up and keeps each of them, so that every figure can show its dossiers. On disk while it lasts.

A province's quarter has some hundred thousand dossiers; their evidence is sorted by a private SQLite file that nobody
else sees and that is gone with the tally. An entry that comes twice counts once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from tracking.reports.layout import Entry, Layout

_AT_ONCE = 5_000

Row = tuple[str, ...]


class Evidence(NamedTuple):
    """One line under a figure: what it adds to the leaf column ``column``."""

    column: str
    dossier: str
    item: str
    amount: int


class Tally:
    """The figures of one report, with what they are made of. Use it as a context manager."""

    def __init__(self, layout: Layout) -> None:
        self._columns = [leaf.key for leaf in layout.leaves]
        self._numbers = {key: number for number, key in enumerate(self._columns)}
        self._rows: dict[Row, int] = {}
        self._names: dict[Row, Row] = {}
        self._kept = sqlite3.connect("")
        self._kept.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
            "CREATE TABLE entry (row INTEGER, col INTEGER, dossier TEXT, item TEXT, amount INTEGER,"
            " PRIMARY KEY (row, col, dossier, item)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.close()

    def take(self, entries: Iterable[Entry]) -> None:
        """Add entries.

        Raises:
            KeyError: one names a column that the report does not count.
        """
        coming = iter(entries)
        while some := list(islice(coming, _AT_ONCE)):
            self._kept.executemany("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?)", map(self._placed, some))
        self._kept.commit()

    def _placed(self, entry: Entry) -> tuple[int, int, str, str, int]:
        number = self._rows.setdefault(entry.row, len(self._rows))
        self._names[entry.row] = entry.names
        return number, self._numbers[entry.column], entry.dossier, entry.item, entry.amount

    def figures(self) -> dict[Row, dict[str, int]]:
        """Return the leaves of every row, the rows in the order of their codes."""
        found: dict[int, dict[str, int]] = {number: {} for number in self._rows.values()}
        for row, col, amount in self._kept.execute("SELECT row, col, SUM(amount) FROM entry GROUP BY row, col"):
            found[row][self._columns[col]] = amount
        return {row: found[number] for row, number in sorted(self._rows.items())}

    def names(self, row: Row) -> Row:
        """Return what the codes of a row are called, as its last entry says."""
        return self._names[row]

    def evidence(self, row: Row) -> Iterator[Evidence]:
        """Return what a row is made of, column by column and by dossier."""
        query = "SELECT col, dossier, item, amount FROM entry WHERE row = ? ORDER BY col, dossier, item"
        for col, dossier, item, amount in self._kept.execute(query, (self._rows[row],)):
            yield Evidence(self._columns[col], dossier, item, amount)
