"""A document before it has a number: whose it is, what it says, and by which digest it is the same again. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import category, normalize

from config.clock import local
from dispatch.documents.contents import Content
from dispatch.documents.kinds import DocumentKind, Validity

_UNSEEN = frozenset({"Cf", "Cc"})
"""Direction marks, zero-width characters and controls: on paper they only lie about what stands there."""
_NO_SHAPE = frozenset({"Cs", "Co", "Cn"})
_INSTEAD = "?"


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Attributes:
        subject: what it is about, in the words of :class:`DocumentKind`.
        agency: whose numbers it counts among.
        data: what it says, as JSON has it; every text can be printed.
    """

    kind: DocumentKind
    subject: str
    agency: str
    validity: Validity
    data: dict[str, Any]

    @classmethod
    def of(cls, kind: DocumentKind, subject: str, agency: str, validity: Validity, content: Content) -> Document:
        """Return the document that says ``content``."""
        return cls(kind, subject, agency, validity, _printable(asdict(content)))

    @property
    def text(self) -> str:
        """What it says, always written alike."""
        return json.dumps(self.data, ensure_ascii=False, sort_keys=True)

    @property
    def digest(self) -> str:
        """SHA-256 of what it says."""
        return digest_of(self.text)


@dataclass(frozen=True, slots=True)
class Issue:
    """A document with its number; ``copy_no`` is 0 for the first print and counts the reprints after it."""

    number: str
    copy_no: int
    document: Document


def digest_of(text: str) -> str:
    """Return the SHA-256 of a document's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def written(moment: date | None) -> str:
    """Write a day, or an instant as the clock in Vietnam shows it; what is not known is empty."""
    if isinstance(moment, datetime):
        return f"{local(moment):%H:%M %d/%m/%Y}"
    return f"{moment:%d/%m/%Y}" if moment else ""


def printable(text: str) -> str:
    """Return a text as it may stand on paper: composed, on one line, with nothing unseen in it.

    Unlike :func:`dispatch.written.tidy` it refuses nothing: what is stored must come out, whoever let it in.
    """
    spaced = "".join(" " if char in "\t\r\n" else char for char in text)
    seen = (char for char in spaced if category(char) not in _UNSEEN)
    shown = "".join(_INSTEAD if category(char) in _NO_SHAPE else char for char in seen)
    return " ".join(normalize("NFC", shown).split())


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _printable(one) for name, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, (list, tuple)) else value
