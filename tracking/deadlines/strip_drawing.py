"""The calendar strip as a small SVG for a page: one week or two to a row, told apart without colour. Pure.

Hatching, frames and black cells carry the meaning, so that it survives a copier; the description says all of it again
for those who hear the page. All sizes are in the drawing's own units, which are pixels where the page has room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal
from xml.etree import ElementTree as ET  # only writes: nothing is parsed here

from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.marks_wording import (
    KINDS,
    WEEKDAYS,
    day_told,
    kinds_shown,
    label,
    notes_told,
    special_days_told,
)
from tracking.deadlines.strip_inks import ON_WHITE, Ink, Inks

_WIDTH = 46  # of a day; seven of them and both edges fit on a telephone of 360 pixels
_LOWEST = 40  # of a day's height
_EDGE, _HEAD, _LINE = 6, 20, 18
_HATCH = 9
_SMALL, _NUMBER, _NOTE = 10, 12, 11  # sizes of letters
_INSIDE, _GAP, _BELOW = 5, 2, 8  # between a day's edge and its words, between words, and below the last
_UNDER_DATE, _STEP = 13, 13  # baseline of the date, and from line to line of the words below it
_SHOWN = 3  # moments of one day
_LETTER = 6.6  # how wide a note's letter is at most, taken over a line
_SAMPLE = 36  # how wide a day is in the legend

_SHORT: Mapping[Moment, str] = {
    Moment.START: "bắt đầu",
    Moment.PAUSE: "dừng",
    Moment.RESUME: "tiếp",
    Moment.RESTART: "tính lại",
    Moment.RESULT: "kết quả",
    Moment.DUE: "HẠN",
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How the days are laid out and painted.

    Attributes:
        inks: what it is painted with.
        columns: days in a row.
        height: of a day.
        number_at: baseline of a day's number, from its upper edge.
        number_size: of its letters.
    """

    inks: Inks
    columns: int
    height: int
    number_at: int
    number_size: int

    @property
    def width(self) -> int:
        return 2 * _EDGE + self.columns * _WIDTH

    @property
    def letters(self) -> int:
        """How many letters of a note fit on a line."""
        return int(self.columns * _WIDTH / _LETTER)

    @property
    def legend_columns(self) -> int:
        return 1 if self.columns == len(WEEKDAYS) else 3


def strip_svg(marks: Sequence[DayMark], weeks: Literal[1, 2] = 2, inks: Inks = ON_WHITE) -> str:
    """Draw the days, of which there must be one or more, as one ``<svg>`` element with Vietnamese words.

    With one of the ``weeks`` to a row it is 334 units wide, for a telephone; with two it is 656.
    """
    sheet = _sheet(marks, weeks, inks)
    notes = [line for told in notes_told(marks) for line in wrap(told, sheet.letters, break_on_hyphens=False)]
    lead = marks[0].day.weekday()
    rows = -(-(lead + len(marks)) // sheet.columns)
    below = _HEAD + rows * sheet.height + _LINE
    legend = -(-len(kinds_shown(marks)) // sheet.legend_columns)
    svg = _canvas(marks, sheet, below + (legend + len(notes)) * _LINE)
    _weekdays(svg, sheet)
    for place, mark in enumerate(marks, start=lead):
        row, column = divmod(place, sheet.columns)
        _day(svg, mark, sheet, _EDGE + column * _WIDTH, _HEAD + row * sheet.height, _date(mark, first=place == lead))
    _legend(svg, marks, sheet, below)
    for line, told in enumerate(notes, start=legend):
        _text(svg, told, _EDGE, below + line * _LINE, _NOTE, inks.plain)
    return ET.tostring(svg, encoding="unicode")


def _sheet(marks: Sequence[DayMark], weeks: int, inks: Inks) -> _Sheet:
    """Make every day as high as the one with most to say; numbers go under the dates where they would meet them."""
    room = _WIDTH - 2 * _INSIDE
    labelled = [(_date(mark, first=place == 0), label(mark)) for place, mark in enumerate(marks) if label(mark)]
    size = min([_NUMBER, *(int(room / _wide(number, bold=True)) for _, number in labelled)])
    meet = any(_SMALL * _wide(date) + _GAP + size * _wide(number, bold=True) > room for date, number in labelled)
    number_at = _UNDER_DATE + _STEP if meet else _UNDER_DATE
    lines = max(min(len(mark.moments), _SHOWN) for mark in marks)
    height = max(_LOWEST, number_at + lines * _STEP + _BELOW)
    return _Sheet(inks, weeks * len(WEEKDAYS), height, number_at, size)


def _wide(figures: str, *, bold: bool = False) -> float:
    """Return how wide figures are in units of their size, in the widest of the usual fonts."""
    return sum(0.64 if letter.isdigit() else 0.36 for letter in figures) * (1.1 if bold else 1)


def _date(mark: DayMark, *, first: bool) -> str:
    return f"{mark.day.day}/{mark.day.month}" if first or mark.day.day == 1 else str(mark.day.day)


def _canvas(marks: Sequence[DayMark], sheet: _Sheet, height: int) -> ET.Element:
    title = f"Cách tính hạn từ {marks[0].day:%d/%m/%Y} đến {marks[-1].day:%d/%m/%Y}"
    told = ". ".join([*(day_told(mark) for mark in marks if mark.moments), *special_days_told(marks)])
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {sheet.width} {height}",
        "width": str(sheet.width),
        "style": "max-width:100%;height:auto",
        "role": "img",
        "lang": "vi",
        "aria-label": f"{title}. {told}.",
        "font-family": "sans-serif",
    }
    svg = ET.Element("svg", attributes)
    ET.SubElement(svg, "title").text = title
    ET.SubElement(svg, "desc").text = told
    _rect(svg, 0, 0, sheet.width, height, fill=sheet.inks.paper, stroke="none")
    return svg


def _weekdays(svg: ET.Element, sheet: _Sheet) -> None:
    for column in range(sheet.columns):
        weekday = WEEKDAYS[column % len(WEEKDAYS)]
        _text(svg, weekday, _EDGE + column * _WIDTH + _WIDTH / 2, _HEAD - 6, _NOTE, sheet.inks.plain, "middle")


def _day(svg: ET.Element, mark: DayMark, sheet: _Sheet, x: int, y: int, date: str) -> None:
    group = ET.SubElement(svg, "g")
    ET.SubElement(group, "title").text = day_told(mark)
    due, inks = Moment.DUE in mark.moments, sheet.inks
    _cell(group, mark.kind, inks, x, y, _WIDTH, sheet.height, due=due)
    ink = inks.on_filled if due else inks.on_lines if mark.kind in _PATTERNS else inks.plain
    if mark.moments:
        _rect(group, x + 2, y + 2, _WIDTH - 4, sheet.height - 4, fill="none", stroke=ink["fill"], thick=2)
    _text(group, date, x + _INSIDE, y + _UNDER_DATE, _SMALL, ink)
    if number := label(mark):
        _text(group, number, x + _WIDTH - _INSIDE, y + sheet.number_at, sheet.number_size, ink, "end", bold=True)
    for line, word in enumerate(_words(mark.moments), start=1):
        bold = word == _SHORT[Moment.DUE]
        _text(group, word, x + _WIDTH / 2, y + sheet.number_at + line * _STEP, _SMALL, ink, "middle", bold=bold)


def _words(moments: Sequence[Moment]) -> list[str]:
    words = [_SHORT[moment] for moment in moments]
    return words if len(words) <= _SHOWN else [*words[: _SHOWN - 1], f"+{len(words) - _SHOWN + 1}"]


def _cell(
    parent: ET.Element, kind: DayKind, inks: Inks, x: float, y: float, width: int, height: int, *, due: bool = False
) -> None:
    fill = inks.ink if due else inks.rest if kind is DayKind.WEEKLY_REST else inks.paper
    _rect(parent, x, y, width, height, fill=fill, stroke=inks.edge)
    if (pattern := _PATTERNS.get(kind)) and not due:
        lines = ET.SubElement(parent, "path", {"stroke": inks.lines, "fill": "none"})
        lines.set("d", pattern(x, y, width, height))


def _hatched(x: float, y: float, width: int, height: int) -> str:
    """Return lines that rise to the right, clipped to the cell."""
    strokes = []
    for reach in range(_HATCH, width + height, _HATCH):
        left, right = max(0, reach - height), min(width, reach)
        strokes.append(f"M{x + left} {y + reach - left}L{x + right} {y + reach - right}")
    return "".join(strokes)


def _crossed(x: float, y: float, width: int, height: int) -> str:
    """Return lines that rise to the right and lines that fall, clipped to the cell."""
    strokes = [_hatched(x, y, width, height)]
    for reach in range(_HATCH, width + height, _HATCH):
        left, right = max(0, reach - height), min(width, reach)
        strokes.append(f"M{x + left} {y + height - reach + left}L{x + right} {y + height - reach + right}")
    return "".join(strokes)


def _ruled(x: float, y: float, width: int, height: int) -> str:
    return "".join(f"M{x} {y + down}h{width}" for down in range(_HATCH, height, _HATCH))


def _framed(x: float, y: float, width: int, height: int) -> str:
    return f"M{x + 3} {y + 3}h{width - 6}v{height - 6}h{6 - width}z"


_PATTERNS: Mapping[DayKind, Callable[[float, float, int, int], str]] = {
    DayKind.DAY_OFF: _hatched,
    DayKind.PAUSED: _ruled,
    DayKind.MAKE_UP: _framed,
    DayKind.LATE: _crossed,
}


def _legend(svg: ET.Element, marks: Sequence[DayMark], sheet: _Sheet, top: int) -> None:
    for place, kind in enumerate(kinds_shown(marks)):
        row, column = divmod(place, sheet.legend_columns)
        x, y = _EDGE + column * sheet.columns * _WIDTH / sheet.legend_columns, top + row * _LINE
        _cell(svg, kind, sheet.inks, x, y - 11, _SAMPLE, 14)
        if kind is DayKind.COUNTED:
            number = next(filter(None, map(label, marks)), "")
            _text(svg, number, x + _SAMPLE / 2, y, min(_NOTE, sheet.number_size), sheet.inks.plain, "middle", bold=True)
        _text(svg, KINDS[kind], x + _SAMPLE + 6, y, _NOTE, sheet.inks.plain)


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
    ink: Ink,
    anchor: str = "start",
    *,
    bold: bool = False,
) -> None:
    place = {"x": str(x), "y": str(y), "font-size": str(size), "text-anchor": anchor}
    text = ET.SubElement(parent, "text", place | ink | ({"font-weight": "bold"} if bold else {}))
    text.text = words
