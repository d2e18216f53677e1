"""Viettel Post's journey documents as events. Pure; never raises on any JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carriers.contract import Normalised, TrackingEvent, Undecodable
from carriers.reading import NotAnEventError, digest, event_time, reference, required, text
from carriers.states import ShipmentState
from carriers.status_table import StatusMeaning, unknown

CARRIER = "viettelpost"

_FACT = ("ORDER_NUMBER", "ORDER_STATUS", "ORDER_STATUSDATE")
# Each is spelt in two ways, in one delivery or the other, and now and then in both.
_LOCATION = ("LOCATION_CURRENTLY", "LOCALION_CURRENTLY")
_LONGEST_LOCATION = 200
_ON_THE_WAY = frozenset({ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.DELIVERY_FAILED})

# REASON_CODE of a failed delivery, by the public document of August 2025; goods' colours and sizes are refusals too.
_REASONS = {
    **dict.fromkeys(("20", "21", "22", "23", "24", "25", "26", "30", "31"), "refused"),
    "27": "wrong_phone",
    "32": "wrong_address",
    **dict.fromkeys(("35", "46"), "receiver_asked_for_later"),
    **dict.fromkeys(("36", "47"), "receiver_unreachable"),
    "37": "postponed_by_postman",
    "38": "receiver_collects",
    "43": "sender_asked_for_return",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read documents: the status table in force, and whose they are, which they do not say themselves."""

    meanings: Mapping[str, StatusMeaning]
    account_ref: str = ""


def normalise(raw: Any, reading: Reading) -> list[Normalised]:
    """Translate a delivery, its ``DATA`` alone, or a list of either.

    What is no event becomes :class:`Undecodable` in its place; its neighbours are not touched by it.
    """
    documents = raw if isinstance(raw, list) else [raw]
    return [_event(document, reading) for document in documents]


def document_id(data: Mapping[str, Any]) -> str:
    """Return the id under which a document is kept once: of waybill, code and time, as Viettel Post has it.

    A document that lacks one of them has the digest of the whole, so that it hides no other.
    """
    fact = [reference(data.get(name)) for name in _FACT]
    return digest(fact if all(fact) else data)


def _event(document: Any, reading: Reading) -> Normalised:
    data = document["DATA"] if isinstance(document, dict) and "DATA" in document else document
    try:
        if not isinstance(data, dict):
            raise NotAnEventError("the document is not an object")
        return _decoded(data, reading)
    except NotAnEventError as problem:
        return Undecodable(CARRIER, str(problem), data)


def _decoded(data: dict[str, Any], reading: Reading) -> TrackingEvent:
    waybill = reference(data.get("ORDER_NUMBER"))
    # An order that was entered by hand at Viettel Post has no number of ours; its waybill stands in for it.
    order_number = reference(data.get("ORDER_REFERENCE")) or required(data, "ORDER_NUMBER")
    code = required(data, "ORDER_STATUS")
    happened = event_time(data.get("ORDER_STATUSDATE"), "ORDER_STATUSDATE")
    meaning = reading.meanings.get(code) or unknown(code)
    return TrackingEvent(
        carrier=CARRIER,
        account_ref=reading.account_ref,
        order_number=order_number,
        waybill=waybill,
        code=code,
        state=_state(data, meaning),
        reason=_REASONS.get(reference(data.get("REASON_CODE")) or "", meaning.reason),
        money_only=meaning.money_only,
        moves_custody=meaning.moves_custody,
        certainty=meaning.certainty,
        event_time=happened,
        location=_location(data),
        text=" - ".join(part for part in (text(data.get(name)) for name in ("STATUS_NAME", "NOTE")) if part),
        # By the waybill where there is one: the reference is missing now and then, and the fact stays the same.
        key=digest([CARRIER, waybill or order_number, code, happened.isoformat()]),
    )


def _state(data: dict[str, Any], meaning: StatusMeaning) -> ShipmentState | None:
    """The same codes are used for the way out and the way back; a flag tells them apart."""
    goes_back = data.get("IS_RETURNING") is True and meaning.state in _ON_THE_WAY
    return ShipmentState.RETURNING if goes_back else meaning.state


def _location(data: dict[str, Any]) -> str | None:
    found = (text(data.get(name))[:_LONGEST_LOCATION].strip() for name in _LOCATION)
    return next((place for place in found if place), None)
