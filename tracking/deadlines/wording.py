"""The words of an explanation, in Vietnamese and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from tracking.deadlines.clock import Caution, Happening
from tracking.deadlines.counted_days import DayGroup
from tracking.deadlines.rules import RuleId
from tracking.deadlines.terms import Term, Unit, vietnam_time

_WEEKDAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Text(NamedTuple):
    """One statement in both languages."""

    vi: str
    en: str

    def filled(self, **values: Text) -> Text:
        """Put ``values`` into the named places, each in its own language."""
        return Text(
            self.vi.format(**{name: value.vi for name, value in values.items()}),
            self.en.format(**{name: value.en for name, value in values.items()}),
        )

    def followed_by(self, other: Text) -> Text:
        return Text(f"{self.vi} {other.vi}", f"{self.en} {other.en}")


def same(text: str) -> Text:
    """A text that is the same in both languages, such as a name or a number."""
    return Text(text, text)


def day_text(day: date) -> Text:
    """Say a day with its weekday, in each language's own order."""
    weekday = day.weekday()
    return Text(f"{_WEEKDAYS_VI[weekday]} {day:%d/%m/%Y}", f"{_WEEKDAYS_EN[weekday]} {day.isoformat()}")


def moment_text(instant: datetime | None) -> Text:
    """Say an instant in Vietnam's time, or that there is no date."""
    if instant is None:
        return Text("chưa có ngày", "no date")
    moment = vietnam_time(instant)
    return Text(*(f"{day} {moment:%H:%M}" for day in day_text(moment.date())))


def term_text(term: Term) -> Text:
    """Say a time limit, such as "10 working days"."""
    plural = "s" if term.amount > 1 else ""
    return {
        Unit.WORKING_DAYS: Text(f"{term.amount} ngày làm việc", f"{term.amount} working day{plural}"),
        Unit.WORKING_HOURS: Text(f"{term.amount} giờ làm việc", f"{term.amount} working hour{plural}"),
        Unit.HALF_DAYS: Text(f"{term.amount} nửa ngày làm việc", f"{term.amount} half working day{plural}"),
        Unit.CALENDAR_DAYS: Text(f"{term.amount} ngày", f"{term.amount} calendar day{plural}"),
        Unit.SAME_DAY: Text("trong ngày", "the same day"),
    }[term.unit]


def group_text(group: DayGroup) -> Text:
    """Say which days these are, why, and on which document they rest."""
    spans = group.spans()
    dates = Text(
        ", ".join(f"{first:%d/%m}–{last:%d/%m/%Y}" if first != last else f"{first:%d/%m/%Y}" for first, last in spans),
        ", ".join(f"{first} to {last}" if first != last else f"{first}" for first, last in spans),
    )
    text = _GROUPS[group.rule].filled(dates=dates, name=Text(group.name_vi, group.name_en))
    if group.document:
        text = text.followed_by(same(f"({group.document})."))
    return text if group.certainty.startswith("high") else text.followed_by(_UNCERTAIN_DAYS)


_GROUPS = {
    RuleId.MAKE_UP_DAY: Text(
        "Ngày làm bù, tính là ngày làm việc: {dates}, {name}", "Worked to make up: {dates}, {name}"
    ),
    RuleId.DAY_OFF: Text("Không tính: {dates}, {name}", "Not counted: {dates}, {name}"),
    RuleId.WEEKLY_REST: Text("Không tính: {dates}, {name}.", "Not counted: {dates}, {name}."),
}

_UNCERTAIN_DAYS = Text(
    "Lịch này chưa chắc chắn; hãy kiểm tra thông báo mới nhất.",
    "This entry is not fully certain; check the latest announcement.",
)

RECEIVED_IN_HOURS = Text("Nhận lúc {at}, trong giờ làm việc.", "Received {at}, within office hours.")

RECEIVED_ANY_HOUR = Text(
    "Nhận lúc {at}; thời hạn theo ngày lịch đếm từ ngày sau ngày nhận, không phụ thuộc giờ nhận.",
    "Received {at}; calendar days count from the day after the receipt, at whatever hour it came.",
)

RECEIVED_BY_THE_DESK = Text(
    "Nhận lúc {at} trong giờ tiếp nhận của bộ phận một cửa, ngoài giờ làm việc: tính từ {to}.",
    "Received {at} while the desk takes in papers, outside working hours: counts from {to}.",
)

RECEIVED_OUT_OF_HOURS = Text(
    "Nhận lúc {at}, ngoài giờ làm việc: tính từ {to}.", "Received {at}, outside office hours: counts from {to}."
)

AFTER_CUTOFF = Text("Đến sau giờ chốt {cutoff}: tính từ {to}.", "After the cutoff at {cutoff}: counts from {to}.")

PASSED_ON = Text(
    "Nhận lúc {at}, sau giờ chốt: chuyển cho đơn vị giải quyết lúc {to}; hạn trả không thay đổi.",
    "Taken in {at}, after the cutoff: it goes to the competent unit {to}; the due date is the same.",
)

COUNTED = Text("Thời hạn {term}: hạn trả kết quả {to}.", "Time limit {term}: the result is due {to}.")

FIRST_APPOINTMENT = Text(
    "Lần hẹn thứ nhất, nhận thông báo nghĩa vụ tài chính: {first}.",
    "First appointment, for the payment notice: {first}.",
)

SECOND_APPOINTMENT = Text("Lần hẹn thứ hai, trả kết quả: {to}.", "Second appointment, for the result: {to}.")

REASON = Text("Lý do: {reason}.", "Reason: {reason}.")

HAPPENINGS: Mapping[Happening, Text] = {
    Happening.STARTED: Text(
        "Bắt đầu tính thời hạn từ {effective}; hạn trả kết quả {to}.", "The clock starts {effective}; due {to}."
    ),
    Happening.SUSPENDED: Text(
        "Tạm dừng tính thời hạn từ {at}; hạn trước đó là {from_}.",
        "The clock stands still from {at}; it was due {from_}.",
    ),
    Happening.RESUMED: Text(
        "Tiếp tục tính phần thời hạn còn lại từ {effective}; hạn mới {to}.",
        "The rest of the time runs on from {effective}; now due {to}.",
    ),
    Happening.RESTARTED: Text(
        "Tính lại toàn bộ thời hạn từ {effective}; hạn mới {to}.",
        "The whole time starts again {effective}; now due {to}.",
    ),
    Happening.EXTENDED: Text(
        "Hẹn lại ngày trả từ {from_} sang {to}.", "The due date is extended from {from_} to {to}."
    ),
    Happening.RECALENDARED: Text(
        "Lịch làm việc thay đổi: hạn chuyển từ {from_} sang {to}.",
        "The working calendar changed: the due date moves from {from_} to {to}.",
    ),
    Happening.CALENDAR_NOTED: Text(
        "Lịch làm việc thay đổi; hạn giữ nguyên: {to}.", "The working calendar changed; the due date stays: {to}."
    ),
    Happening.NOTED: Text("Ghi nhận lúc {at}; hạn không đổi: {to}.", "Recorded {at}; the due date stays: {to}."),
    Happening.STOPPED: Text("Thời hạn kết thúc lúc {at}; hạn là {to}.", "The clock stops {at}; it was due {to}."),
    Happening.CORRECTED: Text("Đính chính ghi nhận {voids}.", "Record {voids} is corrected."),
    Happening.VOIDED: Text(
        "Ghi nhận này đã được đính chính bởi {voided_by} và không còn hiệu lực.",
        "This record was struck out by {voided_by} and has no effect.",
    ),
    Happening.REFUSED: Text(
        "Ghi nhận lúc {at} không được áp dụng; hạn giữ nguyên: {to}.",
        "The record of {at} was not applied; the due date stays: {to}.",
    ),
}

CAUTIONS: Mapping[Caution, Text] = {
    Caution.EXTENSION_NOTICE_TIGHT: Text(
        "Lưu ý: báo sau ngày làm việc cuối cùng trước hạn; hãy báo ngay cho người nộp.",
        "Note: announced after the last working day before the due day; tell the applicant at once.",
    ),
    Caution.SECOND_APPOINTMENT_OFF: Text(
        "Lưu ý: lần hẹn thứ hai được báo không nằm trong phần thời hạn còn lại; hạn tính theo số ngày còn lại. "
        "Nếu cần thêm thời gian, hãy gia hạn.",
        "Note: the second appointment that was told is not within the rest of the time limit; the rest counts. "
        "If more time is needed, extend.",
    ),
    Caution.SUPPLEMENT_REQUESTED_LATE: Text(
        "Lưu ý: yêu cầu bổ sung gửi quá thời hạn cho phép; hãy ghi rõ lý do và xin lỗi người nộp.",
        "Note: the supplement was requested after the window for it; record why and apologise to the applicant.",
    ),
}
