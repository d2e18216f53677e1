"""What we send to EMS: orders and questions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from carriers.contract import BookingRequest
from carriers.ems.settings import AreaCode, EmsSettings
from carriers.exchange import Call
from carriers.outcomes import Rejected

# Whose values the call log may show. The merchant token travels in the query and is not here, nor is ``data``: a
# refusal may hold free text in it, and what it holds in an answer of success is kept elsewhere.
LOGGABLE = frozenset(
    {
        *("order_code", "service", "total_amount", "total_quantity", "total_weight", "money_collect"),
        *("from_province", "from_district", "to_province", "to_district", "code"),
    }
)


@dataclass(frozen=True, slots=True)
class Wire:
    """Builds the calls of one account."""

    settings: EmsSettings
    merchant_token: str

    def order(self, request: BookingRequest) -> Call:
        """Return the call that books ``request``.

        Raises:
            Rejected: it cannot be sent as it is (EMS's code of a province is not known).
        """
        return self._call("POST", "/orders/create-v2", self._order_body(request))

    def tracking(self, tracking_code: str) -> Call:
        return self._call("GET", f"/orders/tracking/{quote(tracking_code, safe='')}")

    def services(self) -> Call:
        return self._call("GET", "/config/service")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Call:
        return Call(method, self.settings.url(path), params={"merchant_token": self.merchant_token}, json=body)

    def _order_body(self, request: BookingRequest) -> dict[str, Any]:
        sender, receiver = request.sender, request.receiver
        return {
            **self.settings.order_fields,
            "order_code": request.order_number,
            # Senders are citizens, not warehouses that a merchant has registered, so there is a name and no id.
            "inventory_name": sender.name,
            "from_name": sender.name,
            "from_phone": sender.phone,
            "from_province": self._province(sender.province_code),
            **self._district("from_district", sender.district_code),
            "from_address": sender.address,
            "to_name": receiver.name,
            "to_phone": receiver.phone,
            "to_province": self._province(receiver.province_code),
            **self._district("to_district", receiver.district_code),
            "to_address": receiver.address,
            "product_name": "; ".join(request.contents),
            "total_amount": 0,  # the declared value: papers have none
            "total_quantity": 1,
            "total_weight": request.weight_grams,
            "money_collect": request.cod_vnd,
            "description": _note(request),
            "service": self.settings.service,
        }

    def _province(self, gso: str) -> AreaCode:
        provinces = self.settings.provinces
        code = gso if provinces == "gso" else provinces.get(gso)
        if code is None:
            raise Rejected(
                f"EMS's code of province '{gso}' is not known; correct the address, "
                "or add the province to the account's options.provinces.",
                code="province_unknown",
            )
        return code

    def _district(self, name: str, gso: str | None) -> dict[str, AreaCode]:
        code = self.settings.districts.get(gso) if gso is not None else None
        return {} if code is None else {name: code}


def _note(request: BookingRequest) -> str:
    """EMS has no field for the day of collection, so the postman reads it in the description."""
    day = f"Thu gom ngày {request.pickup_on:%d/%m/%Y}" if request.pickup_on else ""
    return ". ".join(part for part in (request.note, day) if part)
