"""Events in the books as documents of NGSP's feed."""

from __future__ import annotations

from typing import Any

from carriers.simulation import Event

_OID_PREFIX = "66f0a141"


def document(event: Event) -> dict[str, Any]:
    """Return an event as the feed shows it."""
    return {
        "_id": {"$oid": f"{_OID_PREFIX}{event.id:016x}"},
        "CustomerCode": event.customer,
        "OrderNumber": event.number,
        "ItemCode": event.item_code,
        # Both forms occur in the field, so both occur here.
        "POSID": int(event.place) if event.id % 2 and event.place.isdigit() else event.place,
        "EventTime": int(event.happened.timestamp() * 1000),
        "StatusCode": int(event.code),
        "StatusMessage": event.message,
        "Notes": "",
    }


def event_id(oid: str) -> int:
    """Return which event a feed id stands for; 0, before all others, for the first cursor.

    Raises:
        ValueError: no id of this feed.
    """
    if oid == "0" * 24:
        return 0
    if len(oid) == 24 and oid.startswith(_OID_PREFIX):
        return int(oid.removeprefix(_OID_PREFIX), 16)
    raise ValueError(f"{oid!r} is not an id of this feed")
