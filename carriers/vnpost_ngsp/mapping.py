"""NGSP's tracking documents as events. Pure: no account, no network, no clock; never raises on any JSON value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from carriers.contract import FeedItem, Normalised, TrackingEvent, Undecodable
from carriers.status_table import StatusMeaning, unknown
from config.clock import VIETNAM

CARRIER = "vnpost_ngsp"

_PAGE_KEYS = frozenset({"_embedded", "_returned", "_size", "_total_pages"})
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this would be the year 5138, as milliseconds it is 1973
# The interface is younger than the first and we shall not see the second: outside, the unit or the time is wrong.
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_REFERENCE = 64
_LONGEST_TEXT = 500

EventTimeUnit = Literal["auto", "s", "ms"]


class _NotAnEventError(ValueError):
    """A document lacks what an event needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, the unit of times, the account to fall back to."""

    meanings: Mapping[str, StatusMeaning]
    event_time_unit: EventTimeUnit = "auto"
    account_ref: str = ""


def normalise(raw: Any, reading: Reading) -> list[Normalised]:
    """Translate a whole feed page, a list of documents or one document.

    A document that is no event becomes :class:`Undecodable` in its place; its neighbours are not touched by it.
    """
    documents = documents_of(raw)
    if documents is None:
        return [_event(raw, reading)]
    return [_event(document, reading) for document in documents]


def documents_of(raw: Any) -> list[Any] | None:
    """Return the documents of a page, or None when ``raw`` is not a page."""
    if isinstance(raw, list):
        return raw
    if not isinstance(raw, dict) or not _PAGE_KEYS & raw.keys():
        return None
    embedded = raw.get("_embedded")
    if isinstance(embedded, dict):
        embedded = embedded.get("rh:doc")
    if embedded is None:
        return []
    return embedded if isinstance(embedded, list) else None


def feed_items(documents: list[Any]) -> tuple[FeedItem, ...]:
    """Return documents with their ids, in the operator's order."""
    return tuple(FeedItem(object_id(document) or _digest(document), document) for document in documents)


def object_id(document: Any) -> str | None:
    """Return a document's ``_id.$oid``, which is also the cursor after it."""
    identity = document.get("_id") if isinstance(document, dict) else None
    value = identity.get("$oid") if isinstance(identity, dict) else None
    return value if isinstance(value, str) and value and len(value) <= _LONGEST_REFERENCE else None


def _event(document: Any, reading: Reading) -> Normalised:
    try:
        if not isinstance(document, dict):
            raise _NotAnEventError("the document is not an object")
        return _decoded(document, reading)
    except _NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), document)


def _decoded(document: dict[str, Any], reading: Reading) -> TrackingEvent:
    order_number = _required(document, "OrderNumber")
    code = _required(document, "StatusCode")
    happened = _event_time(document.get("EventTime"), reading.event_time_unit)
    location = _reference(document, "POSID")
    meaning = reading.meanings.get(code) or unknown(code)
    texts = (_text(document.get(name)) for name in ("StatusMessage", "Notes"))
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=_reference(document, "CustomerCode") or reading.account_ref,
        order_number=order_number,
        waybill=_reference(document, "ItemCode"),
        code=code,
        state=meaning.state,
        reason=meaning.reason,
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=happened,
        location=location,
        text=" - ".join(text for text in texts if text),
        key=_digest([CARRIER, order_number, code, happened.isoformat(), location]),
    )


def _required(document: dict[str, Any], name: str) -> str:
    value = _reference(document, name)
    if value is None:
        raise _NotAnEventError(f"{name} is missing or is not a short text or number")
    return value


def _reference(document: dict[str, Any], name: str) -> str | None:
    """Return an identifier as text: adapters send the same one as number or as text (``271010``, ``"271010"``)."""
    value = document.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**18:
        return None
    text = _text(value)
    return text if text and len(text) <= _LONGEST_REFERENCE else None


def _text(value: Any) -> str:
    """Return text that any database takes: no lone surrogates, no NUL, not longer than a clerk reads."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    clean = str(value)[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    return clean.replace("\x00", "").strip()


def _event_time(value: Any, unit: EventTimeUnit) -> datetime:
    happened = _from_text(value.strip(), unit) if isinstance(value, str) else _from_number(value, unit)
    if not _EARLIEST <= happened < _LATEST:
        raise _NotAnEventError(f"EventTime lies in the year {happened.year}")
    return happened.astimezone(UTC)


def _from_text(text: str, unit: EventTimeUnit) -> datetime:
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return _from_number(int(text), unit)
    try:
        if "-" not in text:
            return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=VIETNAM)
        written = datetime.fromisoformat(text)
        # A time without a zone is an office's wall clock.
        return written.replace(tzinfo=VIETNAM) if written.tzinfo is None else written.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _NotAnEventError("EventTime is not a time") from error


def _from_number(value: Any, unit: EventTimeUnit) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _NotAnEventError("EventTime is missing or is not a time")
    milliseconds = unit == "ms" or (unit == "auto" and abs(value) >= _MILLISECONDS_FROM)
    try:
        return datetime.fromtimestamp(value / 1000 if milliseconds else value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _NotAnEventError("EventTime is not a time") from error


def _digest(fact: Any) -> str:
    # ASCII with escapes, so that text no encoding can carry still has a digest.
    return hashlib.sha256(json.dumps(fact, sort_keys=True).encode("ascii")).hexdigest()[:32]
