"""What a scanner types: the number of an order, a waybill, a dossier's code, or the text of a QR code around one.

A scanner is a keyboard that nobody watches: it may type half a code, two at once, or what the barcode of a milk carton
says. What is none of ours is said so, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from dispatch.problems import Problem
from dispatch.shipment_search import numbers_of

LONGEST = 500
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{3,79}")
_MOST_CODES = 12


def codes_in(text: str) -> Iterator[str]:
    """Yield what in a scanned text may be a code of ours, each once: the whole of it before its parts."""
    whole = text.strip()
    parts = [whole, *_CODE.findall(whole[:LONGEST])]
    seen = dict.fromkeys(form for part in parts for form in (part, part.upper()) if _CODE.fullmatch(form))
    yield from list(seen)[:_MOST_CODES]


def scanned(session: Session, text: str, visible: ColumnElement[bool] | None = None) -> list[str]:
    """Return the numbers of the orders that a scanned text means; several for a dossier with several orders.

    Raises:
        Problem: nothing in it is an order, waybill or dossier that may be seen.
    """
    for code in codes_in(text):
        if found := numbers_of(session, code, true() if visible is None else visible):
            return found
    raise unreadable(text)


def unreadable(text: str) -> Problem:
    """Nothing in what was scanned is known here."""
    shown = " ".join(text[:60].split()) or "-"
    return Problem(
        "scan-unknown",
        "This code is not known here",
        f"'{shown}' is no order number, waybill or dossier of this desk.",
        "Scan it again, or type the order number from the slip; what was scanned before is kept.",
        next_step_vi=f"Không tìm thấy '{shown}'. Quét lại, hoặc nhập số đơn in trên phiếu gửi; "
        "các mã đã quét vẫn được giữ.",
        status=404,
    )
