"""What we send to Viettel Post. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

from carriers.contract import BookingRequest, OrderRef, QuoteRequest
from carriers.exchange import Call
from carriers.outcomes import Rejected
from carriers.viettelpost.settings import ViettelPostSettings

# Whose values the call log may show; everything else (names, phones, addresses, notes, credentials, and ``message``,
# which is where a print code comes back) stays hidden.
LOGGABLE = frozenset(
    {
        *("ORDER_NUMBER", "ORDER_PAYMENT", "ORDER_SERVICE", "ORDER_SERVICE_ADD", "ORDER_ARRAY", "EXPIRY_TIME"),
        *("PRODUCT_TYPE", "PRODUCT_WEIGHT", "PRODUCT_QUANTITY", "CHECK_UNIQUE", "DELIVERY_DATE", "TYPE", "oid"),
        *("MONEY_COLLECTION", "MONEY_TOTAL", "MONEY_TOTAL_FEE", "EXCHANGE_WEIGHT"),
        *("status", "error", "data", "RESULT", "MA_DV_CHINH", "GIA_CUOC"),
    }
)

_CANCEL = 4
_RETURN = 2
_DOCUMENT = "TH"
_NOTHING_TO_COLLECT, _COLLECT_FOR_GOODS = 1, 3
_DOMESTIC = 1
_LONGEST = 150  # bytes, of any text
_MORNING = time(8, 0)


@dataclass(frozen=True, slots=True)
class Wire:
    """Builds the calls of one account."""

    settings: ViettelPostSettings

    def login(self, username: str, password: str) -> Call:
        """Return the call for the short token."""
        return self._post("/v2/user/Login", {"USERNAME": username, "PASSWORD": password})

    def connect(self, username: str, password: str) -> Call:
        """Return the call for the long token; it wants the short one in its header."""
        return self._post("/v2/user/ownerconnect", {"USERNAME": username, "PASSWORD": password})

    def order(self, request: BookingRequest) -> Call:
        """Return the call that books ``request``, with addresses as people write them."""
        return self._post("/v2/order/createOrderNlp", self._order_body(request))

    def cancel(self, order: OrderRef) -> Call:
        """Return the call that cancels an order; Viettel Post takes it until the papers are collected.

        Raises:
            Rejected: there is no waybill, and Viettel Post knows the order by nothing else.
        """
        body = {"TYPE": _CANCEL, "ORDER_NUMBER": _waybill(order), "NOTE": "Hủy theo yêu cầu của bên gửi"}
        return self._post("/v2/order/UpdateOrder", body)

    def recall(self, order: OrderRef) -> Call:
        """Return the call that has an order brought back: Viettel Post calls it to approve the return.

        Raises:
            Rejected: there is no waybill.
        """
        body = {"TYPE": _RETURN, "ORDER_NUMBER": _waybill(order), "NOTE": "Chuyển hoàn theo yêu cầu của bên gửi"}
        return self._post("/v2/order/UpdateOrder", body)

    def journey_again(self, order: OrderRef) -> Call:
        """Return the call after which the journey of an order is told again.

        Raises:
            Rejected: there is no waybill.
        """
        query = {"oid": _waybill(order), "mes": "Gửi lại hành trình"}
        return Call("GET", self.settings.url("/v2/order/registerOrderHook"), params=query)

    def label(self, order: OrderRef, until: datetime) -> Call:
        """Return the call for a print code that is good until ``until``.

        Raises:
            Rejected: there is no waybill.
        """
        body = {"EXPIRY_TIME": int(until.timestamp() * 1000), "ORDER_ARRAY": [_waybill(order)]}
        return self._post("/v2/order/printing-code", body)

    def prices(self, request: QuoteRequest) -> Call:
        """Return the question for the prices of all services between two provinces.

        Raises:
            Rejected: a province is not known.
        """
        body = {
            "SENDER_ADDRESS": _province(request.sender_province),
            "RECEIVER_ADDRESS": _province(request.receiver_province),
            "PRODUCT_TYPE": _DOCUMENT,
            "PRODUCT_WEIGHT": request.weight_grams,
            "PRODUCT_PRICE": 0,
            "MONEY_COLLECTION": 0,
            "TYPE": _DOMESTIC,
        }
        return self._post("/v2/order/getPriceAllNlp", body)

    def inventories(self) -> Call:
        """Return the question for the account's own places of collection."""
        return Call("GET", self.settings.url("/v2/user/listInventory"))

    def _order_body(self, request: BookingRequest) -> dict[str, Any]:
        sender, receiver = request.sender, request.receiver
        return {
            "ORDER_NUMBER": request.order_number,
            "SENDER_FULLNAME": sender.name,
            "SENDER_ADDRESS": sender.address,
            "SENDER_PHONE": sender.phone,
            "RECEIVER_FULLNAME": receiver.name,
            "RECEIVER_ADDRESS": receiver.address,
            "RECEIVER_PHONE": receiver.phone,
            "PRODUCT_NAME": shortened("; ".join(request.contents) or "Hồ sơ"),
            "PRODUCT_DETAIL": [{"PRODUCT_NAME": shortened(paper), "PRODUCT_QUANTITY": 1} for paper in request.contents],
            "PRODUCT_QUANTITY": 1,
            "PRODUCT_PRICE": 0,
            "PRODUCT_WEIGHT": request.weight_grams,
            "PRODUCT_TYPE": _DOCUMENT,
            "ORDER_PAYMENT": _COLLECT_FOR_GOODS if request.cod_vnd else _NOTHING_TO_COLLECT,
            "MONEY_COLLECTION": request.cod_vnd,
            "ORDER_SERVICE": self.settings.order_service,
            "ORDER_SERVICE_ADD": self.settings.order_service_add,
            "ORDER_NOTE": shortened(_note(request)),
            "CHECK_UNIQUE": self.settings.check_unique,
            **self._delivery_date(request),
        }

    def _delivery_date(self, request: BookingRequest) -> dict[str, str]:
        form = self.settings.delivery_date_format
        if form is None or request.pickup_on is None:
            return {}
        opens = request.pickup_window.opens if request.pickup_window else _MORNING
        return {"DELIVERY_DATE": datetime.combine(request.pickup_on, opens).strftime(form)}

    def _post(self, path: str, body: dict[str, Any]) -> Call:
        return Call("POST", self.settings.url(path), json=body)


def shortened(words: str) -> str:
    """Return as much of a text as Viettel Post takes, which it counts in bytes."""
    return words.encode()[:_LONGEST].decode(errors="ignore")


def _note(request: BookingRequest) -> str:
    """The day of collection comes first: what is too long loses its end."""
    window = request.pickup_window
    hours = f"{window.opens:%H:%M}-{window.closes:%H:%M}" if window else ""
    day = f"ngày {request.pickup_on:%d/%m/%Y}" if request.pickup_on else ""
    when = " ".join(part for part in (day, hours) if part)
    return ". ".join(part for part in (f"Thu gom {when}" if when else "", request.note) if part)


def _waybill(order: OrderRef) -> str:
    if order.waybill is None:
        raise Rejected(
            f"Viettel Post has not told its own code of order '{order.order_number}' yet and knows it by nothing else; "
            "try again after its first report, or call Viettel Post.",
            code="waybill_missing",
        )
    return order.waybill


def _province(gso: str) -> str:
    if (name := _names().get(gso)) is not None:
        return name
    raise Rejected(
        f"There is no province with the code '{gso}'; correct the address, or show the published tariff.",
        code="province_unknown",
    )


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = tomllib.loads((files(__package__) / "provinces.toml").read_text("utf-8"))["names"]
    return names
