"""A statement's file as rows of cells: CSV in the encodings and with the separators that are met, or XLSX. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dispatch.money.statements.cells import Cell
from dispatch.money.statements.xlsx import UnreadableWorkbook, read_xlsx

LARGEST_FILE = 20_000_000
HEADING_WITHIN = 30
"""Rows among which the headings are looked for: what is above them is the letterhead."""

_MOST_ROWS = 200_000
_SEPARATORS = (";", "\t", ",")


class UnreadableFile(ValueError):  # noqa: N818 - what it is, not that something broke
    """A file that is no statement; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``number`` is its line in the file, as an editor or a spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows that have anything in them; days that are numbers count from ``epoch``."""

    rows: tuple[Row, ...]
    epoch: date


def read_sheet(content: bytes, is_heading: Callable[[Sequence[Cell]], bool]) -> Sheet:
    """Read a file; what it is its first bytes tell, not its name, and its separator the row of headings.

    Raises:
        UnreadableFile: it says why.
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableFile(f"it is larger than {LARGEST_FILE} bytes")
    if not content.startswith(b"PK"):
        return Sheet(_csv(_decoded(content), is_heading), date(1899, 12, 30))
    try:
        rows, epoch = read_xlsx(content)
    except UnreadableWorkbook as error:
        raise UnreadableFile(str(error)) from error
    return Sheet(_kept(enumerate(rows, start=1)), epoch)


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else the Vietnamese code page of Windows."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1258"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise UnreadableFile("it is no text; save it as CSV (UTF-8) or XLSX")
        return unicodedata.normalize("NFC", text)
    raise UnreadableFile("its letters are in no encoding that we read; save it as CSV (UTF-8) or XLSX")


def _csv(text: str, is_heading: Callable[[Sequence[Cell]], bool]) -> tuple[Row, ...]:
    """Amounts have commas, too, so the separator is the one by which there is a row of headings."""
    found = (_csv_rows(text, separator) for separator in _SEPARATORS)
    return next((rows for rows in found if any(is_heading(row.cells) for row in rows[:HEADING_WITHIN])), ())


def _csv_rows(text: str, separator: str) -> tuple[Row, ...]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            rows.append((before + 1, cells))
            before = reader.line_num
            if len(rows) > _MOST_ROWS:
                raise UnreadableFile(f"it has more than {_MOST_ROWS} rows")
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: {error}") from error
    return _kept(rows)


def _kept(rows: Iterable[tuple[int, Sequence[Cell]]]) -> tuple[Row, ...]:
    return tuple(Row(number, tuple(cells)) for number, cells in rows if any(str(cell).strip() for cell in cells))
