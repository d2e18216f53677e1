"""What we send: orders, cancellations, questions, in the words of the account's adapter. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from carriers.contract import BookingRequest, QuoteRequest
from carriers.exchange import Call
from carriers.outcomes import Rejected
from carriers.vnpost_ngsp.area_codes import AreaCodes
from carriers.vnpost_ngsp.dialects import Naming, Operation
from carriers.vnpost_ngsp.settings import NgspSettings

FIRST_CURSOR = "0" * 24
PAGE_CAP = 1000

# Whose values the call log may show; everything else (names, phones, addresses, notes, free text) stays hidden.
LOGGABLE = frozenset(
    {
        *("CustomerCode", "OrderNumber", "ItemCode", "CODAmount", "FlagConfig", "Status"),
        *("SenderProvince", "SenderDistrict", "ReceiverProvince", "ReceiverDistrict"),
        *("maKhachHang", "soDonHang", "customerCode", "orderNumber"),
        *(
            "StatusCode",
            "EventTime",
            "POSID",
            "_id",
            "$oid",
            "_embedded",
            "rh:doc",
            "_size",
            "_total_pages",
            "_returned",
        ),
        *("pagesize", "lastId", "service", "serviceType", "serviceName", "grant_type", "token_type", "expires_in"),
        *("weight", "mainSrv", "isreturn", "sender", "receiver", "provCode", "distCode", "content", "price"),
    }
)


@dataclass(frozen=True, slots=True)
class Wire:
    """Builds the calls of one account."""

    settings: NgspSettings
    customer_code: str
    codes: AreaCodes

    def order(self, request: BookingRequest) -> Call:
        """Return the call that books ``request``.

        Raises:
            Rejected: it cannot be sent as it is (province unknown to the list, waybill missing).
        """
        return self._call(Operation.ORDER, "POST", json=self._order_body(request))

    def cancel(self, order_number: str) -> Call:
        names = self.settings.dialect.cancel_names
        if names is None:
            query = {"CustomerCode": self.customer_code, "OrderNumber": order_number}
            return self._call(Operation.CANCEL, "GET", params=query)
        body = dict(zip(names, (self.customer_code, order_number), strict=True))
        return self._call(Operation.CANCEL, "POST", json=body)

    def feed(self, cursor: str | None, limit: int) -> Call:
        page = {"pagesize": str(min(max(limit, 1), PAGE_CAP)), "lastId": cursor or FIRST_CURSOR}
        return self._call(Operation.TRACKING, "GET", params=page)

    def price(self, request: QuoteRequest) -> Call:
        body = {
            "weight": request.weight_grams,
            "mainSrv": "HCC",
            "isreturn": 1,
            "sender": self._area(request.sender_province, request.sender_district),
            "receiver": self._area(request.receiver_province, request.receiver_district),
        }
        return self._call(Operation.PRICE, "POST", json=body)

    def _order_body(self, request: BookingRequest) -> dict[str, Any]:
        sender, receiver = request.sender, request.receiver
        return {
            "CustomerCode": self.customer_code,
            "OrderNumber": request.order_number,
            **self._item_code(request),
            "CODAmount": request.cod_vnd,
            "SenderProvince": self.codes.province(sender.province_code),
            "SenderDistrict": self.codes.district(sender.district_code),
            "SenderAddress": sender.address,
            "SenderName": sender.name,
            "SenderTel": sender.phone,
            "SenderEmail": sender.email,
            "SenderDesc": "; ".join(request.contents),
            "Description": _note(request),
            "ReceiverName": receiver.name,
            "ReceiverAddress": receiver.address,
            "ReceiverTel": receiver.phone,
            "ReceiverProvince": self.codes.province(receiver.province_code),
            "ReceiverDistrict": self.codes.district(receiver.district_code),
            "ReceiverEmail": receiver.email,
            "FlagConfig": self.settings.flag_config,
        }

    def _item_code(self, request: BookingRequest) -> dict[str, str]:
        if not self.settings.with_item_code:
            return {}
        if request.waybill is None:
            raise Rejected(
                "This account books with waybills that VNPost gave beforehand, and none was left for this order; "
                "ask VNPost for a new range and load it.",
                code="waybill_missing",
            )
        return {"ItemCode": request.waybill}

    def _area(self, province: str, district: str | None) -> dict[str, int | None]:
        return {"provCode": self.codes.province(province), "distCode": self.codes.district(district)}

    def _call(
        self, operation: Operation, method: str, *, params: dict[str, str] | None = None, json: Any = None
    ) -> Call:
        url = self.settings.url(operation)
        if url is None:
            raise LookupError(f"the account has no address for {operation}")
        return self._named(Call(method, url, params or {}, {"Accept-Charset": "UTF-8"}, json), operation)

    def _named(self, call: Call, operation: Operation) -> Call:
        naming = self.settings.dialect.naming
        if naming is Naming.ADDRESS:
            return call
        service = self.settings.service(operation)
        if naming is Naming.HEADER:
            return replace(call, headers={**call.headers, naming.value: service})
        named = {naming.value: service} | ({"serviceType": "VNPost"} if naming is Naming.QUERY else {})
        return replace(call, params={**call.params, **named})


def _note(request: BookingRequest) -> str:
    """NGSP has no field for the day of collection, so the postman reads it in the note."""
    day = f"Thu gom ngày {request.pickup_on:%d/%m/%Y}" if request.pickup_on else ""
    if request.pickup_window is not None:
        day += f", {request.pickup_window.opens:%H:%M}-{request.pickup_window.closes:%H:%M}"
    return ". ".join(part for part in (request.note, day) if part)
