"""The sheets behind a report: every dossier of every figure, by the figure's cell. No personal data."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from tracking.reports.layout import Layout, Leaf, Words
from tracking.reports.looks import Looks
from tracking.reports.table import Line, LineKind
from tracking.reports.tally import Evidence, Tally

DOSSIERS = "Hồ sơ"
_MOST_LINES = 1_000_000
"""Evidence on one sheet; a sheet ends at 1,048,576 rows."""

TRACE = (
    (Words("Ô", "Cell"), 9),
    (Words("Dòng", "Row"), 60),
    (Words("Chỉ tiêu", "Measure"), 44),
    (Words("Mã hồ sơ", "Dossier"), 30),
    (Words("Đơn bưu chính, sự việc", "Order or matter"), 44),
    (Words("Giá trị", "Amount"), 14),
)


def write_trace(book: Any, layout: Layout, tally: Tally, placed: list[tuple[Line, int]]) -> None:
    """Write every dossier of every figure; where a sheet is full, another one goes on."""
    look = Looks(book)
    first = 1 + len(layout.headings)
    places = {column.key: first + n for n, column in enumerate(layout.columns)}
    titles = {leaf.key: measure(leaf) for leaf in layout.leaves}
    page = _Page(book, look)
    for line, row in placed:
        if line.kind is not LineKind.ROW:
            continue
        words = " · ".join(word for word in line.words if word)
        for one in tally.evidence(line.row):
            if page.full:
                page.finish()
                page = _Page(book, look)
            page.add(xl_rowcol_to_cell(row, places[one.column]), words, titles[one.column], one)
    page.finish()


def measure(leaf: Leaf) -> str:
    """Return what a leaf is called where no band stands above it."""
    return f"{leaf.band.vi}: {leaf.title.vi}" if leaf.band else leaf.title.vi


class _Page:
    """One sheet of evidence."""

    def __init__(self, book: Any, look: Looks) -> None:
        number = len(book.worksheets())
        self._sheet = book.add_worksheet(DOSSIERS if number == 1 else f"{DOSSIERS} {number}")
        self._plain, self._number = look(), look(num_format="#,##0")
        header = look(bold=True, bg_color="#1F4E79", font_color="white", valign="vcenter")
        for n, (title, width) in enumerate(TRACE):
            self._sheet.set_column(n, n, width)
            self._sheet.write_string(0, n, str(title), header)
        self._lines = 0

    @property
    def full(self) -> bool:
        return self._lines >= _MOST_LINES

    def add(self, cell: str, words: str, measure: str, one: Evidence) -> None:
        """Write one line of evidence."""
        self._lines += 1
        for n, text in enumerate((cell, words, measure, one.dossier, one.item)):
            if text:
                self._sheet.write_string(self._lines, n, text, self._plain)
        self._sheet.write_number(self._lines, len(TRACE) - 1, one.amount, self._number)

    def finish(self) -> None:
        """Make it ready to be read, filtered and printed."""
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, max(self._lines, 1), len(TRACE) - 1)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_footer("&RTrang &P/&N")
