"""NGSP's tracking documents as events. Pure: no account, no network, no clock; never raises on any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carriers.contract import FeedItem, Normalised, TrackingEvent, Undecodable
from carriers.reading import (
    LONGEST_REFERENCE,
    NotAnEventError,
    TimeUnit,
    digest,
    event_time,
    reference,
    required,
    text,
)
from carriers.status_table import StatusMeaning, unknown

CARRIER = "vnpost_ngsp"

_PAGE_KEYS = frozenset({"_embedded", "_returned", "_size", "_total_pages"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, the unit of times, the account to fall back to."""

    meanings: Mapping[str, StatusMeaning]
    event_time_unit: TimeUnit = "auto"
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
    return tuple(FeedItem(object_id(document) or digest(document), document) for document in documents)


def object_id(document: Any) -> str | None:
    """Return a document's ``_id.$oid``, which is also the cursor after it."""
    identity = document.get("_id") if isinstance(document, dict) else None
    value = identity.get("$oid") if isinstance(identity, dict) else None
    return value if isinstance(value, str) and value and len(value) <= LONGEST_REFERENCE else None


def _event(document: Any, reading: Reading) -> Normalised:
    try:
        if not isinstance(document, dict):
            raise NotAnEventError("the document is not an object")
        return _decoded(document, reading)
    except NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), document)


def _decoded(document: dict[str, Any], reading: Reading) -> TrackingEvent:
    order_number = required(document, "OrderNumber")
    code = required(document, "StatusCode")
    happened = event_time(document.get("EventTime"), "EventTime", reading.event_time_unit)
    location = reference(document.get("POSID"))
    meaning = reading.meanings.get(code) or unknown(code)
    texts = (text(document.get(name)) for name in ("StatusMessage", "Notes"))
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=reference(document.get("CustomerCode")) or reading.account_ref,
        order_number=order_number,
        waybill=reference(document.get("ItemCode")),
        code=code,
        state=meaning.state,
        reason=meaning.reason,
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=happened,
        location=location,
        text=" - ".join(part for part in texts if part),
        key=digest([CARRIER, order_number, code, happened.isoformat(), location]),
    )
