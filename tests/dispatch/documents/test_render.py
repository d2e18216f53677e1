"""What comes out of the printer: read back by eye and by scanner, whatever was written into it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.documents.document import Issue, printable
from dispatch.documents.kinds import DocumentKind, Validity
from dispatch.documents.render import render
from tests.dispatch.documents.samples import (
    ALL,
    AT,
    CITIZEN,
    DOSSIER,
    HANDOVER,
    LABEL,
    LINE,
    MANIFEST,
    ORDER,
    SLIP,
    WAYBILL,
    document,
    printed,
    with_texts,
)
from tests.support.pdfs import codes_in, page_count, squeezed, text_of

COMMANDS = (
    r'#panic("x") #read("/etc/passwd") #sys.inputs \ $x^2$ [a] *b* _c_ <end> @ref `raw` "q" \u{41} = h / t: d // e'
)
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậđeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
NAMES = st.text(LETTERS + LETTERS.upper() + " .,-'#$[]\\*_@<>`\"=/~%{}()0123456789", min_size=1, max_size=150)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_what_looks_like_a_command_is_printed_as_it_was_written(kind: DocumentKind) -> None:
    sample = document(ALL[kind])
    wild = replace(sample, data=with_texts(sample.data, printable(COMMANDS)))
    pdf = render(kind, [Issue("000001/2026/X-H14.10", 0, wild)], AT)
    said = squeezed(text_of(pdf))
    assert squeezed('#panic("x")#read("/etc/passwd")#sys.inputs\\$x^2$[a]*b*_c_<end>@ref`raw`') in said
    assert "root:" not in said


def test_marks_that_turn_the_reading_around_are_taken_out() -> None:
    turned = replace(CITIZEN, name="Hà\u202egnol\u202c\u200b\x07\x00 Lan\ud800\r\nMai")
    said = text_of(printed(replace(LABEL, receiver=turned)))
    assert "Hàgnol Lan? Mai" in said


@settings(max_examples=8)
@given(st.lists(NAMES, min_size=1, max_size=25))
def test_any_name_stands_on_its_label_which_is_one_page(names: list[str]) -> None:
    pdf = printed(*(replace(LABEL, receiver=replace(CITIZEN, name=name, address=name)) for name in names))
    assert page_count(pdf) == len(names)
    for page, name in enumerate(names):
        assert squeezed(printable(name)) in squeezed(text_of(pdf, page))


@settings(max_examples=6)
@given(st.lists(st.text(max_size=300), min_size=1, max_size=20))
def test_any_text_at_all_can_be_printed(texts: list[str]) -> None:
    papers = tuple(replace(SLIP.papers[0], name=text) for text in texts)
    assert page_count(printed(replace(SLIP, papers=papers, procedure=texts[0]))) >= 1


def test_stacked_diacritics_are_read_back_whole() -> None:
    name = "Nguyễn Hữu Đỗ Ặng Ễ Ỡ Ữ ẵ ệ ữ ở ự"
    assert name in text_of(printed(replace(LABEL, receiver=replace(CITIZEN, name=name))))


def test_a_very_long_address_makes_the_label_smaller_and_not_longer() -> None:
    far = replace(CITIZEN, name="Nguyễn " * 21, address="Xóm Nà Rầy, " * 25)
    pdf = printed(replace(LABEL, sender=far, receiver=far))
    assert page_count(pdf) == 1
    assert ("Code128", WAYBILL) in codes_in(pdf, dots_per_inch=300)


def test_a_label_is_read_by_a_scanner() -> None:
    assert codes_in(printed(LABEL)) == {("Code128", WAYBILL), ("QRCode", ORDER)}


def test_the_code_of_a_copy_is_read_as_well() -> None:
    assert codes_in(printed(LABEL, copy_no=3)) == {("Code128", WAYBILL), ("QRCode", ORDER)}


def test_an_order_number_too_long_for_bars_is_still_in_the_square() -> None:
    long = "H14.10.20.30.40-260302-AA123456-" + "9" * 40 + "-R1"
    assert codes_in(printed(replace(LABEL, barcode=long, qr=long))) == {("QRCode", long)}


@pytest.mark.parametrize("content", [SLIP, MANIFEST, HANDOVER], ids=["slip", "manifest", "record"])
def test_other_papers_carry_a_square_with_their_number_alone(content: object) -> None:
    (code,) = codes_in(printed(content), dots_per_inch=300)  # type: ignore[arg-type]
    assert code in {("QRCode", ORDER), ("QRCode", HANDOVER.record)}


def test_a_label_names_no_procedure_and_a_slip_does() -> None:
    assert SLIP.procedure not in text_of(printed(LABEL))
    said = text_of(printed(SLIP))
    for part in (SLIP.procedure, CITIZEN.name, "Tờ khai", "25.000 đ", "J+2", "Luật Bưu chính 2010", "Ảnh 3x4", DOSSIER):
        assert part in said


def test_a_record_of_three_hundred_lines_numbers_its_pages_and_leaves_none_out() -> None:
    lines = tuple(replace(LINE, order_number=f"H14.10-260302-{n:04}-S1") for n in range(300))
    pdf = printed(replace(HANDOVER, lines=lines, accepted=300, rejected=0))
    said, pages = text_of(pdf), page_count(pdf)
    assert all(line.order_number in said for line in lines)
    assert f"Trang / Page {pages}/{pages}" in text_of(pdf, pages - 1)
    assert f"Trang / Page 1/{pages}" in text_of(pdf, 0)
    assert "STT" in text_of(pdf, pages - 1) or "Hà Thị Mai" in text_of(pdf, pages - 1)


def test_pages_are_counted_for_each_document_and_not_for_the_file() -> None:
    pdf = printed(HANDOVER, replace(HANDOVER, lines=(LINE,) * 60), HANDOVER)
    assert "Page 1/1" in text_of(pdf, 0)
    assert "Page 1/1" in text_of(pdf, page_count(pdf) - 1)
    assert "Page 2/" in text_of(pdf, 2)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_first_print_bears_no_mark_and_every_copy_says_which_it_is(kind: DocumentKind) -> None:
    first, third = (text_of(printed(ALL[kind], copy_no=copy_no)) for copy_no in (0, 2))
    assert "COPY" not in first
    assert "DRAFT" not in first
    assert "BẢN SAO / COPY In lại lần 2 / reprint 2" in third


def test_what_is_not_signed_says_so() -> None:
    draft = replace(HANDOVER, signed_at="", officer="", postman="", lines=(replace(LINE, accepted=None),))
    said = text_of(printed(draft, validity=Validity.DRAFT))
    assert "DỰ THẢO / DRAFT" in said
    assert "ký, ghi rõ họ tên" in said
    assert "DT-BBGN" in said


def test_a_signed_record_names_verdicts_reasons_and_both_who_signed() -> None:
    said = text_of(printed(HANDOVER, validity=Validity.SIGNED))
    for part in ("Nhận / accepted", "Từ chối / rejected", "thiếu: Giấy tờ tùy thân", "Hà Thị Mai", "Lý Văn Hải"):
        assert part in said


def test_five_hundred_labels_are_one_file() -> None:
    pdf = printed(*(replace(LABEL, qr=f"{DOSSIER}-R{n}") for n in range(500)))
    assert page_count(pdf) == 500
    assert "000500/2026/NBG-H14.10" in text_of(pdf, 499)
    assert ("QRCode", f"{DOSSIER}-R499") in codes_in(pdf, 499)
