"""What the drawings of the calendar strip say, in Vietnamese. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tracking.deadlines.counted_days import runs
from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.wording import day_text

KINDS: Mapping[DayKind, str] = {
    DayKind.COUNTED: "ngày được tính",
    DayKind.NOT_COUNTED: "ngày làm việc không tính",
    DayKind.PAUSED: "thời hạn tạm dừng",
    DayKind.WEEKLY_REST: "nghỉ hằng tuần",
    DayKind.DAY_OFF: "nghỉ lễ, tết, hoán đổi",
    DayKind.MAKE_UP: "ngày làm bù",
}

MOMENTS: Mapping[Moment, str] = {
    Moment.START: "bắt đầu tính",
    Moment.PAUSE: "tạm dừng",
    Moment.RESUME: "tiếp tục",
    Moment.RESTART: "tính lại từ đầu",
    Moment.RESULT: "có kết quả",
    Moment.DUE: "hạn trả",
}

WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def day_told(mark: DayMark) -> str:
    """Say one day in full, such as "Thứ Tư 11/02/2026: ngày tính thứ 1; tạm dừng"."""
    what = mark.name_vi or KINDS[mark.kind]
    told = [what] if mark.kind is not DayKind.COUNTED else []
    if mark.number is not None:
        told.append(f"ngày tính thứ {mark.number}")
    return f"{day_text(mark.day).vi}: {'; '.join([*told, *(MOMENTS[moment] for moment in mark.moments)])}"


def special_days_told(marks: Sequence[DayMark]) -> list[str]:
    """Say which days were off or made up, why, and by which document: one line for each reason."""
    days: dict[str, list[date]] = {}
    for mark in marks:
        if mark.name_vi:
            days.setdefault(f"{mark.name_vi} ({mark.document})", []).append(mark.day)
    return [f"{', '.join(map(_span_told, runs(dates)))}: {reason}" for reason, dates in days.items()]


def _span_told(span: tuple[date, date]) -> str:
    first, last = span
    return f"{first:%d/%m}" if first == last else f"{first:%d/%m}–{last:%d/%m}"


def kinds_shown(marks: Sequence[DayMark]) -> list[DayKind]:
    """Return the kinds that the legend has to explain."""
    there = {mark.kind for mark in marks}
    return [kind for kind in DayKind if kind in there]


def moments_shown(marks: Sequence[DayMark]) -> list[Moment]:
    """Return the moments that the legend has to explain."""
    there = {moment for mark in marks for moment in mark.moments}
    return [moment for moment in Moment if moment in there]
