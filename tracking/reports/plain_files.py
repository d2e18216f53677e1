"""A report as two CSV files: the table, and beside it every dossier of every figure.

UTF-8 with a byte-order mark and semicolons, which is what a spreadsheet program set to Vietnamese opens by a click. A
text that such a program would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from xlsxwriter.utility import xl_rowcol_to_cell

from tracking.reports.layout import Column, Layout, Share, value
from tracking.reports.table import Line, LineKind, lines
from tracking.reports.tally import Tally
from tracking.reports.trace_sheets import TRACE, measure

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(path: Path, layout: Layout, tally: Tally) -> None:
    """Write the table.

    Raises:
        OSError: it cannot be written there.
    """
    titles = [str(one.title) for one in layout.headings]
    titles += [f"{column.band.vi}: {column.title}" if column.band else str(column.title) for column in layout.columns]
    _write(path, ["STT / No.", *titles], (_row(layout, line) for line in lines(layout, tally.figures(), tally.names)))


def write_dossiers(path: Path, layout: Layout, tally: Tally) -> None:
    """Write the evidence; the cells are those of the table's file in a spreadsheet program.

    Raises:
        OSError: it cannot be written there.
    """
    first = 1 + len(layout.headings)
    places = {column.key: first + n for n, column in enumerate(layout.columns)}
    titles = {leaf.key: measure(leaf) for leaf in layout.leaves}
    table = enumerate(lines(layout, tally.figures(), tally.names), start=1)
    evidence = (
        (
            xl_rowcol_to_cell(row, places[one.column]),
            " · ".join(word for word in line.words if word),
            titles[one.column],
            *one[1:],
        )
        for row, line in table
        if line.kind is LineKind.ROW
        for one in tally.evidence(line.row)
    )
    _write(path, [str(title) for title, _ in TRACE], evidence)


def harmless(text: str) -> str:
    """Return a text as no spreadsheet program takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(layout: Layout, line: Line) -> list[str | int]:
    figures = [_written(column, value(column, line.leaves)) for column in layout.columns]
    return [line.number, *line.words, *figures]


def _written(column: Column, amount: int | Fraction | None) -> str | int:
    if amount is None:
        return ""
    if isinstance(amount, int):
        return amount
    if isinstance(column, Share):
        return f"{float(amount * 100):.1f}%".replace(".", ",")
    return f"{float(amount):.1f}".replace(".", ",")


def _write(path: Path, header: list[str], rows: Iterable[Iterable[str | int]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
