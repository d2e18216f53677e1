"""What several reports say alike. Pure."""

from __future__ import annotations

from tracking.reports.layout import Heading, Words

AGENCY = (
    Heading(Words("Mã đơn vị", "Agency code"), 0, 10, code=True),
    Heading(Words("Đơn vị", "Agency"), 0, 28),
)
DOSSIERS = Words("hồ sơ", "dossiers")
VALID = Words(
    "Thời điểm nộp hợp lệ: ký biên bản giao nhận nếu gửi qua bưu chính (QĐ 45/2016/QĐ-TTg, Điều 7(4)); tiếp nhận chính "
    "thức nếu nộp tại quầy hoặc trực tuyến.",
    "Valid submission: the handover record's signature for papers sent by post (Decision 45/2016/QĐ-TTg Art. 7(4)); "
    "official acceptance at the counter and online.",
)
OTHER_POST = Words(
    "Doanh nghiệp khác không thuộc dịch vụ bưu chính công ích: đếm riêng (QĐ 45/2016/QĐ-TTg, Điều 1(3)).",
    "Other operators are outside the public postal service and counted apart (Decision 45/2016/QĐ-TTg Art. 1(3)).",
)
