"""Which documents there are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DocumentKind(StrEnum):
    """What is printed. A subject is an order number but for these: ``HANDOVER`` and ``APOLOGY`` take the record's id,
    ``SUPPLEMENT`` the form's number, ``MANIFEST`` an agency and an operator as ``H14.10:vnpost_ngsp``.
    """

    SLIP = "slip"
    LABEL = "label"
    HANDOVER = "handover"
    UNDELIVERABLE = "undeliverable"
    APOLOGY = "apology"
    SUPPLEMENT = "supplement"
    MANIFEST = "manifest"


class Validity(StrEnum):
    """Whether a document waits for signatures, has them, or needs none."""

    DRAFT = "draft"
    SIGNED = "signed"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a kind is called, and the letters of its numbers."""

    series: str
    vi: str
    en: str


KINDS = {
    DocumentKind.SLIP: KindWords("PGHS", "Phiếu gửi hồ sơ", "Dossier slip"),
    DocumentKind.LABEL: KindWords("NBG", "Nhãn bưu gửi", "Label"),
    DocumentKind.HANDOVER: KindWords("BBGN", "Biên bản giao nhận", "Handover record"),
    DocumentKind.UNDELIVERABLE: KindWords("TBKP", "Thông báo không phát được", "Undeliverable notice"),
    DocumentKind.APOLOGY: KindWords("VBXL", "Văn bản xin lỗi", "Letter of apology"),
    DocumentKind.SUPPLEMENT: KindWords("PYCBS", "Phiếu yêu cầu bổ sung", "Request to complete the dossier"),
    DocumentKind.MANIFEST: KindWords("BKBG", "Bảng kê bưu gửi", "Manifest for the postman"),
}

_DRAFTS = "DT-"


def series_of(kind: DocumentKind, validity: Validity) -> str:
    """Return the letters of a document's number; drafts (dự thảo) are counted apart, so that they leave no gaps."""
    series = KINDS[kind].series
    return f"{_DRAFTS}{series}" if validity is Validity.DRAFT else series


def document_number(serial: int, year: int, series: str, agency: str) -> str:
    """Return a number as it is written on paper: ``000012/2026/BBGN-H14.10``."""
    return f"{serial:06d}/{year}/{series}-{agency}"
