"""What a one-stop system makes of our callbacks: its own copy of a dossier, as a pure fold.

Messenger may come twice, late and in any order. The due date with the highest revision wins; a shipment's state is the
one told last (by the envelope's ``time``, then by the event's own ``at``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class CopyOfShipment:
    """A shipment as the one-stop knows it. ``told`` orders the statements; all times are ISO 8601 text."""

    order_number: str
    leg: str
    state: str
    at: str
    waybill: str | None
    told: tuple[str, str]


@dataclass(frozen=True)
class CopyOfHandover:
    """One signed line of a handover record."""

    handover: str
    order_number: str
    direction: str
    accepted: bool
    reason: str | None
    signed_at: str


@dataclass(frozen=True)
class DossierCopy:
    """Everything the one-stop was told of one dossier.

    Attributes:
        due: ISO 8601 due date, or None while no clock runs; ``revision`` 0 means never told.
        results: order number to ``delivered`` or ``returned``.
        attention: kinds of trouble somebody was asked to look at.
    """

    code: str
    due: str | None = None
    revision: int = 0
    state: str = "unknown"
    reason_vi: str = ""
    legal_source: str = ""
    shipments: tuple[CopyOfShipment, ...] = ()
    handovers: tuple[CopyOfHandover, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    attention: tuple[str, ...] = ()

    def shipment(self, order_number: str) -> CopyOfShipment | None:
        """Return the copy of one shipment, or None when it was never mentioned."""
        return next((s for s in self.shipments if s.order_number == order_number), None)

    def handover(self, order_number: str, direction: str) -> CopyOfHandover | None:
        """Return the signed line for an order in a direction (``to_agency`` or ``to_post``), or None."""
        return next((h for h in self.handovers if (h.order_number, h.direction) == (order_number, direction)), None)


def apply(copy: DossierCopy, event: dict[str, Any]) -> DossierCopy:
    """Return the copy after one CloudEvent; a type that is not known here changes nothing."""
    fold = _FOLDS.get(event["type"])
    return fold(copy, event["data"], str(event["time"])) if fold else copy


def _booked(copy: DossierCopy, data: dict[str, Any], told: str) -> DossierCopy:
    return _with_shipment(copy, {**data, "state": "booked", "at": ""}, told)


def _moved(copy: DossierCopy, data: dict[str, Any], told: str) -> DossierCopy:
    return _with_shipment(copy, data, told)


def _with_shipment(copy: DossierCopy, data: dict[str, Any], told: str) -> DossierCopy:
    said = CopyOfShipment(
        data["order_number"], data["leg"], data["state"], data["at"], data.get("waybill"), (told, data["at"])
    )
    known = {s.order_number: s for s in copy.shipments}
    before = known.get(said.order_number)
    if before is None or _rank(said) > _rank(before):
        known[said.order_number] = said
    return replace(copy, shipments=tuple(known[number] for number in sorted(known)))


def _rank(shipment: CopyOfShipment) -> tuple[tuple[str, str], str]:
    return shipment.told, shipment.state


def _handed_over(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    line = CopyOfHandover(
        str(data["handover"]),
        data["order_number"],
        data["direction"],
        data["accepted"],
        data.get("reason"),
        data["signed_at"],
    )
    lines = {(h.order_number, h.direction, h.handover): h for h in (*copy.handovers, line)}
    return replace(copy, handovers=tuple(lines[key] for key in sorted(lines)))


def _due_date(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    if data["revision"] <= copy.revision:
        return copy
    return replace(
        copy,
        due=data["due"],
        revision=data["revision"],
        state=data["state"],
        reason_vi=data["reason_vi"],
        legal_source=data["legal_source"],
    )


def _delivered(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    return _with_result(copy, data["order_number"], "delivered")


def _reversed(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    return replace(copy, results=tuple(one for one in copy.results if one != (data["order_number"], "delivered")))


def _returned(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    return _with_result(copy, data["order_number"], "returned")


def _with_result(copy: DossierCopy, number: str, what: str) -> DossierCopy:
    return replace(copy, results=tuple(sorted({*copy.results, (number, what)})))


def _attention(copy: DossierCopy, data: dict[str, Any], _told: str) -> DossierCopy:
    return replace(copy, attention=tuple(sorted({*copy.attention, data["kind"]})))


_FOLDS = {
    "postal.order_booked": _booked,
    "postal.shipment_moved": _moved,
    "postal.papers_handed_over": _handed_over,
    "dossier.due_date_changed": _due_date,
    "postal.result_delivered": _delivered,
    "postal.result_returned": _returned,
    "postal.delivery_reversed": _reversed,
    "postal.attention_needed": _attention,
}
