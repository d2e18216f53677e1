"""The calendar strip for a terminal: months, days, blocks, numbers and signs, in bands of whole weeks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.marks_wording import KINDS, MOMENTS, kinds_shown, label, moments_shown, notes_told

_SCREEN = 78  # columns
_NARROWEST = 3  # columns for one day
_WEEK = 7

_BLOCKS: Mapping[DayKind, str] = {
    DayKind.COUNTED: "██",
    DayKind.NOT_COUNTED: "▔▔",
    DayKind.PAUSED: "▒▒",
    DayKind.WEEKLY_REST: "··",
    DayKind.DAY_OFF: "░░",
    DayKind.MAKE_UP: "▓▓",
    DayKind.LATE: "▚▚",
}
_SIGNS: Mapping[Moment, str] = {
    Moment.START: "▶",
    Moment.PAUSE: "‖",
    Moment.RESUME: "▷",
    Moment.RESTART: "↻",
    Moment.RESULT: "✓",
    Moment.DUE: "◆",
}


def strip_blocks(marks: Sequence[DayMark]) -> str:
    """Draw the days with Vietnamese words, without a newline at the end.

    As many whole weeks as 78 columns hold make a band, but at least one; the legend may be wider.
    """
    width = max([_NARROWEST, *(len(text) + 1 for mark in marks for text in (label(mark), _signs(mark)))])
    days = max(1, _SCREEN // (_WEEK * width)) * _WEEK
    bands = [_band(marks[place : place + days], width) for place in range(0, len(marks), days)]
    blocks = [f"{_BLOCKS[kind]} {KINDS[kind]}" for kind in kinds_shown(marks)]
    signs = [f"{_SIGNS[moment]} {MOMENTS[moment]}" for moment in moments_shown(marks)]
    return "\n".join([*bands, "  ".join(blocks), "  ".join(signs), *notes_told(marks)])


def _band(marks: Sequence[DayMark], width: int) -> str:
    rows = (
        [f"{mark.day:%d}" for mark in marks],
        [_BLOCKS[mark.kind] for mark in marks],
        [label(mark) for mark in marks],
        [_signs(mark) for mark in marks],
    )
    lines = ("".join(text.ljust(width) for text in row).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in (_months(marks, width), *lines) if line)


def _months(marks: Sequence[DayMark], width: int) -> str:
    """Name a month over its first day in the band; one that ends at once gives its place to the next."""
    line = ""
    for place, mark in enumerate(marks):
        if place == 0 or mark.day.day == 1:
            room = place * width
            line = f"{(line if len(line) < room else '').ljust(room)}{mark.day:%m/%Y}"
    return line


def _signs(mark: DayMark) -> str:
    return "".join(_SIGNS[moment] for moment in mark.moments)
