from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.money.statements.reading import read_statement
from dispatch.money.statements.sheet import UnreadableFile
from dispatch.parties import Party
from tests.support.workbooks import WORKBOOK, Written, workbook

HEADINGS = ("Số đơn hàng", "Mã vận đơn", "Ngày thu", "Tiền thu hộ (đ)", "Cước", "Đã nộp", "Người trả cước")
LINE = ("H14-1-S1", "EE123456789VN", "02/03/2026", "25.000", "30.000", "25.000", "Công dân")


def csv_of(*rows: tuple[str, ...], separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(separator.join(row) for row in rows).encode(encoding)


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_as_offices_save_it(separator: str, encoding: str) -> None:
    (line,) = read_statement(csv_of(HEADINGS, LINE, separator=separator, encoding=encoding), {}).lines
    assert (line.number, line.order, line.waybill) == (2, "H14-1-S1", "EE123456789VN")
    assert (line.collected_vnd, line.postage_vnd, line.remitted_vnd) == (25_000, 30_000, 25_000)
    assert (line.day, line.payer) == (date(2026, 3, 2), Party.CITIZEN)


def test_csv_in_the_code_page_of_an_old_windows() -> None:
    content = csv_of(("Order number", "Thu hô\u0323"), ("H14-1-S1", "25.000 ð"[:6])).replace(b"\xef\xbb\xbf", b"")
    windows = content.decode().encode("cp1258")
    (line,) = read_statement(windows, {}).lines
    assert line.collected_vnd == 25_000


def test_english_headings_and_commas_as_separator() -> None:
    content = b'Order No.,Waybill,Collected fee,Paid out\nH14-1-S1,X1,"25,000","25,000"\n'
    (line,) = read_statement(content, {}).lines
    assert (line.collected_vnd, line.remitted_vnd, line.postage_vnd) == (25_000, 25_000, 0)


def test_an_account_may_call_its_columns_otherwise() -> None:
    content = "Mã khách;Khoản A\nH14-1-S1;25.000\n".encode()
    (line,) = read_statement(content, {"order": ("Mã khách",), "collected": ("KHOẢN A",)}).lines
    assert (line.order, line.collected_vnd) == ("H14-1-S1", 25_000)
    with pytest.raises(UnreadableFile, match="headings"):
        read_statement(content, {})


def test_numbers_and_days_of_a_workbook() -> None:
    rows: list[list[Written]] = [
        ["Từ ngày 01/03/2026 đến ngày 31/03/2026"],
        [],
        ["Số đơn", "Ngày", "Thu hộ"],
        ["H14-1-S1", date(2026, 3, 2), 25000],
    ]
    reading = read_statement(workbook(rows), {})
    (line,) = reading.lines
    assert (line.number, line.day, line.collected_vnd) == (4, date(2026, 3, 2), 25_000)
    assert reading.period == (date(2026, 3, 1), date(2026, 3, 31))


def test_every_cell_that_cannot_be_read_is_named_by_line_and_column() -> None:
    bad = ("H14-2-S1", "", "31/02/2026", "25.00", "30.000", "x", "Ông Ba")
    errors = read_statement(csv_of(HEADINGS, LINE, bad), {}).errors
    assert {(error.line, error.column) for error in errors} == {
        (3, "Ngày thu"),
        (3, "Tiền thu hộ (đ)"),
        (3, "Đã nộp"),
        (3, "Người trả cước"),
    }


def test_an_amount_that_is_nobodys_is_an_error_and_a_signature_is_none() -> None:
    reading = read_statement(
        csv_of(HEADINGS, LINE, ("", "", "", "5.000", "", "", ""), ("", "", "Người lập", *[""] * 4)), {}
    )
    assert [(error.line, error.column) for error in reading.errors if "without an order" in error.why] == [
        (3, "Số đơn hàng")
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_statement_or_refused_in_words(content: bytes) -> None:
    for beginning in (b"", b"PK\x03\x04"):
        try:
            read_statement(beginning + content, {})
        except UnreadableFile as refusal:
            assert str(refusal)


def test_a_bomb_is_not_unpacked() -> None:
    rows = workbook([["Số đơn", "Thu hộ"]], sheet="<x>" + " " * 30_000_000 + "</x>")
    assert len(rows) < 100_000
    with pytest.raises(UnreadableFile, match="larger than"):
        read_statement(rows, {})


def test_entities_are_not_expanded() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    for encoding in ("", '<?xml version="1.0" encoding="utf-8"?>'):
        with pytest.raises(UnreadableFile, match="document type"):
            read_statement(workbook([["x"]], workbook=encoding + laughs + WORKBOOK), {})


def test_nothing_outside_of_the_file_is_read() -> None:
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
    with pytest.raises(UnreadableFile, match="document type"):
        read_statement(workbook([["Số đơn", "Thu hộ"]], strings=outside), {})


@pytest.mark.parametrize(
    "sheet",
    [
        '<w><row r="x"><c r="A1"><v>1</v></c></row></w>',
        '<w><row r="1"><c r="ZZZZ1"><v>1</v></c></row></w>',
        '<w><row r="1"><c r="A1" t="s"><v>99</v></c></row></w>',
        '<w><row r="1"><c r="A1"><v>one</v></c></row></w>',
        '<w><row r="999999999"><c r="A1"><v>1</v></c></row></w>',
        '<w><row r="1"><c r="ZZZ1"><v>1</v></c></row></w>',
        "<w><row",
    ],
)
def test_a_broken_workbook_is_refused_in_words(sheet: str) -> None:
    with pytest.raises(UnreadableFile):
        read_statement(workbook([["Số đơn", "Thu hộ"]], sheet=sheet), {})


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFile):
        read_statement(kept.getvalue(), {})
