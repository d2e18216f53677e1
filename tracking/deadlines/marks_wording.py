"""What the drawings of the calendar strip say, in Vietnamese. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tracking.deadlines.counted_days import runs
from tracking.deadlines.day_marks import DayKind, DayMark, Moment
from tracking.deadlines.terms import Unit
from tracking.deadlines.wording import day_text

KINDS: Mapping[DayKind, str] = {
    DayKind.COUNTED: "ngày được tính",
    DayKind.NOT_COUNTED: "ngày làm việc không tính",
    DayKind.PAUSED: "thời hạn tạm dừng",
    DayKind.WEEKLY_REST: "nghỉ hằng tuần",
    DayKind.DAY_OFF: "nghỉ lễ, tết, hoán đổi",
    DayKind.MAKE_UP: "ngày làm bù",
    DayKind.LATE: "quá hạn",
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

_LABELS_TOLD: Mapping[Unit, str] = {
    Unit.WORKING_HOURS: "Số ghi ở mỗi ngày: giờ:phút làm việc đã dùng của thời hạn",
    Unit.HALF_DAYS: "Số ghi ở mỗi ngày: số nửa ngày làm việc đã dùng của thời hạn",
}


def label(mark: DayMark) -> str:
    """Return what stands at a day: its number, "33:00" hours and minutes used up, or nothing."""
    if mark.used_minutes is None:
        return str(mark.number or "")
    hours, minutes = divmod(mark.used_minutes, 60)
    return f"{hours}:{minutes:02}"


def day_told(mark: DayMark) -> str:
    """Say one day in full, such as "Thứ Tư 11/02/2026: ngày tính thứ 1; tạm dừng"."""
    told = [mark.name_vi] if mark.name_vi else []
    if mark.kind is DayKind.LATE or not (told or mark.kind is DayKind.COUNTED):
        told.append(KINDS[mark.kind])
    told += [_label_told(mark)] if label(mark) else []
    return f"{day_text(mark.day).vi}: {'; '.join([*told, *(MOMENTS[moment] for moment in mark.moments)])}"


def _label_told(mark: DayMark) -> str:
    if mark.used_minutes is not None:
        hours, minutes = divmod(mark.used_minutes, 60)
        return f"đã dùng {hours} giờ {minutes:02} phút làm việc"
    if mark.unit is Unit.HALF_DAYS:
        return f"đã dùng {mark.number} nửa ngày làm việc"
    return f"ngày tính thứ {mark.number}"


def notes_told(marks: Sequence[DayMark]) -> list[str]:
    """Say what a label means where it is not the number of a day, and then what made days special."""
    units = dict.fromkeys(mark.unit for mark in marks if label(mark))
    return [*(_LABELS_TOLD[unit] for unit in units if unit in _LABELS_TOLD), *special_days_told(marks)]


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
