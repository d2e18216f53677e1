"""What each kind of document says, as values; templates only arrange it. Pure.

Instants and amounts are texts already, written as people in Vietnam write them. What is empty is left out on paper.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One thing said in both languages, and by which law."""

    vi: str
    en: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One end of a shipment."""

    name: str
    address: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line of a list of papers."""

    name: str
    originals: int
    copies: int


@dataclass(frozen=True, slots=True)
class SlipSignatures:
    """Who signed, by the slip or handover record ``number``. The sender is the citizen, or the agency's officer."""

    number: str
    postman: str
    postman_at: str
    sender: str
    sender_at: str
    seal: str = ""
    fee: str = ""
    fee_receipt: str = ""


@dataclass(frozen=True, slots=True)
class SlipContent:
    """Phiếu gửi hồ sơ (Circular 17/2017/TT-BTTTT Art. 9, Decision 45/2016/QĐ-TTg Art. 6(4), 9(2)).

    Attributes:
        leg: ``send``, ``return`` or ``transfer``.
        papers: what is counted: the dossier's papers on the way in, result and returned originals on the way out.
        missing: what the citizen knew to be missing and sent without.
        quality: transit time, with its law; ``rights`` what the citizen may ask for when it is not kept.
        qr: the order number.
    """

    order_number: str
    waybill: str
    dossier: str
    leg: str
    procedure: str
    agency: str
    carrier: str
    sender: Person
    receiver: Person
    papers: tuple[PaperLine, ...]
    missing: tuple[str, ...]
    placed_at: str
    pickup: str
    service: Bilingual
    price: str
    payer: Bilingual
    to_collect: str
    quality: Bilingual
    rights: tuple[Bilingual, ...]
    signatures: SlipSignatures | None
    lookup: str
    qr: str


@dataclass(frozen=True, slots=True)
class LabelContent:
    """What is stuck on the parcel: who and where, and no procedure (Decision 45/2016/QĐ-TTg Art. 16(5)(a)).

    Phones are masked: whoever carries it has them from the operator. ``barcode`` is the waybill, or the order number
    until there is one; ``qr`` the order number.
    """

    order_number: str
    waybill: str
    dossier: str
    carrier: str
    sender: Person
    receiver: Person
    to_collect: str
    priority: bool
    parcel_of: int
    barcode: str
    qr: str


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One dossier's papers in a handover record; ``accepted`` is None until it is signed."""

    order_number: str
    slip_number: str
    dossier: str
    papers: str
    accepted: bool | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoverContent:
    """Biên bản giao nhận (Decision 45/2016/QĐ-TTg Art. 7(2)-(4), 9(2)-(3)). It names no citizen."""

    record: str
    agency: str
    agency_code: str
    carrier: str
    outward: bool
    sealed: bool
    drawn_up_at: str
    signed_at: str
    officer: str
    postman: str
    accepted: int
    rejected: int
    lines: tuple[RecordLine, ...]
    qr: str


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """That a result could not be delivered, and what follows (Circular 17/2017/TT-BTTTT Art. 5(2)(h))."""

    order_number: str
    waybill: str
    dossier: str
    agency: str
    carrier: str
    receiver: Person
    attempts: tuple[tuple[str, Bilingual], ...]
    what: tuple[Bilingual, ...]
    legal_source: str
    lookup: str
    qr: str


@dataclass(frozen=True, slots=True)
class LetterContent:
    """A letter whose words were set elsewhere: paragraphs of lines, and the courtesy text in English.

    The first ones are the sender, the nation's name, the day and the title; the last one is who signs.
    """

    vi: tuple[tuple[str, ...], ...]
    en: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormContent:
    """Form 02 (Phiếu yêu cầu bổ sung): the lines with which it was issued. ``en`` says in short what it is."""

    agency: str
    title: str
    lines: tuple[str, ...]
    issued_at: str
    officer: str
    en: str


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One parcel for the postman."""

    order_number: str
    waybill: str
    dossier: str
    receiver: Person
    pieces: int
    to_collect: str
    pickup: str
    qr: str


@dataclass(frozen=True, slots=True)
class ManifestContent:
    """Bảng kê bưu gửi: what the postman takes along from one desk."""

    agency: str
    agency_code: str
    carrier: str
    day: str
    total_to_collect: str
    lines: tuple[ManifestLine, ...]


Content = SlipContent | LabelContent | HandoverContent | NoticeContent | LetterContent | FormContent | ManifestContent
