"""The calendar strip for a terminal: months, days, blocks and numbers, three weeks to a band. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.marks_wording import KINDS, MOMENTS, kinds_shown, moments_shown, special_days_told

_BAND = 21
_WIDTH = 3  # columns for one day

_BLOCKS: Mapping[DayKind, str] = {
    DayKind.COUNTED: "██",
    DayKind.NOT_COUNTED: "▔▔",
    DayKind.PAUSED: "▒▒",
    DayKind.WEEKLY_REST: "··",
    DayKind.DAY_OFF: "░░",
    DayKind.MAKE_UP: "▓▓",
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
    """Draw the days with Vietnamese words, at most 63 columns wide but for the legend, without a newline at the end."""
    bands = [_band(marks[place : place + _BAND]) for place in range(0, len(marks), _BAND)]
    blocks = [f"{_BLOCKS[kind]} {KINDS[kind]}" for kind in kinds_shown(marks)]
    signs = [f"{_SIGNS[moment]} {MOMENTS[moment]}" for moment in moments_shown(marks)]
    return "\n".join([*bands, "  ".join(blocks), "  ".join(signs), *special_days_told(marks)])


def _band(marks: Sequence[DayMark]) -> str:
    lines = (
        _months(marks),
        "".join(f"{mark.day:%d}".ljust(_WIDTH) for mark in marks),
        "".join(_BLOCKS[mark.kind].ljust(_WIDTH) for mark in marks),
        "".join(_under(mark).ljust(_WIDTH) for mark in marks),
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _months(marks: Sequence[DayMark]) -> str:
    """Name a month over its first day in the band; one that ends at once gives its place to the next."""
    line = ""
    for place, mark in enumerate(marks):
        if place == 0 or mark.day.day == 1:
            room = place * _WIDTH
            line = f"{(line if len(line) < room else '').ljust(room)}{mark.day:%m/%Y}"
    return line


def _under(mark: DayMark) -> str:
    return f"{mark.number or ''}{_SIGNS[mark.moments[-1]] if mark.moments else ''}"
