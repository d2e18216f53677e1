"""J&T's scans as events, whether they were told or asked for. Pure; never raises on any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carriers.contract import FeedItem, Normalised, TrackingEvent, Undecodable
from carriers.reading import NotAnEventError, digest, event_time, reference, required, text
from carriers.status_table import StatusMeaning, unknown

CARRIER = "jt"

_PLACES = ("scanNetworkName", "scanNetworkCity", "scanNetworkProvince")
_WORDS = ("scanTypeName", "desc")
_LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, and the account they belong to, which they do not name."""

    meanings: Mapping[str, StatusMeaning]
    account_ref: str = ""


def normalise(raw: Any, reading: Reading) -> list[Normalised]:
    """Translate what J&T says of an item, ``{billCode, txlogisticId, details}``, or a list of that.

    A scan that is no event becomes :class:`Undecodable` in its place; its neighbours are not touched by it.
    """
    return [_event(document, reading) for document in _one_by_one(raw)]


def documents(raw: Any) -> tuple[FeedItem, ...]:
    """Take what J&T says apart, scan by scan: each says whose it is, and comes again under the same id."""
    return tuple(FeedItem(_document_id(document), document) for document in _one_by_one(raw))


def _one_by_one(raw: Any) -> list[Any]:
    said = raw if isinstance(raw, list) else [raw]
    return [document for item in said for document in _scans(item)]


def _scans(item: Any) -> list[Any]:
    details = item.get("details") if isinstance(item, dict) else None
    if not isinstance(details, list) or len(details) < 2:
        return [item]  # without any it is no event, but J&T said something, so it is kept
    return [{**item, "details": [scan]} for scan in details]


def _document_id(document: Any) -> str:
    """Return a digest of item, code and time; one that lacks any has that of the whole, so that it hides no other."""
    scan = _scan(document)
    fact = [_item(document), reference(scan.get("scanTypeCode")), reference(scan.get("scanTime"))] if scan else []
    return digest(fact if fact and all(fact) else document)


def _event(document: Any, reading: Reading) -> Normalised:
    try:
        return _decoded(document, reading)
    except NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), document)


def _decoded(document: Any, reading: Reading) -> TrackingEvent:
    scan = _scan(document)
    if scan is None:
        raise NotAnEventError("details holds no scan")
    waybill = reference(document.get("billCode"))
    # A parcel that was entered by hand at J&T has no number of ours; its waybill stands in for it.
    order_number = reference(document.get("txlogisticId")) or required(document, "billCode")
    code = required(scan, "scanTypeCode")
    happened = event_time(scan.get("scanTime"), "scanTime")
    meaning = reading.meanings.get(code) or unknown(code)
    places = _texts(scan, _PLACES)
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=reading.account_ref,
        order_number=order_number,
        waybill=waybill,
        code=code,
        state=meaning.state,
        reason=meaning.reason,
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=happened,
        location=places[0][:_LONGEST_PLACE].strip() if places else None,
        text=text(" - ".join(_texts(scan, _WORDS))),
        # By the waybill where there is one: the reference may be missing, and the fact stays the same.
        key=digest([CARRIER, waybill or order_number, code, happened.isoformat()]),
    )


def _scan(document: Any) -> dict[str, Any] | None:
    details = document.get("details") if isinstance(document, dict) else None
    scan = details[0] if isinstance(details, list) and details else None
    return scan if isinstance(scan, dict) else None


def _item(document: dict[str, Any]) -> str | None:
    return reference(document.get("billCode")) or reference(document.get("txlogisticId"))


def _texts(scan: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [words for words in (text(scan.get(name)) for name in names) if words]
