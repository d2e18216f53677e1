"""What the letters say: all that form 04 asks for, in both languages, and blanks where nobody knows yet."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from dispatch.parties import Party
from tests.tracking.apologies.test_standing import PARCEL, SOON
from tests.tracking.deadlines.story import at
from tracking.apologies.decision import Failing
from tracking.apologies.letters import Letter, Signature, drafted_reason, what_happened

DRAFT = Letter(
    number="H14.10-260302-0001-XL1",
    agency="Sở Tư pháp",
    applicant="Bế Đức Hiếu",
    code="H14.10-260302-0001",
    procedure="Thay đổi, cải chính, bổ sung thông tin hộ tịch",
    received_at=at("2026-03-02 10:00"),
    owed=SOON,
    reason="chờ ý kiến của {Sở}.",
    new_due=date(2026, 3, 10),
)
SIGNED = replace(DRAFT, signature=Signature("Hà Thị Mai", "Phó Giám đốc", at("2026-03-04 09:00")))


def test_form_04_names_everything_that_it_has_to() -> None:
    text = SIGNED.text()
    for needed in (
        "XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN",
        "Mẫu 04",
        "H14.10-260302-0001-XL1",
        "Kính gửi: Bế Đức Hiếu",
        "Mã hồ sơ: H14.10-260302-0001",
        "cải chính",
        "Thời điểm tiếp nhận: 10:00 02/03/2026",
        "Hạn trả kết quả: 17:00 05/03/2026",
        "Ngày hẹn trả mới: 10/03/2026",
        "xin lỗi Ông/Bà",
        "Lý do: chờ ý kiến của {Sở}.",
        "Phó Giám đốc\n(đã ký)\nHà Thị Mai",
        "ngày 04 tháng 03 năm 2026",
        "apologises",
        "Nghị định 61/2018/NĐ-CP, Điều 19(9)",
    ):
        assert needed in text


def test_a_draft_says_that_it_is_one_and_until_when_it_is_to_be_signed() -> None:
    assert "Dự thảo, chưa ký. Hạn ký: 04/03/2026." in DRAFT.text()
    assert "đã ký" not in DRAFT.text()
    assert "ngày …… tháng …… năm ……" in DRAFT.text()


@pytest.mark.parametrize("debtor", [Party.AGENCY, Party.POST])
@pytest.mark.parametrize("failing", Failing)
def test_every_letter_can_be_written_in_both_languages(failing: Failing, debtor: Party) -> None:
    owed = replace(PARCEL if failing not in (Failing.LATE, Failing.WILL_BE_LATE) else SOON, failing=failing)
    for letter in (replace(DRAFT, owed=replace(owed, debtor=debtor), reason=drafted_reason(failing)), SIGNED):
        text = letter.text()
        assert "{" not in text.replace("{Sở}", "")
        assert text == unicodedata.normalize("NFC", text)
    assert all(what_happened(failing))


def test_an_apology_after_the_due_day_names_a_date_only_where_there_is_one() -> None:
    late = replace(SIGNED, owed=replace(SOON, failing=Failing.LATE))
    assert "Ngày dự kiến trả kết quả: 10/03/2026" in late.text()
    assert "Ngày" not in replace(late, new_due=None).text().split("Hạn trả kết quả")[1].split("----")[0]


def test_the_posts_letter_goes_to_citizen_and_agency() -> None:
    assert "Kính gửi: Bế Đức Hiếu; Sở Tư pháp" in replace(DRAFT, owed=replace(PARCEL, debtor=Party.POST)).text()
