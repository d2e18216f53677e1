"""The looks of a report's cells."""

from __future__ import annotations

from typing import Any

from tracking.reports.table import LineKind


class Looks:
    """The looks of cells, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **looks: Any) -> Any:
        looks = {"font_name": "Times New Roman", "font_size": 11, **looks}
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(looks)
        return self._made[key]

    def cell(self, kind: LineKind, **looks: Any) -> Any:
        """Return the look of a cell of the table."""
        fills = {LineKind.GROUP: {"bg_color": "#EAF1FB"}, LineKind.TOTAL: {"bg_color": "#D6E4F5"}}
        bold = {"bold": True} if kind is not LineKind.ROW else {}
        return self(border=1, border_color="#9AA7B5", valign="vcenter", **fills.get(kind, {}), **bold, **looks)
