"""MyVNPost's webhooks and status histories as events. Pure; never raises on any JSON value.

Webhook and history of the same fact have the same key: item, code and the minute in which it happened. To the minute,
because the webhook tells when the order's record was written and the history when the status was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carriers.contract import FeedItem, Normalised, OrderRef, TrackingEvent, Undecodable
from carriers.reading import LONGEST_REFERENCE, NotAnEventError, digest, event_time, reference, required, text
from carriers.status_table import StatusMeaning, unknown

CARRIER = "myvnpost"

# One public client has met the second spelling.
_HISTORY_NAMES = ("statusHistory", "statusHistory ")


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, and the account they came in for."""

    meanings: Mapping[str, StatusMeaning]
    account_ref: str = ""


@dataclass(frozen=True, slots=True)
class _Fact:
    """What an event of either kind says."""

    order_number: str
    waybill: str | None
    account_ref: str
    code: str
    happened: datetime
    location: str | None = None
    text: str = ""


def normalise(raw: Any, reading: Reading) -> list[Normalised]:
    """Translate a webhook, a status history, a single order, or a list of them.

    What is no event becomes :class:`Undecodable` in its place; its neighbours are not touched by it.
    """
    parts = raw if isinstance(raw, list) else [raw]
    return [_event(document, reading) for part in parts for document in _documents(part)]


def history_items(entries: list[Any], order: OrderRef, item_code: str) -> tuple[FeedItem, ...]:
    """Return a history's entries as documents of their own, each with the item and with the order we asked about."""
    documents = (
        {"itemCode": item_code, "saleOrderCode": order.order_number, "statusHistory": [entry]} for entry in entries
    )
    return tuple(FeedItem(digest(document), document) for document in documents)


def history_of(answer: Any) -> tuple[str | None, list[Any]] | None:
    """Return the item and the entries of a ``GetStatusHistoryOrder`` answer, bare or wrapped; None: it holds none."""
    block = answer.get("data", answer) if isinstance(answer, dict) else answer
    if isinstance(block, list):
        block = next((one for one in block if isinstance(one, dict)), None)
    if not isinstance(block, dict):
        return None
    entries = next((block[name] for name in _HISTORY_NAMES if isinstance(block.get(name), list)), None)
    return None if entries is None else (reference(block.get("itemCode")), entries)


@dataclass(frozen=True, slots=True)
class _Order:
    raw: Any
    sent: Any


@dataclass(frozen=True, slots=True)
class _Entry:
    raw: Any
    item_code: str | None
    order_number: str | None


def _documents(part: Any) -> Iterator[_Order | _Entry]:
    """Yield single documents: orders with their ``sendDate``, entries of a history with their item."""
    history = history_of(part)
    if isinstance(part, dict) and "sendDate" in part:
        # A webhook holds orders and nothing else: a history inside one would be beyond what its signature covers.
        orders = part.get("data")
        yield from (_Order(order, part["sendDate"]) for order in (orders if isinstance(orders, list) else [part]))
    elif isinstance(part, dict) and history is not None:
        item_code, entries = history
        yield from (_Entry(entry, item_code, reference(part.get("saleOrderCode"))) for entry in entries)
    else:
        yield _Order(part, None)


def _event(document: _Order | _Entry, reading: Reading) -> Normalised:
    try:
        if not isinstance(document.raw, dict):
            raise NotAnEventError("the document is not an object")
        if isinstance(document, _Entry):
            return _told(_of_history(document, document.raw, reading), reading)
        return _told(_of_order(document.raw, document.sent, reading), reading)
    except NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), document.raw)


def _of_order(order: dict[str, Any], sent: Any, reading: Reading) -> _Fact:
    """Read an order of a webhook.

    Its item names it. Our own number and the customer code are read only where there is nothing better: they lie
    outside of the signature.
    """
    item_code = reference(order.get("itemCode"))
    name, when = ("sendDate", sent) if order.get("updatedDate") is None else ("updatedDate", order["updatedDate"])
    return _Fact(
        order_number=item_code or required(order, "saleOrderCode"),
        waybill=item_code,
        account_ref=reading.account_ref or reference(order.get("senderCode")) or "",
        code=required(order, "status"),
        happened=event_time(when, name),
    )


def _of_history(entry: _Entry, told: dict[str, Any], reading: Reading) -> _Fact:
    order_number = entry.order_number or entry.item_code
    if order_number is None:
        raise NotAnEventError("neither the item nor the order is named")
    return _Fact(
        order_number=order_number,
        waybill=entry.item_code,
        account_ref=reading.account_ref,
        code=required(told, "statusCode"),
        happened=_moment(told),
        location=text(told.get("locateName"))[:LONGEST_REFERENCE] or None,
        text=text(told.get("statusName")),
    )


def _moment(entry: dict[str, Any]) -> datetime:
    """Return when an entry happened: the day and the time of day stand apart."""
    day = text(entry.get("createdDate"))
    hour = next((found for name in ("createdHour", "createHour") if (found := text(entry.get(name)))), "")
    if hour:
        return event_time(f"{day.replace('T', ' ').partition(' ')[0]} {hour}", "createdDate")
    if len(day) <= len("dd/MM/yyyy"):
        raise NotAnEventError("createdHour is missing, and createdDate is no more than a day")
    return event_time(day, "createdDate")


def _told(fact: _Fact, reading: Reading) -> TrackingEvent:
    meaning = reading.meanings.get(fact.code) or unknown(fact.code)
    minute = fact.happened.replace(second=0, microsecond=0)
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=fact.account_ref,
        order_number=fact.order_number,
        waybill=fact.waybill,
        code=fact.code,
        state=meaning.state,
        reason=meaning.reason,
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=fact.happened,
        location=fact.location,
        text=fact.text,
        key=digest([CARRIER, fact.waybill or fact.order_number, fact.code, minute.isoformat()]),
    )
