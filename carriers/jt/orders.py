"""What we send to J&T: one form field, ``bizContent``, with its digest beside it. Pure.

Paths, ``txlogisticId``, ``billCode``, ``serviceType`` and ``goodsType`` are public for Vietnam. The other names are
those of J&T's platforms in other countries and not confirmed here; what an account needs besides goes into
``options.order_fields``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from carriers.contract import BookingRequest, OrderRef, Party, QuoteRequest
from carriers.exchange import Call
from carriers.jt.settings import JtSettings
from carriers.jt.signing import DIGEST, digest_of
from carriers.outcomes import Rejected

# Whose values the call log may show. A form is not shown at all, so these are of answers; ``msg`` and ``data`` may
# hold anything and stay hidden.
LOGGABLE = frozenset({"code", "billCode", "txlogisticId", "sortLine", "details", "scanTime", "scanTypeCode"})

MOST_AT_ONCE = 30

_DOCUMENT = "bm000001"
_LONGEST_REMARK = 200  # bytes; J&T's limit is not published


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose calls these are."""

    customer_code: str
    password: str
    private_key: str


@dataclass(frozen=True, slots=True)
class Wire:
    """Builds the calls of one account."""

    settings: JtSettings
    identity: Identity

    def order(self, request: BookingRequest) -> Call:
        """Return the call that books ``request``.

        Raises:
            Rejected: it cannot be sent as it is (a province, or how money is collected, is not known).
        """
        body = {
            **self.settings.order_fields,
            "txlogisticId": request.order_number,
            "serviceType": self.settings.service_type,
            "goodsType": _DOCUMENT,
            "sender": self._party(request.sender),
            "receiver": self._party(request.receiver),
            "weight": _kilograms(request.weight_grams),
            "totalQuantity": 1,
            "remark": _shortened(_remark(request)),
            **self._cod(request.cod_vnd),
        }
        return self._call("/api/order/addOrder", body)

    def cancel(self, order: OrderRef) -> Call:
        """Return the call that cancels an order, by all the names under which J&T may know it."""
        names = {"txlogisticId": order.order_number, **({"billCode": order.waybill} if order.waybill else {})}
        return self._call("/api/order/cancelOrder", {**names, "reason": "Hủy theo yêu cầu của bên gửi"})

    def price(self, request: QuoteRequest) -> Call:
        """Return the question for the postage between two places.

        Raises:
            Rejected: J&T's name of a province is not known.
        """
        body = {
            "weight": _kilograms(request.weight_grams),
            "goodsType": _DOCUMENT,
            "sender": self._area(request.sender_province, request.sender_district),
            "receiver": self._area(request.receiver_province, request.receiver_district),
        }
        return self._call("/api/spmComCost/getComCost", body)

    def label(self, order: OrderRef) -> Call:
        """Return the question for an order's label.

        Raises:
            Rejected: there is no waybill yet.
        """
        if order.waybill is None:
            raise Rejected(
                f"J&T has not told its waybill of order '{order.order_number}' yet, so there is no label; "
                "try again after its first report.",
                code="waybill_missing",
            )
        return self._call("/api/order/printOrder", {"txlogisticId": order.order_number, "billCode": order.waybill})

    def trace(self, waybills: Sequence[str]) -> Call:
        """Return the question for the scans of up to :data:`MOST_AT_ONCE` items."""
        return self._call("/api/logistics/trace", {"billCodes": ",".join(waybills)})

    def _call(self, path: str, body: dict[str, Any]) -> Call:
        login = {"customerCode": self.identity.customer_code, "password": self.identity.password}
        # ASCII with escapes: whatever charset the form is read in, the digest is that of the bytes which are sent.
        content = json.dumps({**body, **login}, separators=(",", ":"))
        digest = digest_of(content.encode("ascii"), self.identity.private_key)
        return Call("POST", self.settings.url(path), headers={DIGEST: digest}, form={"bizContent": content})

    def _party(self, party: Party) -> dict[str, str]:
        return {
            "name": party.name,
            "mobile": party.phone,
            "phone": party.phone,
            **self._area(party.province_code, party.district_code),
            "address": party.address,
        }

    def _area(self, province: str, district: str | None) -> dict[str, str]:
        city = self.settings.districts.get(district) if district is not None else None
        return {"prov": self._province(province), **({"city": city} if city is not None else {})}

    def _province(self, gso: str) -> str:
        provinces = self.settings.provinces
        name = gso if provinces == "gso" else provinces.get(gso)
        if name is None:
            raise Rejected(
                f"J&T's name of province '{gso}' is not known; correct the address, "
                "or add the province to the account's options.provinces.",
                code="province_unknown",
            )
        return name

    def _cod(self, vnd: int) -> dict[str, int]:
        if not vnd:
            return {}
        if self.settings.cod_field is None:
            raise Rejected(
                "It is not known how J&T is told to collect money; ask J&T and set the account's options.cod_field, "
                "or send this order with another operator.",
                code="cod_unknown",
            )
        return {self.settings.cod_field: vnd}


def _kilograms(grams: int) -> str:
    """Return a weight as J&T reads it, never rounded down."""
    return f"{-(-grams // 10) / 100:.2f}"


def _remark(request: BookingRequest) -> str:
    """J&T has no field for the day of collection. It comes first: what is too long loses its end."""
    day = f"Thu gom ngày {request.pickup_on:%d/%m/%Y}" if request.pickup_on else ""
    return ". ".join(part for part in (day, request.note, "; ".join(request.contents)) if part)


def _shortened(words: str) -> str:
    return words.encode("utf-8", "replace")[:_LONGEST_REMARK].decode(errors="ignore")
