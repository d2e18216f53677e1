"""The differences of statements in a clerk's words; they stand in ``words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from dispatch.money.statements.rows import StatementDifference


def worded(difference: StatementDifference) -> dict[str, str]:
    """Return what a difference is likely to come from and what to do, in both languages."""
    expected, stated = difference.expected_vnd or 0, difference.stated_vnd or 0
    filled = {
        "order": difference.order_number or "-",
        "line": difference.line or "-",
        "detail": difference.detail,
        "expected": spoken(expected),
        "stated": spoken(stated),
        "gap": spoken(abs(expected - stated)),
    }
    return {name: text.format_map(filled) for name, text in _words()[difference.kind].items()}


def spoken(amount_vnd: int) -> str:
    """Write an amount as people in Vietnam do."""
    return f"{amount_vnd:,} đ".replace(",", ".")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
