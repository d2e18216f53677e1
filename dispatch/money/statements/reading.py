"""From a statement's file to its lines; of a file with cells that cannot be read every one is named. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from config.accounts import StatementColumn
from dispatch.money.statements.cells import Cell, UnreadableCell, amount_of, day_of, text_of
from dispatch.money.statements.columns import Columns, find_columns, payer_of, plain
from dispatch.money.statements.sheet import HEADING_WITHIN, Row, Sheet, UnreadableFile, read_sheet
from dispatch.parties import Party

_LONGEST_NAME = 80
_TOTALS = ("tong", "tong cong", "cong", "total", "sum", "grand total")
_PERIOD = re.compile(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}).*?([0-9]{1,2}/[0-9]{1,2}/[0-9]{4})")
_Value = TypeVar("_Value")
More = Mapping[StatementColumn, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement; amounts in đồng.

    Attributes:
        number: its line in the file.
        order: the order number as told, or nothing.
        remitted_vnd: None where the statement has no such column or leaves it empty.
        payer: who pays the postage, where the statement says so.
    """

    number: int
    order: str
    waybill: str
    collected_vnd: int
    postage_vnd: int
    remitted_vnd: int | None
    refund_vnd: int
    day: date | None
    payer: Party | None


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that cannot be read; ``column`` is its heading as it stands in the file."""

    line: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a file: lines, what it says that was remitted in all, and for which period."""

    lines: tuple[Line, ...]
    remitted_vnd: int | None
    period: tuple[date, date] | None
    errors: tuple[CellError, ...] = ()


def read_statement(content: bytes, more: More) -> Reading:
    """Read a file; ``more`` are headings that its account adds.

    Raises:
        UnreadableFile: it is no statement at all; cells that cannot be read are in the answer.
    """
    sheet = read_sheet(content, lambda cells: find_columns(cells, more) is not None)
    for place, row in enumerate(sheet.rows[:HEADING_WITHIN]):
        columns = find_columns(row.cells, more)
        if columns is not None:
            return _read(sheet, place, columns)
    raise UnreadableFile(
        "no row has the headings of an order (or waybill) and of an amount; name them in statement_columns"
    )


@dataclass(slots=True)
class _Reader:
    """Cells by the names of their columns, and what could not be read of them."""

    headings: Row
    columns: Columns
    epoch: date
    errors: list[CellError] = field(default_factory=list)

    def cell(self, row: Row, name: StatementColumn) -> Cell:
        place = self.columns.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def name(self, row: Row, name: StatementColumn) -> str:
        return self._try(row, name, _short) or ""

    def amount(self, row: Row, name: StatementColumn) -> int | None:
        return self._try(row, name, amount_of)

    def line(self, row: Row) -> Line:
        return Line(
            number=row.number,
            order=self.name(row, "order"),
            waybill=self.name(row, "waybill"),
            collected_vnd=self.amount(row, "collected") or 0,
            postage_vnd=self.amount(row, "postage") or 0,
            remitted_vnd=self.amount(row, "remitted"),
            refund_vnd=self.amount(row, "refund") or 0,
            day=self._try(row, "date", lambda cell: day_of(cell, self.epoch)),
            payer=self._try(row, "payer", payer_of),
        )

    def refuse(self, row: Row, name: StatementColumn, why: str) -> None:
        place = self.columns.get(name, next(iter(self.columns.values())))
        self.errors.append(CellError(row.number, text_of(self.headings.cells[place]), why))

    def _try(self, row: Row, name: StatementColumn, read: Callable[[Cell], _Value]) -> _Value | None:
        try:
            return read(self.cell(row, name))
        except ValueError as error:
            self.refuse(row, name, str(error))
            return None


def _read(sheet: Sheet, place: int, columns: Columns) -> Reading:
    reader = _Reader(sheet.rows[place], columns, sheet.epoch)
    lines: list[Line] = []
    total: int | None = None
    for row in sheet.rows[place + 1 :]:
        if _is_total(row):
            total = reader.amount(row, "remitted")
            continue
        line = reader.line(row)
        if not line.order and not line.waybill:
            if line.collected_vnd or line.postage_vnd or line.remitted_vnd:
                reader.refuse(
                    row, "order" if "order" in columns else "waybill", "an amount without an order or waybill"
                )
            continue  # signatures and remarks below the table
        lines.append(line)
    return Reading(tuple(lines), total, _period(sheet.rows[:place]), tuple(reader.errors))


def _is_total(row: Row) -> bool:
    first = next((text_of(cell) for cell in row.cells if str(cell).strip()), "")
    return plain(first) in _TOTALS


def _period(above: Sequence[Row]) -> tuple[date, date] | None:
    """Return the period that the letterhead names: "Từ ngày 01/03/2026 đến ngày 31/03/2026"."""
    for row in above:
        found = _PERIOD.search(" ".join(text_of(cell) for cell in row.cells))
        if found is None:
            continue
        try:
            first, last = day_of(found[1]), day_of(found[2])
        except UnreadableCell:
            continue
        if first is not None and last is not None and first <= last:
            return first, last
    return None


def _short(cell: Cell) -> str:
    said = text_of(cell)
    if len(said) > _LONGEST_NAME:
        raise UnreadableCell(f"longer than {_LONGEST_NAME} characters, as no number of an order is")
    return said
