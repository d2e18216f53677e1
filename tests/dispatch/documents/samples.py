"""Documents with everything on them, as the gatherers would have made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dispatch.documents.contents import (
    Bilingual,
    Content,
    FormContent,
    HandoverContent,
    LabelContent,
    LetterContent,
    ManifestContent,
    ManifestLine,
    NoticeContent,
    PaperLine,
    Person,
    RecordLine,
    SlipContent,
)
from dispatch.documents.document import Document, Issue
from dispatch.documents.kinds import DocumentKind, Validity, document_number, series_of
from dispatch.documents.render import render

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ORDER, WAYBILL, DOSSIER, AGENCY = "H14.10-260302-0001-R1", "EH123456789VN", "H14.10-260302-0001", "H14.10"
CITIZEN = Person("Nguyễn Thị Phượng Hằng", "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "091****678")
OFFICE = Person("Sở Tư pháp", "Trung tâm Phục vụ hành chính công", "0206 3852 136", "motcua@example.vn")
RIGHT = Bilingual(
    "Khiếu nại trong 06 tháng.", "A complaint may be filed within 6 months.", "Luật Bưu chính 2010, Điều 38"
)

LABEL = LabelContent(ORDER, WAYBILL, DOSSIER, "VNPost", OFFICE, CITIZEN, "25.000 đ", True, 1, WAYBILL, ORDER)
SLIP = SlipContent(
    order_number=ORDER,
    waybill=WAYBILL,
    dossier=DOSSIER,
    leg="send",
    procedure="Thay đổi, cải chính, bổ sung thông tin hộ tịch",
    agency="Sở Tư pháp",
    carrier="VNPost",
    sender=CITIZEN,
    receiver=OFFICE,
    papers=(PaperLine("Tờ khai", 1, 0), PaperLine("Giấy tờ tùy thân", 0, 1)),
    missing=("Ảnh 3x4",),
    placed_at="08:00 02/03/2026",
    pickup="03/03/2026 08:00-11:30",
    service=Bilingual("Gửi hồ sơ", "send the papers"),
    price="25.000 đ",
    payer=Bilingual("người dân trả", "paid by the citizen"),
    to_collect="50.000 đ",
    quality=Bilingual("J+2 ngày làm việc", "J+2 working days", "Thông tư 17/2017/TT-BTTTT, Điều 7(2)"),
    rights=(RIGHT,),
    signatures=None,
    lookup="tracuu.example.vn",
    qr=ORDER,
)
LINE = RecordLine(ORDER, "PGHS-1", DOSSIER, "Tờ khai (01 bản chính)", True, ())
HANDOVER = HandoverContent(
    record="BBGN-H14.10-260302-0001",
    agency="Sở Tư pháp",
    agency_code=AGENCY,
    carrier="VNPost",
    outward=False,
    sealed=False,
    drawn_up_at="15:00 02/03/2026",
    signed_at="16:00 02/03/2026",
    officer="Hà Thị Mai",
    postman="Lý Văn Hải",
    accepted=1,
    rejected=1,
    lines=(LINE, replace(LINE, accepted=False, remarks=("thiếu: Giấy tờ tùy thân",))),
    qr="BBGN-H14.10-260302-0001",
)
NOTICE = NoticeContent(
    order_number=ORDER,
    waybill=WAYBILL,
    dossier=DOSSIER,
    agency="Sở Tư pháp",
    carrier="VNPost",
    receiver=CITIZEN,
    attempts=(("10:00 03/03/2026", Bilingual("người nhận vắng mặt", "nobody at home")),),
    what=(Bilingual("Mời Ông/Bà đến nhận.", "Please come."),),
    legal_source="Thông tư 17/2017/TT-BTTTT, Điều 5(2)(h)",
    lookup="tracuu.example.vn",
    qr=ORDER,
)
LETTER = LetterContent(
    vi=(
        ("Sở Tư pháp", "Số: …"),
        ("CỘNG HÒA",),
        ("ngày 02",),
        ("VĂN BẢN XIN LỖI",),
        ("Kính gửi: Bà Hằng",),
        ("(đã ký)",),
    ),
    en=(("Apology",),),
)
FORM = FormContent("Sở Tư pháp", "PHIẾU YÊU CẦU BỔ SUNG", ("1. Tờ khai",), "16:00 02/03/2026", "Hà Thị Mai", "Note.")
MANIFEST = ManifestContent(
    agency="Sở Tư pháp",
    agency_code=AGENCY,
    carrier="VNPost",
    day="02/03/2026",
    total_to_collect="25.000 đ",
    lines=(ManifestLine(ORDER, WAYBILL, DOSSIER, CITIZEN, 2, "25.000 đ", "03/03/2026", ORDER),),
)

ALL: dict[DocumentKind, Content] = {
    DocumentKind.SLIP: SLIP,
    DocumentKind.LABEL: LABEL,
    DocumentKind.HANDOVER: HANDOVER,
    DocumentKind.UNDELIVERABLE: NOTICE,
    DocumentKind.APOLOGY: LETTER,
    DocumentKind.SUPPLEMENT: FORM,
    DocumentKind.MANIFEST: MANIFEST,
}


def document(
    content: Content, subject: str = "s", *, validity: Validity = Validity.PLAIN, agency: str = AGENCY
) -> Document:
    kind = next(kind for kind, sample in ALL.items() if type(sample) is type(content))
    return Document.of(kind, subject, agency, validity, content)


def printed(*contents: Content, copy_no: int = 0, validity: Validity = Validity.PLAIN) -> bytes:
    """Draw documents of one kind, numbered from 1."""
    documents = [document(content, validity=validity) for content in contents]
    kind = documents[0].kind
    letters = series_of(kind, validity)
    issues = [Issue(document_number(n, 2026, letters, AGENCY), copy_no, one) for n, one in enumerate(documents, 1)]
    return render(kind, issues, AT)


def with_texts(value: Any, text: str) -> Any:
    """Return data of a document with ``text`` in place of each of its texts, but for those that choose a layout."""
    if isinstance(value, dict):
        return {name: one if name == "leg" else with_texts(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [with_texts(one, text) for one in value]
    return text if isinstance(value, str) else value
