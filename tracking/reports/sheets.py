"""A report as an XLSX file: the form itself, how each column counts, and behind it every dossier of every figure.

Figures of sums and shares are formulas with their results beside them, so that a reader can follow them and a program
that computes nothing shows them all the same. Texts are written as texts: none of them can become a formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from config.clock import local
from tracking.reports.layout import Column, Layout, Leaf, Mean, Share, Sum, Unit, Words, value
from tracking.reports.looks import Looks
from tracking.reports.periods import Period
from tracking.reports.table import Line, LineKind, lines
from tracking.reports.tally import Tally
from tracking.reports.trace_sheets import DOSSIERS, write_trace

_FIRST_SHEET = "Báo cáo"
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_NOTHING = "–"
_HEAD = Words("Thủ trưởng đơn vị", "Head of the unit")
_NUMBER, _MANY = 5, 8
_SIZE, _SMALL = 11, 9


@dataclass(frozen=True)
class Heading:
    """What stands above the table. ``unit`` is who reports, empty where nobody has said so."""

    period: Period
    made_at: datetime
    unit: str = ""

    def above(self, layout: Layout) -> Iterator[str]:
        """Yield the lines between the title and the table."""
        first, last = f"{self.period.first:%d/%m/%Y}", f"{self.period.last:%d/%m/%Y}"
        yield f"Kỳ báo cáo: từ ngày {first} đến hết ngày {last}, giờ Việt Nam / Period: {first} - {last}, both included"
        if self.unit:
            yield f"Đơn vị báo cáo / Reported by: {self.unit}"
        yield f"Đơn vị tính / Counted in: {layout.counted}"
        yield f"Căn cứ / Asked for by: {layout.source}"
        made = f"{local(self.made_at):%H:%M %d/%m/%Y}"
        source = "Nguồn / Source: onestop-postal; mỗi số liệu có danh sách hồ sơ ở trang"
        yield f"{source} “{DOSSIERS}”. Lập lúc / Made at: {made}, theo những gì đã biết khi đó / by what was known then"


def write_sheets(path: Path, layout: Layout, heading: Heading, tally: Tally) -> None:
    """Write the file.

    Raises:
        OSError: it cannot be written there.
    """
    # Opened here, because a file that the library cannot open leaves its scratch files behind, and so does a full disk.
    with path.open("wb") as file, TemporaryDirectory() as scratch:
        book = xlsxwriter.Workbook(file, {**_OPTIONS, "tmpdir": scratch})
        about = {"title": layout.title.vi, "comments": str(layout.source), "created": _naive(heading.made_at)}
        book.set_properties(about)
        placed = _Form(book, layout, heading).write(list(lines(layout, tally.figures(), tally.names)))
        write_trace(book, layout, tally, placed)
        book.close()


def _naive(instant: datetime) -> datetime:
    return local(instant).replace(tzinfo=None)


class _Form:
    """The first sheet. Rows are written from top to bottom and never touched again, so that memory stays small."""

    def __init__(self, book: Any, layout: Layout, heading: Heading) -> None:
        self._layout, self._heading = layout, heading
        self._look = Looks(book)
        self._sheet = book.add_worksheet(_FIRST_SHEET)
        self._first = 1 + len(layout.headings)
        self._places = {column.key: self._first + n for n, column in enumerate(layout.columns)}
        self._last = self._first + len(layout.columns) - 1
        self._row = self._top = self._total = 0

    def write(self, table: list[Line]) -> list[tuple[Line, int]]:
        """Write all of it; returns the place of every line."""
        self._set_columns()
        self._above()
        self._top = self._header()
        self._total = self._top + len(table) - 1
        placed = [(line, self._top + n) for n, line in enumerate(table)]
        for line, row in placed:
            self._line(line, row)
        self._row = self._total + 1
        self._below()
        self._page()
        return placed

    def _set_columns(self) -> None:
        self._sheet.set_column(0, 0, _NUMBER)
        for n, heading in enumerate(self._layout.headings):
            self._sheet.set_column(1 + n, 1 + n, heading.width)
        for column in self._layout.columns:
            self._sheet.set_column(self._places[column.key], self._places[column.key], self._width(column))

    def _width(self, column: Column) -> int:
        """Return a column's width in letters: money needs room, and many columns leave little."""
        if isinstance(column, Leaf | Sum) and column.unit is Unit.VND:
            return 14
        return 13 if len(self._layout.columns) <= _MANY else 9

    @property
    def _all_widths(self) -> int:
        headings = sum(heading.width for heading in self._layout.headings)
        return _NUMBER + headings + sum(self._width(column) for column in self._layout.columns)

    def _above(self) -> None:
        self._words(self._layout.title.vi, bold=True, font_size=14)
        self._words(self._layout.title.en, italic=True, font_color="#555555")
        for text in self._heading.above(self._layout):
            self._words(text)
        self._row += 1

    def _words(self, text: str, **looks: Any) -> None:
        size = looks.get("font_size", _SIZE)
        look = self._look(text_wrap=True, valign="top", **looks)
        self._sheet.set_row(self._row, _lines(text, self._all_widths * 6 // 5, size) * size * 1.4 + 2)
        self._sheet.merge_range(self._row, 0, self._row, self._last, text, look)
        self._row += 1

    def _header(self) -> int:
        """Write bands, titles and the numbers of the columns; returns the first row below."""
        look = self._look(
            font_size=_SMALL + 1,
            border=1,
            bold=True,
            text_wrap=True,
            align="center",
            valign="vcenter",
            bg_color="#1F4E79",
            font_color="white",
        )
        titles = [
            Words("STT", "No."),
            *(h.title for h in self._layout.headings),
            *(c.title for c in self._layout.columns),
        ]
        self._bands(look)
        tallest = max(sum(_lines(text, self._width(c), _SMALL + 1) for text in c.title) for c in self._layout.columns)
        self._sheet.set_row(self._row + 1, tallest * (_SMALL + 1) * 1.4 + 6)
        numbers = zip(self._layout.columns, self._numbers(), strict=True)
        tallest = max(_lines(text, self._width(column), _SMALL) for column, text in numbers)
        self._sheet.set_row(self._row + 2, tallest * _SMALL * 1.4 + 4)
        for n, title in enumerate(titles):
            self._sheet.write_string(self._row + 1, n, f"{title.vi}\n{title.en}", look)
        small = self._look(border=1, italic=True, text_wrap=True, align="center", valign="vcenter", font_size=_SMALL)
        for n, text in enumerate(["", *[""] * len(self._layout.headings), *self._numbers()]):
            self._sheet.write_string(self._row + 2, n, text, small)
        return self._row + 3

    def _bands(self, look: Any) -> None:
        self._sheet.set_row(self._row, 20)
        for n in range(self._first):
            self._sheet.write_blank(self._row, n, None, look)
        start, columns = 0, self._layout.columns
        while start < len(columns):
            end = start
            while end + 1 < len(columns) and columns[end + 1].band == columns[start].band:
                end += 1
            band, left, right = columns[start].band, self._first + start, self._first + end
            text = str(band) if band else ""
            if right > left:
                self._sheet.merge_range(self._row, left, self._row, right, text, look)
            else:
                self._sheet.write_string(self._row, left, text, look)
            start = end + 1

    def _numbers(self) -> list[str]:
        """Return the numbers of the columns, as forms have them: ``(3)=(4)+(5)``."""
        number = {column.key: f"({n})" for n, column in enumerate(self._layout.columns, start=1)}

        def written(column: Column) -> str:
            if isinstance(column, Leaf):
                return number[column.key]
            if isinstance(column, Sum):
                return f"{number[column.key]}={'+'.join(number[key] for key in column.of)}"
            above, below = (column.part, column.whole) if isinstance(column, Share) else (column.total, column.over)
            parts = ["+".join(number[key] for key in keys) for keys in (above, below)]
            return f"{number[column.key]}={':'.join(f'({p})' if '+' in p else p for p in parts)}"

        return [written(column) for column in self._layout.columns]

    def _line(self, line: Line, row: int) -> None:
        shown = self._shown(line)
        heights = [
            _lines(text, h.width * 11 // 10, _SIZE) for h, text in zip(self._layout.headings, shown, strict=True)
        ]
        self._sheet.set_row(row, (1 if line.kind is LineKind.TOTAL else max(heights)) * 15 + 1)
        if line.kind is LineKind.TOTAL:
            self._sheet.merge_range(row, 0, row, self._first - 1, line.words[0], self._look.cell(line.kind))
        else:
            self._words_of(line, row)
        for column in self._layout.columns:
            self._figure(line, column, row)

    def _words_of(self, line: Line, row: int) -> None:
        centred, left = self._look.cell(line.kind, align="center"), self._look.cell(line.kind, text_wrap=True)
        self._sheet.write_string(row, 0, line.number, centred)
        for n, text in enumerate(self._shown(line)):
            self._sheet.write_string(row, 1 + n, text, left)

    def _shown(self, line: Line) -> list[str]:
        """Return the words of a line; its group is not named again below the group's own line."""
        below = line.kind is LineKind.ROW
        return [
            "" if below and heading.key < self._layout.groups else text
            for heading, text in zip(self._layout.headings, line.words, strict=True)
        ]

    def _figure(self, line: Line, column: Column, row: int) -> None:
        place, amount = self._places[column.key], value(column, line.leaves)
        if amount is None:
            self._sheet.write_string(row, place, _NOTHING, self._look.cell(line.kind, align="right"))
            return
        look = self._look.cell(line.kind, num_format=_number_format(column))
        if isinstance(column, Leaf) and (line.kind is LineKind.ROW or self._top == self._total):
            self._sheet.write_number(row, place, amount, look)
            return
        self._sheet.write_formula(row, place, self._formula(line, column, row), look, _plain(amount))

    def _formula(self, line: Line, column: Column, row: int) -> str:
        """Return how a cell follows from others. Subtotals leave each other out, so that nothing counts twice."""
        if isinstance(column, Leaf):
            letter = xl_col_to_name(self._places[column.key])
            first, last = (row + 1, row + line.rows) if line.kind is LineKind.GROUP else (self._top, self._total - 1)
            return f"=SUBTOTAL(9,{letter}{first + 1}:{letter}{last + 1})"
        if isinstance(column, Sum):
            return f"={self._added(column.of, row)}"
        above, below = (column.part, column.whole) if isinstance(column, Share) else (column.total, column.over)
        return f"=({self._added(above, row)})/({self._added(below, row)})"

    def _added(self, keys: tuple[str, ...], row: int) -> str:
        return "+".join(xl_rowcol_to_cell(row, self._places[key]) for key in keys)

    def _below(self) -> None:
        self._signatures()
        self._words("Ghi chú / Notes", bold=True)
        for note in self._layout.notes:
            self._words(f"- {note.vi}")
            self._words(f"  {note.en}", italic=True, font_color="#555555")
        self._words("Cách tính từng cột / How each column counts", bold=True)
        for n, column in enumerate(self._layout.columns, start=1):
            if isinstance(column, Leaf):
                band = f"{column.band.vi}, " if column.band else ""
                self._words(f"({n}) {band}{column.title.vi}: {column.how.vi} / {column.how.en}")

    def _signatures(self) -> None:
        """Leave room for those who sign: who drew it up, and the head of the unit."""
        who = self._look(bold=True, align="center", valign="top", text_wrap=True)
        middle = self._first - 1
        self._row += 1
        self._sheet.set_row(self._row, 70)
        for left, right, vi, en in ((0, middle, "Người lập", "Drawn up by"), (middle + 1, self._last, *_HEAD)):
            text = f"{vi} / {en}\n(ký, ghi rõ họ tên / signature, full name)"
            self._sheet.merge_range(self._row, left, self._row, right, text, who)
        self._row += 2

    def _page(self) -> None:
        sheet = self._sheet
        sheet.freeze_panes(self._top, self._first)
        sheet.repeat_rows(self._top - 3, self._top - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.print_area(0, 0, self._row - 1, self._last)
        sheet.set_footer(f"&L{self._layout.name} {self._heading.period.name}&RTrang &P/&N")
        sheet.hide_gridlines(2)


def _lines(text: str, width: int, size: int) -> int:
    """Return how many lines a text takes in a cell of a width that is measured in letters of the usual size."""
    return -(-len(text) * size // (_SIZE * width)) or 1


def _number_format(column: Column) -> str:
    if isinstance(column, Share):
        return "0.0%"
    return "0.0" if isinstance(column, Mean) else "#,##0"


def _plain(amount: int | Fraction) -> int | float:
    return float(amount) if isinstance(amount, Fraction) else amount
