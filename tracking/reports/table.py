"""The lines of a report: rows in their groups, sums under their rows, everything at the end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from tracking.reports.layout import Layout, Values, total

TOTAL = "Tổng cộng / Total"
_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))

Row = tuple[str, ...]


class LineKind(StrEnum):
    """What a line is."""

    ROW = "row"
    GROUP = "group"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        row: the codes of a row; of a group its first ones; empty for the total.
        number: its place as the form shows it.
        words: one text for each heading.
        leaves: its counted columns.
        rows: how many rows a group has, which come right after it.
    """

    kind: LineKind
    row: Row
    number: str
    words: tuple[str, ...]
    leaves: Values
    rows: int = 0


def lines(layout: Layout, figures: Mapping[Row, Values], names: Callable[[Row], Row]) -> Iterator[Line]:
    """Yield the lines from top to bottom; groups stand before their rows."""
    place = 0
    for group, members in groupby(figures, key=lambda row: row[: layout.groups]):
        rows = list(members)
        if layout.groups:
            place += 1
            summed = total([figures[row] for row in rows])
            yield Line(LineKind.GROUP, group, roman(place), _words(layout, group, names(rows[-1])), summed, len(rows))
        for number, row in enumerate(rows, start=1):
            yield Line(LineKind.ROW, row, str(number), _words(layout, row, names(row)), figures[row])
    words = (TOTAL, *[""] * (len(layout.headings) - 1))
    yield Line(LineKind.TOTAL, (), "", words, total([*figures.values()]))


def roman(number: int) -> str:
    """Return a number as groups are numbered in official forms."""
    written = ""
    for worth, letters in _ROMAN:
        times, number = divmod(number, worth)
        written += letters * times
    return written


def _words(layout: Layout, row: Row, names: Row) -> tuple[str, ...]:
    """Return the texts of a line; what lies beyond its own codes stays empty."""
    return tuple(
        "" if heading.key >= len(row) else row[heading.key] if heading.code else names[heading.key]
        for heading in layout.headings
    )
