"""The reports that count what the post did: the postal figures, transit times, the operator's quarter. Pure."""

from __future__ import annotations

from tracking.reports.common_layout import AGENCY, DOSSIERS, OTHER_POST, VALID
from tracking.reports.layout import Column, Heading, Layout, Leaf, Mean, Share, Sum, Unit, Words
from tracking.reports.periods import Rhythm


def _kpi(public: bool) -> tuple[Column, ...]:
    band = (
        Words("Bưu chính công ích", "Public postal service") if public else Words("Bưu chính khác", "Other operators")
    )
    prefix = "" if public else "other_"
    return (
        Leaf(
            f"{prefix}received",
            Words("Hồ sơ tiếp nhận qua bưu chính", "Dossiers received through the post"),
            Words(
                "Biên bản giao nhận ký trong kỳ, lần nộp hợp lệ đầu tiên của hồ sơ.",
                "Handover record signed in the period: the dossier's first valid submission.",
            ),
            band=band,
        ),
        Leaf(
            f"{prefix}taken",
            Words("Hồ sơ bưu chính đã nhận kết quả để trả", "Results the post has taken to return"),
            Words(
                "Bưu chính báo đã nhận kết quả tại cơ quan trong kỳ; mỗi hồ sơ một lần.",
                "The post reports, with a time in the period, that it took the result; each dossier once.",
            ),
            band=band,
        ),
        Leaf(
            f"{prefix}registered",
            Words("Hồ sơ đăng ký trả kết quả qua bưu chính", "Dossiers registered for return by post"),
            Words(
                "Công dân đăng ký trong kỳ, kể cả khi huỷ sau đó; mỗi hồ sơ một lần.",
                "The citizen registered in the period, also where it was cancelled later; each dossier once.",
            ),
            band=band,
        ),
    )


POSTAL_KPI = Layout(
    name="postal-kpi",
    title=Words(
        "TIẾP NHẬN HỒ SƠ VÀ TRẢ KẾT QUẢ QUA DỊCH VỤ BƯU CHÍNH",
        "Dossiers received and results returned through the postal service",
    ),
    source=Words(
        "QĐ 45/2016/QĐ-TTg; mẫu của hệ thống một cửa cấp tỉnh đang dùng",
        "Decision 45/2016/QĐ-TTg; form of a provincial one-stop system in use",
    ),
    counted=DOSSIERS,
    rhythm=Rhythm.MONTH,
    headings=AGENCY,
    columns=(*_kpi(public=True), *_kpi(public=False)),
    notes=(VALID, OTHER_POST),
)

_OUTCOMES = ("kept", "late", "missing", "under_way", "turned", "unpromised")
_JUDGED_ITEMS = ("kept", "late", "missing")
_OUTCOME_BAND = Words("Thời gian toàn trình J+n", "Transit time J+n")
_DAYS_BAND = Words("Số ngày làm việc đến khi phát", "Working days until it arrived")


def _taken(key: str, title: Words, how: Words) -> Leaf:
    return Leaf(key, title, how, Unit.ITEMS, _DAYS_BAND)


def _outcome(key: str, title: Words, how: Words) -> Leaf:
    return Leaf(key, title, how, Unit.ITEMS, _OUTCOME_BAND)


ON_TIME = Layout(
    name="on-time",
    title=Words(
        "TỶ LỆ BƯU GỬI ĐÚNG THỜI GIAN TOÀN TRÌNH THEO DOANH NGHIỆP, PHẠM VI VÀ TUẦN",
        "Share of items carried on time, by operator, zone and week",
    ),
    source=Words("TT 17/2017/TT-BTTTT, Điều 3(4)-(5), Điều 7(2)", "Circular 17/2017/TT-BTTTT Art. 3(4)-(5), 7(2)"),
    counted=Words("bưu gửi", "items"),
    rhythm=Rhythm.MONTH,
    headings=(
        Heading(Words("Doanh nghiệp", "Operator"), 0, 26),
        Heading(Words("Chiều", "Leg"), 1, 16),
        Heading(Words("Phạm vi", "Zone"), 2, 26),
        Heading(Words("Tuần chấp nhận", "Week of acceptance"), 3, 28),
    ),
    groups=1,
    columns=(
        Sum("accepted", Words("Chấp nhận trong kỳ", "Accepted"), _OUTCOMES, unit=Unit.ITEMS),
        _outcome(
            "kept",
            Words("Đúng hạn", "On time"),
            Words("Đến nơi (hoặc phát lần đầu) trong J+n.", "There, or first tried at the door, within J+n."),
        ),
        _outcome(
            "late",
            Words("Chậm", "Late"),
            Words("Đến nơi (hoặc phát lần đầu) sau J+n.", "There, or first tried at the door, after J+n."),
        ),
        _outcome(
            "missing",
            Words("Quá hạn, chưa đến", "Beyond, not there"),
            Words("Đã quá J+n mà chưa đến nơi.", "J+n is over, and it has not arrived."),
        ),
        _outcome(
            "under_way",
            Words("Đang đi, trong hạn", "Under way"),
            Words("Chưa đến nơi, J+n chưa qua.", "Not there yet; J+n is not over."),
        ),
        _outcome(
            "turned",
            Words("Chuyển hoàn", "Turned round"),
            Words(
                "Quay lại trước khi đến nơi hoặc phát lần đầu; không xét.", "Turned back before it arrived; not judged."
            ),
        ),
        _outcome(
            "unpromised",
            Words("Không xét", "Not judged"),
            Words("Không tính được J+n (thiếu lịch làm việc).", "No J+n could be computed (no working calendar)."),
        ),
        Share("share", Words("Tỷ lệ đúng hạn", "Share on time"), ("kept",), _JUDGED_ITEMS, _OUTCOME_BAND),
        _taken("within_1", Words("0-1 ngày", "0-1 days"), Words("Đến nơi trong 0-1 ngày.", "There after 0 or 1 day.")),
        _taken("within_2", Words("2 ngày", "2 days"), Words("Đến nơi sau 2 ngày.", "There after 2 days.")),
        _taken("within_4", Words("3-4 ngày", "3-4 days"), Words("Đến nơi sau 3-4 ngày.", "There after 3 or 4 days.")),
        _taken(
            "beyond_4", Words("Từ 5 ngày", "5 or more"), Words("Đến nơi sau từ 5 ngày.", "There after 5 days or more.")
        ),
        Leaf(
            "days",
            Words("Tổng số ngày", "Days altogether"),
            Words(
                "Cộng số ngày làm việc của các bưu gửi đã đến nơi.", "The working days of all that arrived, added up."
            ),
            Unit.WORKING_DAYS,
            _DAYS_BAND,
        ),
        Mean("mean", Words("Trung bình", "Average"), ("days",), ("kept", "late"), _DAYS_BAND),
    ),
    notes=(
        Words(
            "J là ngày doanh nghiệp nhận bưu gửi, n là số ngày làm việc; chiều trả kết quả tính đến lần phát đầu "
            "tiên. Xét theo những gì đã biết lúc lập báo cáo.",
            "J is the day on which the operator took the item, n counts working days; a result's transit ends with "
            "the first attempt. Judged by what is known when the report is made.",
        ),
    ),
)

_VOLUME = ("intact", "harmed")
_VOLUME_BAND = Words("Sản lượng", "Volume")
_MONEY_BAND = Words("Doanh thu (đồng)", "Revenue (đồng)")
_COMPLAINT_BAND = Words("Khiếu nại", "Complaints")
_HARM_BAND = Words("Sự cố trong kỳ", "Incidents")
_DAMAGES_BAND = Words("Bồi thường", "Compensation")


def _vnd(key: str, title: Words, how: Words, band: Words) -> Leaf:
    return Leaf(key, title, how, Unit.VND, band)


def _cases(key: str, title: Words, how: Words, band: Words) -> Leaf:
    return Leaf(key, title, how, Unit.ITEMS, band)


OPERATOR_QUARTER = Layout(
    name="operator-quarter",
    title=Words(
        "BÁO CÁO CHẤT LƯỢNG DỊCH VỤ BƯU CHÍNH TIẾP NHẬN HỒ SƠ, TRẢ KẾT QUẢ",
        "Operator's report on receiving dossiers and returning results",
    ),
    source=Words("TT 17/2017/TT-BTTTT, Điều 13", "Circular 17/2017/TT-BTTTT Art. 13"),
    counted=Words("bưu gửi, vụ việc, đồng", "items, cases, đồng"),
    rhythm=Rhythm.QUARTER,
    headings=(
        Heading(Words("Doanh nghiệp", "Operator"), 0, 26),
        Heading(Words("Dịch vụ", "Service"), 1, 26),
    ),
    groups=1,
    columns=(
        Sum("volume", Words("Chấp nhận", "Accepted"), _VOLUME, _VOLUME_BAND, Unit.ITEMS),
        _cases(
            "intact",
            Words("Nguyên vẹn", "Intact"),
            Words(
                "Chấp nhận trong kỳ, không có sự cố mất, lạc, hư hỏng.",
                "Accepted; no loss, straying or damage recorded.",
            ),
            _VOLUME_BAND,
        ),
        _cases(
            "harmed",
            Words("Có sự cố", "Harmed"),
            Words("Chấp nhận trong kỳ, có sự cố mất, lạc hoặc hư hỏng.", "Accepted; lost, strayed or damaged."),
            _VOLUME_BAND,
        ),
        Share("safety", Words("Mức an toàn", "Safety level"), ("intact",), _VOLUME, _VOLUME_BAND),
        _vnd(
            "charged",
            Words("Cước phải thu", "Postage charged"),
            Words("Cước phát sinh trong kỳ, trừ cước được miễn.", "Postage that fell due in the period, less waived."),
            _MONEY_BAND,
        ),
        _vnd(
            "refunded",
            Words("Cước hoàn lại", "Postage refunded"),
            Words(
                "Cước phải hoàn vì chậm, phát sinh trong kỳ.", "Refunds for late carriage that fell due, less waived."
            ),
            _MONEY_BAND,
        ),
        _cases(
            "complaints",
            Words("Nhận trong kỳ", "Filed"),
            Words("Khiếu nại nộp trong kỳ.", "Complaints filed in the period."),
            _COMPLAINT_BAND,
        ),
        _cases(
            "answered",
            Words("Đã trả lời", "Answered"),
            Words("Khiếu nại được trả lời bằng văn bản trong kỳ.", "Complaints answered in writing in the period."),
            _COMPLAINT_BAND,
        ),
        _cases(
            "at_fault",
            Words("Kết luận lỗi bưu chính", "Post at fault"),
            Words(
                "Kết luận lập trong kỳ xác định lỗi của bưu chính.",
                "Findings of the period by which the post is at fault.",
            ),
            _COMPLAINT_BAND,
        ),
        _cases(
            "unanswered",
            Words("Chưa trả lời cuối kỳ", "Unanswered"),
            Words(
                "Khiếu nại đã nộp, chưa trả lời khi kỳ kết thúc.", "Filed by the period's end and not answered then."
            ),
            _COMPLAINT_BAND,
        ),
        _cases(
            "lost",
            Words("Mất", "Lost"),
            Words("Sự cố mở trong kỳ: mất, thiếu giấy tờ.", "Incidents opened in the period: lost or missing papers."),
            _HARM_BAND,
        ),
        _cases(
            "strayed",
            Words("Lạc", "Strayed"),
            Words("Sự cố mở trong kỳ: thất lạc, phát nhầm người.", "Opened in the period: strayed, delivered wrongly."),
            _HARM_BAND,
        ),
        _cases(
            "damaged",
            Words("Hư hỏng", "Damaged"),
            Words("Sự cố mở trong kỳ: rách, ướt, bị mở.", "Opened in the period: torn, wet, opened."),
            _HARM_BAND,
        ),
        _cases(
            "compensated",
            Words("Số vụ", "Cases"),
            Words(
                "Sự cố có tiền bồi thường bưu chính đã trả trong kỳ.",
                "Incidents for which the post paid in the period.",
            ),
            _DAMAGES_BAND,
        ),
        _vnd(
            "paid",
            Words("Tổng tiền (đồng)", "Total (đồng)"),
            Words("Tiền bồi thường bưu chính đã trả trong kỳ.", "What the post paid in the period."),
            _DAMAGES_BAND,
        ),
    ),
    notes=(
        Words(
            "Hạn nộp: báo cáo quý trước ngày 10 tháng đầu quý sau; 6 tháng trước ngày 10/7; năm trước ngày 10/01 (TT"
            " 17/2017, Điều 13). Kỳ khác: chọn --from và --to.",
            "Due: quarterly before the 10th of the next quarter's first month; half-yearly before 10 July; yearly "
            "before 10 January (Circular 17/2017 Art. 13). Other periods: --from and --to.",
        ),
        Words(
            "Báo cáo theo TT 17/2017 là của bưu chính công ích; doanh nghiệp khác ghi thêm để so sánh.",
            "Circular 17/2017 asks for it of the public postal service; other operators are there for comparison.",
        ),
        Words(
            "Chỉ gồm hồ sơ và giấy tờ của hệ thống này; số của doanh nghiệp có thể gồm cả bưu gửi khác.",
            "Only what went through this system; the operator's own figures may hold other items as well.",
        ),
    ),
)
