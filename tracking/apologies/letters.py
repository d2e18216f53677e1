"""What an apology says: form 04 and its relatives in Vietnamese, with a courtesy text in English. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from dispatch.parties import Party
from tracking.apologies.decision import Failing, Owed
from tracking.deadlines.terms import vietnam_time

_BLANK = "…………"
_BETWEEN = "\n\n----------\n\n"

Paragraphs = tuple[tuple[str, ...], ...]
"""The paragraphs of a text, each as its lines."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and what the letter says by then."""

    officer: str
    title: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that a letter names. Without a signature it is a draft.

    Attributes:
        received_at: when the papers were taken in, so that the time limit began.
        new_due: the date that it promises or proposes.
    """

    number: str
    agency: str
    applicant: str
    code: str
    procedure: str
    received_at: datetime | None
    owed: Owed
    reason: str
    new_due: date | None = None
    signature: Signature | None = None

    def text(self) -> str:
        """Return the letter, and below it what it means in English."""
        return f"{self._in('vi')}{_BETWEEN}{self._in('en')}\n"

    def _in(self, language: str) -> str:
        texts, failing = _texts(), self.owed.failing
        body = "late_dated" if failing is Failing.LATE and self.new_due is not None else failing
        foot = "foot" if self.signature else "foot_of_draft"
        parts = (texts[part][language].strip() for part in ("head", body, foot))
        return "\n\n".join(parts).format_map(self._values())

    def _values(self) -> dict[str, str]:
        owed, signature = self.owed, self.signature
        of_post = owed.debtor is Party.POST
        day = vietnam_time(signature.signed_at).date() if signature else None
        titles = _texts()[owed.failing]
        return {
            "number": self.number,
            "sender_vi": "BƯU ĐIỆN" if of_post else self.agency,
            "sender_en": "The post" if of_post else self.agency,
            "addressee_vi": f"{self.applicant}; {self.agency}" if of_post else self.applicant,
            "addressee_en": f"{self.applicant}; {self.agency}" if of_post else self.applicant,
            "title_vi": titles["title_vi"],
            "title_en": titles["title_en"],
            "code": self.code,
            "procedure": self.procedure,
            "received": spoken(self.received_at),
            "promised": spoken(owed.due or owed.promised_on),
            "new_due": spoken(self.new_due),
            "order": owed.order_number or "",
            "reason": self.reason.rstrip("."),
            "legal_source": owed.legal_source,
            "sign_by": spoken(owed.sign_by),
            "officer": signature.officer if signature else "",
            "signatory_title": signature.title if signature else "",
            "day": f"{day:%d}" if day else "……",
            "month": f"{day:%m}" if day else "……",
            "year": f"{day:%Y}" if day else "……",
        }


def paragraphs(text: str) -> tuple[Paragraphs, Paragraphs]:
    """Return the paragraphs of a letter as :meth:`Letter.text` wrote it: in Vietnamese, and in English."""
    vi, _, en = text.strip().partition(_BETWEEN)
    return _blocks(vi), _blocks(en)


def _blocks(text: str) -> Paragraphs:
    return tuple(tuple(block.split("\n")) for block in text.split("\n\n") if block.strip())


def drafted_reason(failing: Failing) -> str:
    """Return the reason that stands in a draft."""
    return _texts()[failing]["reason"]


def what_happened(failing: Failing) -> tuple[str, str]:
    """Return in a few words what is apologised for, in Vietnamese and English."""
    return _texts()[failing]["what_vi"], _texts()[failing]["what_en"]


def spoken(moment: date | None) -> str:
    """Write times and days as letters in Vietnam do; what is not known stays blank."""
    if moment is None:
        return _BLANK
    if isinstance(moment, datetime):
        return f"{vietnam_time(moment):%H:%M %d/%m/%Y}"
    return f"{moment:%d/%m/%Y}"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("letters.toml").read_text(encoding="utf-8"))
