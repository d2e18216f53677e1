"""The calendar strip as a small SVG for a page: two weeks to a row, told apart without colour. Pure.

Hatching, frames and black cells carry the meaning, so that it survives a copier; the description says all of it again
for those who hear the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from xml.etree import ElementTree as ET  # only writes: nothing is parsed here

from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.marks_wording import KINDS, WEEKDAYS, day_told, kinds_shown, special_days_told

_COLUMNS = 14
_WIDTH, _HEIGHT = 46, 46  # of a day, in the drawing's own units
_EDGE, _HEAD, _LINE = 6, 20, 18
_HATCH = 9
_LEGEND_COLUMNS = 3
_LETTERS = 110  # of the notes' size, in the drawing's width

_SHORT: Mapping[Moment, str] = {
    Moment.START: "bắt đầu",
    Moment.PAUSE: "dừng",
    Moment.RESUME: "tiếp",
    Moment.RESTART: "tính lại",
    Moment.RESULT: "kết quả",
    Moment.DUE: "HẠN",
}


def strip_svg(marks: Sequence[DayMark]) -> str:
    """Draw the days, of which there must be one or more, as one ``<svg>`` element with Vietnamese words."""
    special = [line for told in special_days_told(marks) for line in wrap(told, _LETTERS)]
    lead = marks[0].day.weekday()
    rows = -(-(lead + len(marks)) // _COLUMNS)
    below = _HEAD + rows * _HEIGHT + _LINE
    legend = _legend_rows(marks)
    width = 2 * _EDGE + _COLUMNS * _WIDTH
    svg = _canvas(marks, width, below + (legend + len(special)) * _LINE)
    for column in range(_COLUMNS):
        _text(svg, WEEKDAYS[column % 7], _EDGE + column * _WIDTH + _WIDTH / 2, _HEAD - 6, 11, "middle")
    for place, mark in enumerate(marks, start=lead):
        row, column = divmod(place, _COLUMNS)
        _day(svg, mark, _EDGE + column * _WIDTH, _HEAD + row * _HEIGHT, dated=place == lead or mark.day.day == 1)
    _legend(svg, marks, below)
    for line, told in enumerate(special, start=legend):
        _text(svg, told, _EDGE, below + line * _LINE, 11)
    return ET.tostring(svg, encoding="unicode")


def _canvas(marks: Sequence[DayMark], width: int, height: int) -> ET.Element:
    title = f"Cách tính hạn từ {marks[0].day:%d/%m/%Y} đến {marks[-1].day:%d/%m/%Y}"
    told = ". ".join([*(day_told(mark) for mark in marks if mark.moments), *special_days_told(marks)])
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {width} {height}",
        "width": str(width),
        "style": "max-width:100%;height:auto",
        "role": "img",
        "lang": "vi",
        "aria-label": f"{title}. {told}.",
        "font-family": "sans-serif",
    }
    svg = ET.Element("svg", attributes)
    ET.SubElement(svg, "title").text = title
    ET.SubElement(svg, "desc").text = told
    _rect(svg, 0, 0, width, height, fill="#fff", stroke="none")
    return svg


def _day(svg: ET.Element, mark: DayMark, x: int, y: int, *, dated: bool) -> None:
    group = ET.SubElement(svg, "g")
    ET.SubElement(group, "title").text = day_told(mark)
    due = Moment.DUE in mark.moments
    _cell(group, mark.kind, x, y, _WIDTH, _HEIGHT, due=due)
    ink = "#fff" if due else "#000"
    _text(group, f"{mark.day.day}/{mark.day.month}" if dated else str(mark.day.day), x + 4, y + 13, 10, ink=ink)
    if mark.number is not None:
        _text(group, str(mark.number), x + _WIDTH - 5, y + 28, 16, "end", ink, bold=True)
    if mark.moments:
        _rect(group, x + 2, y + 2, _WIDTH - 4, _HEIGHT - 4, fill="none", stroke=ink, thick=2)
        _text(group, _SHORT[mark.moments[-1]], x + _WIDTH / 2, y + _HEIGHT - 7, 10, "middle", ink, bold=True)


def _cell(parent: ET.Element, kind: DayKind, x: float, y: float, width: int, height: int, *, due: bool = False) -> None:
    fill = "#000" if due else "#ddd" if kind is DayKind.WEEKLY_REST else "#fff"
    _rect(parent, x, y, width, height, fill=fill, stroke="#555")
    if (pattern := _PATTERNS.get(kind)) and not due:
        lines = ET.SubElement(parent, "path", {"stroke": "#999", "fill": "none"})
        lines.set("d", pattern(x, y, width, height))


def _hatched(x: float, y: float, width: int, height: int) -> str:
    """Return lines that rise to the right, clipped to the cell."""
    strokes = []
    for reach in range(_HATCH, width + height, _HATCH):
        left, right = max(0, reach - height), min(width, reach)
        strokes.append(f"M{x + left} {y + reach - left}L{x + right} {y + reach - right}")
    return "".join(strokes)


def _ruled(x: float, y: float, width: int, height: int) -> str:
    return "".join(f"M{x} {y + down}h{width}" for down in range(_HATCH, height, _HATCH))


def _framed(x: float, y: float, width: int, height: int) -> str:
    return f"M{x + 3} {y + 3}h{width - 6}v{height - 6}h{6 - width}z"


_PATTERNS: Mapping[DayKind, Callable[[float, float, int, int], str]] = {
    DayKind.DAY_OFF: _hatched,
    DayKind.PAUSED: _ruled,
    DayKind.MAKE_UP: _framed,
}


def _legend_rows(marks: Sequence[DayMark]) -> int:
    return -(-len(kinds_shown(marks)) // _LEGEND_COLUMNS)


def _legend(svg: ET.Element, marks: Sequence[DayMark], top: int) -> None:
    for place, kind in enumerate(kinds_shown(marks)):
        row, column = divmod(place, _LEGEND_COLUMNS)
        x, y = _EDGE + column * _COLUMNS * _WIDTH / _LEGEND_COLUMNS, top + row * _LINE
        _cell(svg, kind, x, y - 11, 20, 14)
        if kind is DayKind.COUNTED:
            _text(svg, "1", x + 10, y, 11, "middle", bold=True)
        _text(svg, KINDS[kind], x + 26, y, 11)


def _rect(
    parent: ET.Element, x: float, y: float, width: float, height: float, *, fill: str, stroke: str, thick: int = 1
) -> None:
    box = {"x": x, "y": y, "width": width, "height": height, "fill": fill, "stroke": stroke, "stroke-width": thick}
    ET.SubElement(parent, "rect", {name: str(value) for name, value in box.items()})


def _text(
    parent: ET.Element,
    words: str,
    x: float,
    y: float,
    size: int,
    anchor: str = "start",
    ink: str = "#000",
    *,
    bold: bool = False,
) -> None:
    place = {"x": str(x), "y": str(y), "font-size": str(size), "text-anchor": anchor, "fill": ink}
    text = ET.SubElement(parent, "text", place | ({"font-weight": "bold"} if bold else {}))
    text.text = words
