"""EMS's webhooks (v1 and v2) and tracking answers as events. Pure; never raises on any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carriers.contract import FeedItem, Normalised, OrderRef, TrackingEvent, Undecodable
from carriers.reading import NotAnEventError, digest, event_time, reference, required, text
from carriers.status_table import StatusMeaning, unknown

CARRIER = "ems"

_HISTORY = "__get_status"
_LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, and the account they belong to, which they do not name."""

    meanings: Mapping[str, StatusMeaning]
    account_ref: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    """What one of the interfaces calls the parts of an event."""

    order: str
    waybill: str
    code: str
    time: str
    place: str
    texts: tuple[str, ...]


_V1 = _Words("order_code", "tracking_code", "status_code", "datetime", "locate", ("status_name", "note"))
_V2 = _Words("OrderCode", "TrackingCode", "StatusCode", "CreatedAt", "Location", ("StatusName", "Note"))
_TRACKED = _Words("order_code", "tracking_code", "status", "tracedate", "address", ("description",))
_ONLY_IN_V2 = frozenset({_V2.order, _V2.waybill, _V2.code, _V2.time})


def normalise(raw: Any, reading: Reading) -> list[Normalised]:
    """Translate a webhook's body, a document of :func:`feed_items`, or a list of them.

    A document that is no event becomes :class:`Undecodable` in its place; its neighbours are not touched by it.
    """
    documents = raw if isinstance(raw, list) else [raw]
    return [result for document in documents for result in _results(document, reading)]


def feed_items(order: OrderRef, history: list[Any]) -> tuple[FeedItem, ...]:
    """Return the entries of an item's history as documents, each with the order that the answer does not name."""
    names = {"tracking_code": order.waybill, "order_code": order.order_number}
    documents = [{**names, _HISTORY: [entry]} for entry in history]
    return tuple(FeedItem(digest(document), document) for document in documents)


def _results(document: Any, reading: Reading) -> list[Normalised]:
    if not isinstance(document, dict):
        return [Undecodable(CARRIER, "the document is not an object", document)]
    if _HISTORY not in document:
        words = _V2 if _ONLY_IN_V2 & document.keys() else _V1
        return [_event(document, words, reading, document)]
    history = document[_HISTORY]
    if not isinstance(history, list):
        return [Undecodable(CARRIER, f"{_HISTORY} is not a list", document)]
    return [_tracked(document, entry, reading) for entry in history]


def _tracked(document: dict[str, Any], entry: Any, reading: Reading) -> Normalised:
    alone = {**document, _HISTORY: [entry]}
    if not isinstance(entry, dict):
        return Undecodable(CARRIER, f"the entry in {_HISTORY} is not an object", alone)
    names = {name: document.get(name) for name in (_TRACKED.order, _TRACKED.waybill)}
    return _event({**entry, **names}, _TRACKED, reading, alone)


def _event(fields: dict[str, Any], words: _Words, reading: Reading, raw: Any) -> Normalised:
    try:
        return _decoded(fields, words, reading)
    except NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), raw)


def _decoded(fields: dict[str, Any], words: _Words, reading: Reading) -> TrackingEvent:
    order_number = required(fields, words.order)
    code = required(fields, words.code)
    happened = event_time(fields.get(words.time), words.time)
    meaning = reading.meanings.get(code) or unknown(code)
    texts = (text(fields.get(name)) for name in words.texts)
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=reading.account_ref,
        order_number=order_number,
        waybill=reference(fields.get(words.waybill)),
        code=code,
        state=meaning.state,
        reason=meaning.reason,
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=happened,
        location=text(fields.get(words.place))[:_LONGEST_PLACE] or None,
        text=text(" - ".join(part for part in texts if part)),
        # Webhook and tracking name the place differently and may differ below a second.
        key=digest([CARRIER, order_number, code, happened.replace(microsecond=0).isoformat()]),
    )
