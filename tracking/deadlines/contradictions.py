"""What is wrong with a contradictory fact, and what a clerk should do next, in Vietnamese and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tracking.deadlines.facts import Contradiction
from tracking.deadlines.wording import Text

CONTRADICTIONS: Mapping[Contradiction, Text] = {
    Contradiction.NOT_STARTED: Text(
        "Thời hạn chưa bắt đầu: hãy ghi nhận việc tiếp nhận (biên bản giao nhận) hoặc đính chính ghi nhận này.",
        "The clock had not started: record the acceptance (handover record), or correct this record.",
    ),
    Contradiction.ALREADY_STARTED: Text(
        "Thời hạn đã bắt đầu trước đó: kiểm tra lần tiếp nhận nào đúng và đính chính lần kia.",
        "The clock had already started: find out which acceptance is right and correct the other.",
    ),
    Contradiction.ALREADY_SUSPENDED: Text(
        "Thời hạn đang tạm dừng: ghi nhận việc tiếp tục trước đó, hoặc đính chính ghi nhận này.",
        "The clock already stood still: record when it went on before, or correct this record.",
    ),
    Contradiction.NOT_SUSPENDED: Text(
        "Thời hạn không tạm dừng: ghi nhận việc tạm dừng trước đó, hoặc đính chính ghi nhận này.",
        "The clock was not suspended: record the suspension before it, or correct this record.",
    ),
    Contradiction.ALREADY_STOPPED: Text(
        "Đã có kết quả trước đó: kiểm tra thời điểm nào đúng và đính chính lần kia.",
        "The result was already there: find out which moment is right and correct the other.",
    ),
    Contradiction.AFTER_STOP: Text(
        "Việc này xảy ra sau khi đã có kết quả: kiểm tra thời điểm có kết quả, hoặc đính chính ghi nhận này.",
        "This came after the result: check when the result was ready, or correct this record.",
    ),
    Contradiction.STOPPED_WHILE_SUSPENDED: Text(
        "Có kết quả khi thời hạn đang tạm dừng: ghi nhận thời điểm hồ sơ đủ hoặc tiếp tục giải quyết.",
        "The result came while the clock stood still: record when the dossier was complete or work resumed.",
    ),
    Contradiction.EXTENSION_INCOMPLETE: Text(
        "Hẹn lại phải có ngày mới và lý do: gửi lại kèm văn bản xin lỗi đầy đủ.",
        "An extension needs a new date and a reason: send it again with a complete apology letter.",
    ),
    Contradiction.EXTENSION_NOT_LATER: Text(
        "Ngày hẹn mới không sau ngày hẹn hiện tại: chọn một ngày sau đó.",
        "The new date is not later than the present one: choose a later date.",
    ),
    Contradiction.EXTENSION_REPEATED: Text(
        "Đã hẹn lại đủ số lần cho phép: trả kết quả theo hạn hiện tại, hoặc báo cáo lãnh đạo.",
        "The allowed number of extensions is used up: keep the present date, or report to the head of the office.",
    ),
    Contradiction.EXTENSION_LATE: Text(
        "Báo hẹn lại quá muộn: hạn giữ nguyên; xin lỗi người nộp và trả kết quả sớm nhất có thể.",
        "The extension was announced too late: the date stays; apologise and finish as soon as possible.",
    ),
    Contradiction.EXTENSION_WHILE_SUSPENDED: Text(
        "Thời hạn đang tạm dừng nên chưa có hạn để hẹn lại: chờ hồ sơ đủ hoặc tiếp tục giải quyết.",
        "The clock stands still, so there is no date to extend: wait until the dossier is complete or work resumes.",
    ),
    Contradiction.CALENDAR_CHANGE_INCOMPLETE: Text(
        "Đổi lịch phải nêu lịch mới và văn bản thông báo: ghi nhận lại cho đủ.",
        "A change of the calendar needs the new calendar and the announcing document: record it again with both.",
    ),
    Contradiction.NOTHING_TO_CORRECT: Text(
        "Không thấy ghi nhận cần đính chính: kiểm tra mã, hoặc chờ ghi nhận đó đến.",
        "The record to correct is not there: check its id, or wait until it arrives.",
    ),
    Contradiction.CORRECTS_LATER_RECORD: Text(
        "Không thể đính chính một đính chính được ghi sau: hãy ghi một đính chính mới.",
        "A correction cannot strike out one recorded after it: record a new correction.",
    ),
    Contradiction.ID_REUSED: Text(
        "Mã ghi nhận này được dùng cho hai nội dung khác nhau: bản sớm nhất được áp dụng; hãy đính chính bản sai.",
        "This id was used for two different records: the earliest was applied; correct the wrong one.",
    ),
    Contradiction.RULE_NOT_IN_FORCE: Text(
        "Không có quy định này vào ngày đó: kiểm tra ngày và mã quy định của ghi nhận.",
        "No such rule was in force on that day: check the record's date and its rule.",
    ),
    Contradiction.CALENDAR_MISSING: Text(
        "Chưa có lịch làm việc của năm liên quan: bổ sung lịch chính thức của năm đó, hạn sẽ tự được tính.",
        "A year that counts has no working calendar: add that year's official one, and the date follows by itself.",
    ),
}
