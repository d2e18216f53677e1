"""Values for a preview, as they are filled in; the longest that are usual, to judge lengths by. Pure."""

from __future__ import annotations

LONGEST_CODE = "000.00.19.H14-260302-0001"
"""A dossier code in the form of 2018, the longest in use (Circular 01/2018/TT-VPCP Art. 19)."""

SAMPLES = {
    "code": LONGEST_CODE,
    "agency": "Trung tâm Phục vụ hành chính công tỉnh Cao Bằng",
    "at": "16:05 02/03/2026",
    "due": "17:00 16/03/2026",
    "new_due": "17:00 19/03/2026",
    "first": "09/03/2026",
    "pickup": "17/03/2026",
    "expected": "19/03/2026",
    "since": "20/03/2026",
    "until": "20/04/2026",
    "promised": "phát chậm nhất ngày 19/03/2026",
    "early_vi": " sớm hơn ngày hẹn 16/03/2026",
    "early_en": " before its due date 16/03/2026",
    "reason": "thiếu bản sao giấy khai sinh",
    "reason_vi": "thay đổi lịch làm việc",
    "reason_en": "the working calendar has changed",
    "legal_source": "Nghị định 61/2018/NĐ-CP Điều 19(9)",
    "waybill": "EH123456789VN",
    "attempt": "1",
    "amount": "1.250.000",
    "resolution": "giấy tờ đã được lập lại",
    "kind_vi": "hư hỏng",
    "kind_en": "damaged",
    "who_vi": "bưu điện",
    "who_en": "the post",
    "what_vi": "phát kết quả chậm",
    "what_en": "the result came late",
    "order": "000.00.19.H14-260302-0001-R1",
    "slip": "PGHS-000.00.19.H14-260302-0001-S1-1",
    "missing": "Giấy tờ tùy thân",
    "form": "PYCBS-BBGN-000.00.19.H14-260302-0001-1",
    "payer_vi": "bưu điện",
    "payer_en": "the post pays",
    "to": "Chi cục Thuế tỉnh Cao Bằng",
    "carrier": "000.00.19.H14-260302-0002",
    "officer": "Hoàng Thị Lan",
    "received": "16:05 02/03/2026",
    "limit": "10 ngày làm việc",
    "otp": "123456",
}
