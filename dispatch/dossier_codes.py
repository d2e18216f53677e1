"""A dossier's code as people bring it: typed with spaces or in small letters, pasted, or read from a receipt's QR code.

Codes are opaque (every system has its own form), so whatever could be one is taken as it is. A longer text is searched
for the usual form: agency, date, number (Circular 01/2018/TT-VPCP Art. 19, Decision 20/2020/QĐ-TTg Art. 4).
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.dossiers import Dossier

_LONGEST_TEXT = 500
_LONGEST_CODE = 60
_OPAQUE = re.compile(rf"[A-Z0-9][A-Z0-9.\-]{{0,{_LONGEST_CODE - 1}}}")
_USUAL = re.compile(
    r"(?<![A-Z0-9.])(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.[A-Z0-9]{1,4})*-\d{6}-\d{4,12}(?![A-Z0-9])",
    re.ASCII,
)
_REVERSED = re.compile(r"\d{3}\.\d{2}\.\d{2}\.", re.ASCII)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe63"), "-")
_JOINTS = re.compile(r"\s*([.\-])\s*")
_SPACE = re.compile(r"\s+")
_NOBODYS = "-"
"""No dossier has this code; asking for it takes as long as asking for any other."""


def read_code(text: str) -> str | None:
    """Return the code that a text holds, in capitals; None where it can hold none."""
    written = _plain(text)
    if _OPAQUE.fullmatch(written):
        return written
    closed = _JOINTS.sub(r"\1", written)
    for candidate in (closed, _SPACE.sub("", written)):
        if found := _USUAL.search(candidate):
            return found[0]
    whole = _SPACE.sub("", written)
    return whole if _OPAQUE.fullmatch(whole) else None


def agency_in(code: str) -> str | None:
    """Return the agency that a code of the usual form names, as ``H14.10``; None where it names none.

    The form of 2018 begins with the smallest part and fills what is not there with noughts: ``000.00.10.H14``.
    """
    written = code.upper()
    if not _USUAL.fullmatch(written):
        return None
    agency = written.split("-")[0]
    if not _REVERSED.match(agency):
        return agency
    return ".".join(part for part in reversed(agency.split(".")) if part.strip("0"))


def find_dossier(session: Session, text: str) -> Dossier | None:
    """Return the dossier whose code a text holds, or None. Whatever the text is, the database is asked the same."""
    typed = text.strip()
    as_typed = typed if _OPAQUE.fullmatch(typed.upper()) and typed.isascii() else _NOBODYS
    codes = (as_typed, read_code(text) or _NOBODYS)  # a system may write its codes in small letters
    found = {dossier.code: dossier for dossier in session.scalars(select(Dossier).where(Dossier.code.in_(codes)))}
    return next((found[code] for code in codes if code in found), None)


def _plain(text: str) -> str:
    """Return a text in plain capital letters: no invisible marks, no wide forms, one kind of dash."""
    folded = normalize("NFKC", text[:_LONGEST_TEXT].translate(_DASHES)).translate(_DASHES)
    visible = "".join(char for char in folded if category(char) not in ("Cf", "Cc") or char.isspace())
    return _SPACE.sub(" ", visible.upper()).strip()
