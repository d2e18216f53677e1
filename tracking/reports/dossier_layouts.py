"""The reports that count dossiers by their clocks: Form II.06, by procedure and channel, settled on time. Pure."""

from __future__ import annotations

from tracking.reports.common_layout import AGENCY, DOSSIERS, OTHER_POST, VALID
from tracking.reports.layout import Column, Heading, Layout, Leaf, Share, Sum, Words
from tracking.reports.periods import Rhythm

_PROCEDURE = Heading(Words("Thủ tục hành chính", "Procedure"), 1, 36)
_SETTLED = ("settled_early", "settled_on_time", "settled_late", "settled_undated")
_OPEN = ("open_in_time", "open_overdue", "open_undated")
_RECEIVED = ("received_online", "received_counter_post", "received_untold")

_JUDGED = Words(
    "Đúng hạn xét theo ngày có kết quả tại bộ phận một cửa so với ngày hẹn trả đang có hiệu lực; thời gian bưu chính"
    " trả kết quả không tính. Hồ sơ do hệ thống của bộ đặt hạn thì không xét.",
    "Judged by the day on which the result is at the one-stop desk against the due date in force; delivery by post is "
    "not part of it. Dossiers whose due date a ministry's system sets are not judged.",
)


def _settled_columns(band: Words) -> tuple[Column, ...]:
    return (
        Sum("settled", Words("Tổng số", "Total"), _SETTLED, band),
        Leaf(
            "settled_early",
            Words("Trước hạn", "Early"),
            Words("Có kết quả trong kỳ, trước ngày hẹn trả.", "Result within the period, on a day before the due day."),
            band=band,
        ),
        Leaf(
            "settled_on_time",
            Words("Đúng hạn", "On time"),
            Words(
                "Có kết quả đúng ngày hẹn trả; gồm cả hồ sơ rút khi chưa quá hạn.",
                "Result on the due day; what was withdrawn before its due day was over is among them.",
            ),
            band=band,
        ),
        Leaf(
            "settled_late",
            Words("Quá hạn", "Late"),
            Words("Có kết quả (hoặc rút) sau ngày hẹn trả.", "Result, or withdrawal, after the due day."),
            band=band,
        ),
        Leaf(
            "settled_undated",
            Words("Không xét hạn", "Not judged"),
            Words(
                "Kết thúc trong kỳ; hạn do hệ thống khác đặt (NĐ 224/2026/NĐ-CP, Điều 15(1)(i)).",
                "Ended within the period; another system sets the due date (Decree 224/2026/NĐ-CP Art. 15(1)(i)).",
            ),
            band=band,
        ),
    )


_IN_BAND = Words("Tiếp nhận", "Received")
_OUT_BAND = Words("Đã giải quyết", "Settled")
_OPEN_BAND = Words("Đang giải quyết", "In progress")
_WHICH_BAND = Words("Trong đó", "Of which")

FORM_II_06 = Layout(
    name="form-ii-06",
    title=Words(
        "BIỂU II.06: TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH THEO KÊNH TIẾP NHẬN",
        "Form II.06: settlement of administrative procedures, by channel",
    ),
    source=Words(
        "Biểu II.06, TT 01/2020/TT-VPCP (theo mẫu đang dùng)", "Form II.06, Circular 01/2020/TT-VPCP (in use)"
    ),
    counted=DOSSIERS,
    rhythm=Rhythm.QUARTER,
    headings=(*AGENCY, _PROCEDURE),
    groups=1,
    columns=(
        Sum("received", Words("Tổng số", "Total"), (*_RECEIVED, "carried_over"), _IN_BAND),
        Leaf(
            "received_online",
            Words("Trong kỳ: trực tuyến", "In period: online"),
            Words("Nộp hợp lệ trong kỳ, trực tuyến.", "Validly submitted in the period, online."),
            band=_IN_BAND,
        ),
        Leaf(
            "received_counter_post",
            Words("Trong kỳ: trực tiếp, bưu chính", "In period: counter and post"),
            Words(
                "Nộp hợp lệ trong kỳ, tại quầy hoặc qua bưu chính (mọi doanh nghiệp).",
                "Validly submitted in the period, at the counter or by post (any operator).",
            ),
            band=_IN_BAND,
        ),
        Leaf(
            "received_untold",
            Words("Trong kỳ: chưa rõ kênh", "In period: channel not told"),
            Words(
                "Nộp hợp lệ trong kỳ, không qua bưu chính; hệ thống một cửa không báo kênh (filed_through).",
                "Validly submitted in the period, not by post; the one-stop has not told the channel (filed_through).",
            ),
            band=_IN_BAND,
        ),
        Leaf(
            "carried_over",
            Words("Từ kỳ trước chuyển qua", "Carried over"),
            Words(
                "Nộp hợp lệ trước kỳ và chưa kết thúc khi kỳ bắt đầu.",
                "Submitted before it and not ended by its start.",
            ),
            band=_IN_BAND,
        ),
        *_settled_columns(_OUT_BAND),
        Sum("open", Words("Tổng số", "Total"), _OPEN, _OPEN_BAND),
        Leaf(
            "open_in_time",
            Words("Trong hạn", "Within time"),
            Words(
                "Cuối kỳ chưa xong, ngày hẹn trả chưa qua; gồm cả hồ sơ đang tạm dừng, chờ bổ sung.",
                "Not ended by the period's end, the due day not over; what waits for papers or stands still included.",
            ),
            band=_OPEN_BAND,
        ),
        Leaf(
            "open_overdue",
            Words("Quá hạn", "Overdue"),
            Words("Cuối kỳ chưa xong, ngày hẹn trả đã qua.", "Not ended by the period's end, and the due day is over."),
            band=_OPEN_BAND,
        ),
        Leaf(
            "open_undated",
            Words("Không xét hạn", "Not judged"),
            Words("Cuối kỳ chưa xong; không có hạn do hệ thống này đặt.", "Not ended; no due date of ours."),
            band=_OPEN_BAND,
        ),
        Leaf(
            "of_settled_withdrawn",
            Words("Đã rút", "Withdrawn"),
            Words("Trong số đã giải quyết: công dân rút hồ sơ.", "Among the settled: the applicant withdrew."),
            band=_WHICH_BAND,
        ),
        Leaf(
            "of_settled_extended",
            Words("Trước/đúng hạn sau khi đổi ngày hẹn", "In time by a later date only"),
            Words(
                "Trong số trước hạn và đúng hạn: muộn so với ngày hẹn đầu tiên (gia hạn, bổ sung, tạm dừng).",
                "Among early and on time: late against the first due date (extension, supplement, pause).",
            ),
            band=_WHICH_BAND,
        ),
        Leaf(
            "of_open_waiting",
            Words("Đang chờ", "Waiting"),
            Words(
                "Trong số trong hạn: thời hạn đang dừng (chờ bổ sung, nghĩa vụ tài chính, giấy tờ thất lạc).",
                "Among within time: the clock stands still (papers, payment, lost papers are waited for).",
            ),
            band=_WHICH_BAND,
        ),
    ),
    notes=(
        VALID,
        _JUDGED,
        Words(
            "Theo mẫu, “đúng hạn” gồm cả hồ sơ chờ bổ sung và hồ sơ trả lại/rút: ở đây hồ sơ chờ bổ sung nằm trong "
            "“trong hạn”, hồ sơ rút khi chưa quá hạn nằm trong “đúng hạn”. Cách thống kê hồ sơ gia hạn chưa có văn "
            "bản quy định rõ, nên cột “Trong đó” cho biết số này.",
            "By the form “on time” includes dossiers that wait for supplements and those returned or withdrawn: here"
            " the first are “within time”, and those withdrawn before the due day was over are “on time”. How "
            "extended ones are to be counted was not found in any text, so a column of its own tells how many they "
            "are.",
        ),
    ),
)

_CHANNELS = ("online", "counter", "public_post", "other_post", "untold")
_CHANNEL_BAND = Words("Theo kênh", "By channel")
_SHARE_BAND = Words("Tỷ lệ", "Share")

BY_PROCEDURE = Layout(
    name="by-procedure",
    title=Words("TIẾP NHẬN HỒ SƠ THEO THỦ TỤC VÀ KÊNH", "Dossiers received, by procedure and channel"),
    source=Words(
        "QĐ 45/2016/QĐ-TTg; mẫu của hệ thống một cửa cấp tỉnh đang dùng",
        "Decision 45/2016/QĐ-TTg; form of a provincial one-stop system in use",
    ),
    counted=DOSSIERS,
    rhythm=Rhythm.MONTH,
    headings=(
        Heading(Words("Mã thủ tục", "Procedure code"), 0, 14, code=True),
        Heading(Words("Thủ tục hành chính", "Procedure"), 0, 54),
    ),
    columns=(
        Sum("received", Words("Tổng số", "Total"), _CHANNELS),
        Leaf(
            "online",
            Words("Trực tuyến", "Online"),
            Words("Nộp hợp lệ trong kỳ, trực tuyến.", "Validly submitted in the period, online."),
            band=_CHANNEL_BAND,
        ),
        Leaf(
            "counter",
            Words("Trực tiếp", "Counter"),
            Words("Nộp hợp lệ trong kỳ, tại quầy.", "Validly submitted in the period, at the counter."),
            band=_CHANNEL_BAND,
        ),
        Leaf(
            "public_post",
            Words("Bưu chính công ích", "Public post"),
            Words(
                "Biên bản giao nhận với bưu chính công ích ký trong kỳ.", "Handover record with the public post signed."
            ),
            band=_CHANNEL_BAND,
        ),
        Leaf(
            "other_post",
            Words("Bưu chính khác", "Other post"),
            Words(
                "Biên bản giao nhận với doanh nghiệp khác ký trong kỳ.", "Handover record with another operator signed."
            ),
            band=_CHANNEL_BAND,
        ),
        Leaf(
            "untold",
            Words("Chưa rõ kênh", "Not told"),
            Words(
                "Không qua bưu chính; hệ thống một cửa không báo kênh (filed_through).",
                "Not by post; the one-stop has not told the channel (filed_through).",
            ),
            band=_CHANNEL_BAND,
        ),
        Share("share_online", Words("Trực tuyến", "Online"), ("online",), _CHANNELS, _SHARE_BAND),
        Share("share_counter", Words("Trực tiếp", "Counter"), ("counter",), _CHANNELS, _SHARE_BAND),
        Share("share_public", Words("Bưu chính công ích", "Public post"), ("public_post",), _CHANNELS, _SHARE_BAND),
    ),
    notes=(VALID, OTHER_POST),
)

SETTLED_ON_TIME = Layout(
    name="settled-on-time",
    title=Words("TỶ LỆ HỒ SƠ GIẢI QUYẾT ĐÚNG HẠN THEO ĐƠN VỊ", "Share of dossiers settled on time, by agency"),
    source=Words("NĐ 61/2018/NĐ-CP, Điều 30(2)(c)", "Decree 61/2018/NĐ-CP Art. 30(2)(c)"),
    counted=DOSSIERS,
    rhythm=Rhythm.MONTH,
    headings=AGENCY,
    columns=(
        Leaf(
            "received",
            Words("Tiếp nhận trong kỳ", "Taken in"),
            Words("Nộp hợp lệ trong kỳ.", "Validly submitted in the period."),
        ),
        *_settled_columns(_OUT_BAND),
        Leaf(
            "first_on_time",
            Words("Không muộn", "Not late"),
            Words("Đã giải quyết, không muộn so với ngày hẹn đầu tiên.", "Settled, not later than the first due date."),
            band=Words("So với ngày hẹn đầu tiên", "Against the first date"),
        ),
        Leaf(
            "first_late",
            Words("Muộn", "Late"),
            Words("Đã giải quyết, muộn so với ngày hẹn đầu tiên.", "Settled, later than the first due date."),
            band=Words("So với ngày hẹn đầu tiên", "Against the first date"),
        ),
        Share(
            "share",
            Words("Trước và đúng hạn / đã xét", "In time of those judged"),
            ("settled_early", "settled_on_time"),
            ("settled_early", "settled_on_time", "settled_late"),
            _SHARE_BAND,
        ),
        Share(
            "share_first",
            Words("Không muộn so với ngày hẹn đầu tiên", "Not late by the first date"),
            ("first_on_time",),
            ("first_on_time", "first_late"),
            _SHARE_BAND,
        ),
        Share(
            "share_of_received",
            Words("Trước và đúng hạn / tiếp nhận", "In time of those taken in"),
            ("settled_early", "settled_on_time"),
            ("received",),
            _SHARE_BAND,
        ),
    ),
    notes=(
        VALID,
        _JUDGED,
        Words(
            "NĐ 61/2018 so số giải quyết đúng hạn với số tiếp nhận; hồ sơ từ kỳ trước cũng được giải quyết trong kỳ "
            "nên tỷ lệ này có thể vượt 100%.",
            "Decree 61/2018 sets what was settled on time against what was taken in; as dossiers of earlier periods "
            "are settled too, this share can exceed 100%.",
        ),
    ),
)
