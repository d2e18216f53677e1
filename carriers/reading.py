"""What every operator's mapping reads the same way: references, texts, times and digests of facts.

Pure, and for any JSON value: what cannot be read is None, empty, or :class:`NotAnEventError`, never another exception.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from config.clock import VIETNAM

LONGEST_REFERENCE = 64
LONGEST_TEXT = 500
DEEPEST = 64
"""How many lists and objects may stand inside one another in what an operator sends; no sample has more than five."""

_MILLISECONDS_FROM = 100_000_000_000  # as seconds this would be the year 5138, as milliseconds it is 1973
# The interfaces are younger than the first and we shall not see the second: outside, the unit or the time is wrong.
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_WALL_CLOCKS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")

_SORTED = json.JSONEncoder(sort_keys=True)  # made once: `json.dumps` makes one for each call with options

TimeUnit = Literal["auto", "s", "ms"]


class NotAnEventError(ValueError):
    """A document lacks what an event needs; the message says what."""


def reference(value: Any) -> str | None:
    """Return an identifier as text, or None: operators send the same one as number or as text (``4``, ``"4"``)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**18:
        return None
    clean = text(value)
    return clean if clean and len(clean) <= LONGEST_REFERENCE else None


def required(document: Mapping[str, Any], name: str) -> str:
    """Return a document's identifier called ``name``.

    Raises:
        NotAnEventError: there is none, or it is no identifier.
    """
    value = reference(document.get(name))
    if value is None:
        raise NotAnEventError(f"{name} is missing or is not a short text or number")
    return value


def text(value: Any) -> str:
    """Return text that any database takes: no lone surrogates, no NUL, not longer than a clerk reads."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    clean = str(value)[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    return clean.replace("\x00", "").strip()


def event_time(value: Any, name: str, unit: TimeUnit = "auto") -> datetime:
    """Return when something happened, in UTC, from the value of the field ``name``.

    Takes seconds or milliseconds since 1970 (as number or digits), ISO 8601, and ``dd/MM/yyyy HH:mm[:ss]``. A time
    without a zone is an office's wall clock in Vietnam.

    Raises:
        NotAnEventError: no time, or none that this interface can have seen.
    """
    try:
        happened = _from_text(value.strip(), unit) if isinstance(value, str) else _from_number(value, unit)
    except (ValueError, OverflowError, OSError) as error:
        raise NotAnEventError(f"{name} is missing or is not a time") from error
    if not _EARLIEST <= happened < _LATEST:
        raise NotAnEventError(f"{name} lies in the year {happened.year}")
    return happened


def nests_deeper(value: Any, most: int = DEEPEST) -> bool:
    """Whether more than ``most`` lists and objects stand inside one another; survives any depth."""
    layer = [value]
    # Layer by layer: recursion is what a value too deep would break.
    for _ in range(most):
        layer = [child for one in layer if isinstance(one, dict | list) for child in _children(one)]
    return any(isinstance(one, dict | list) for one in layer)


def digest(fact: Any) -> str:
    """Return a short digest of a JSON value: the same fact has the same one."""
    # ASCII with escapes, so that text no encoding can carry still has a digest.
    return hashlib.sha256(_SORTED.encode(fact).encode("ascii")).hexdigest()[:32]


def _children(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def _from_text(written: str, unit: TimeUnit) -> datetime:
    if written.isascii() and written.isdigit() and len(written) <= 18:
        return _from_number(int(written), unit)
    moment = _wall_clock(written) if "/" in written else datetime.fromisoformat(written)
    return (moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment).astimezone(UTC)


def _wall_clock(written: str) -> datetime:
    for form in _WALL_CLOCKS:
        try:
            return datetime.strptime(written, form)  # noqa: DTZ007 - the zone is the reader's business
        except ValueError:
            continue
    raise ValueError("not a date of this country")


def _from_number(value: Any, unit: TimeUnit) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("neither a text nor a number")
    milliseconds = unit == "ms" or (unit == "auto" and abs(value) >= _MILLISECONDS_FROM)
    return datetime.fromtimestamp(value / 1000 if milliseconds else value, UTC)
