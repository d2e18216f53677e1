"""What stands in one cell of a statement: amounts and days as people in Vietnam write them. Pure.

A cell is a text, or a number where the file itself says that it is one: "25.000" as text is twenty-five thousand, and
as a number twenty-five.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

Cell = str | Decimal

LARGEST = 1_000_000_000_000
"""Đồng; more than any statement has."""

_UNIT = re.compile(r"(đồng|đ|₫|vnđ|vnd)\.?$", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]{1,13}")
_GROUPED = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+)(?:,0{1,2})?|([0-9]{1,3}(?:,[0-9]{3})+)(?:\.0{1,2})?")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+")
_DAY = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})(?:[ T].*)?")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T].*)?")
_FIRST_SERIAL, _LAST_SERIAL = 32_874, 109_575  # 1990 and 2200, counted as spreadsheets do


class UnreadableCell(ValueError):  # noqa: N818 - what it is, not that something broke
    """A cell that cannot be what its column needs; the message says why."""


def text_of(cell: Cell) -> str:
    """Return what a person reads in the cell; whole numbers without a point."""
    if isinstance(cell, Decimal):
        return f"{cell:f}" if cell != cell.to_integral_value() else str(int(cell))
    return " ".join(cell.split())


def amount_of(cell: Cell) -> int | None:
    """Return whole đồng, or None for an empty cell or a dash.

    Raises:
        UnreadableCell: it is no amount, has parts of a đồng, or is below nothing.
    """
    if isinstance(cell, Decimal):
        return _whole(cell)
    written = _UNIT.sub("", cell.strip()).strip()
    if written in ("", "-", "–", "—"):
        return None
    if _WHOLE.fullmatch(written):
        return _within(int(written))
    if _SPACED.fullmatch(written):
        return _within(int(re.sub(r"\D", "", written)))
    if grouped := _GROUPED.fullmatch(written):
        return _within(int(re.sub(r"\D", "", grouped[1] or grouped[2])))
    raise UnreadableCell(f"'{cell.strip()[:40]}' is no amount in whole đồng; write 25.000 or 25000")


def day_of(cell: Cell, epoch: date = date(1899, 12, 30)) -> date | None:
    """Return the day, or None for an empty cell; a number is a day counted as spreadsheets do.

    Raises:
        UnreadableCell: it is no day.
    """
    if isinstance(cell, Decimal):
        if not cell.is_finite() or not _FIRST_SERIAL <= cell <= _LAST_SERIAL:
            raise UnreadableCell(f"'{cell}' is no day")
        return epoch + timedelta(days=int(cell))
    written = cell.strip()
    if not written:
        return None
    if found := _DAY.fullmatch(written):
        day, month, year = map(int, found.groups())
    elif found := _ISO_DAY.fullmatch(written):
        year, month, day = map(int, found.groups())
    else:
        raise UnreadableCell(f"'{written[:40]}' is no day; write 02/03/2026")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadableCell(f"'{written[:40]}' is no day of the calendar") from error


def _whole(number: Decimal) -> int:
    if not number.is_finite() or number != number.to_integral_value():
        raise UnreadableCell(f"'{number}' has parts of a đồng")
    return _within(int(number))


def _within(amount: int) -> int:
    if not 0 <= amount <= LARGEST:
        raise UnreadableCell(f"{amount} is no amount of a statement: below nothing, or beyond {LARGEST}")
    return amount
