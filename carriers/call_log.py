"""One record per HTTP exchange with an operator, fit to be kept: no names, phones, addresses, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_MAX_LIST = 5
_MAX_CHARS = 2000
_MAX_DEPTH = 12
# A code, a number or a time. Any other text under an agreed name may be a sentence with a name and a phone in it.
_CODE = re.compile(r"(?!(\+84|0)\d{9}$)[!-~]{0,40}")  # a phone is a number, too, and is not shown
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}) \d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What was asked and answered. ``outcome`` is ``ok`` or the name of an outcome in snake case."""

    carrier: str
    account: str
    operation: str
    order_number: str | None
    started_at: datetime
    duration_ms: int
    status: int | None
    outcome: str
    request_excerpt: str
    response_excerpt: str


Recorder = Callable[[CallRecord], None]


def excerpt(value: Any, loggable: frozenset[str]) -> str:
    """Render ``value`` with its structure, and of its values only codes, numbers and times under keys in ``loggable``.

    An allow-list, because a field that an operator adds tomorrow may hold anything.
    """
    return _render(value, loggable, depth=0, shown=False)[:_MAX_CHARS]


def _render(value: Any, loggable: frozenset[str], *, depth: int, shown: bool) -> str:
    if isinstance(value, dict | list) and depth >= _MAX_DEPTH:
        return "hidden"
    if isinstance(value, dict):
        # A key outside the list is not shown either: hostile answers may carry data in their keys.
        known = [(k, v) for k, v in value.items() if k in loggable]
        parts = [f"{k}={_render(v, loggable, depth=depth + 1, shown=True)}" for k, v in known]
        hidden = len(value) - len(known)
        return "{" + ", ".join([*parts, f"+{hidden} hidden"] if hidden else parts) + "}"
    if isinstance(value, list):
        parts = [_render(item, loggable, depth=depth + 1, shown=shown) for item in value[:_MAX_LIST]]
        rest = [f"+{len(value) - _MAX_LIST} more"] if len(value) > _MAX_LIST else []
        return "[" + ", ".join(parts + rest) + "]"
    if value is None or isinstance(value, bool):
        return str(value)
    return _scalar(value) if shown else "hidden"


def _scalar(value: Any) -> str:
    written = str(value)
    return written if _CODE.fullmatch(written) or _MOMENT.fullmatch(written) else "hidden"
