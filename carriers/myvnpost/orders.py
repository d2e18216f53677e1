"""What we send to MyVNPost: orders, changes, questions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from carriers.contract import BookingRequest, Party, QuoteRequest
from carriers.exchange import Call
from carriers.myvnpost import corrections
from carriers.myvnpost.areas import DISTRICT, Areas
from carriers.myvnpost.settings import MyVnPostSettings

LIST_PAGE = 500

_COD, _COD_AMOUNT = "GTG021", "PROP0018"

# Whose values the call log may show; everything else (names, phones, addresses, notes, the token) stays hidden.
LOGGABLE = frozenset(
    {
        *("orderCreationStatus", "customerCode", "contractCode", "contractNumber", "serviceCode", "scope"),
        *("saleOrderCode", "itemCode", "originalItemCode", "orderHdrID", "originalID", "OriginalId", "originalId"),
        *("codAmount", "CODAmount", "ItemCode", "OrderCode", "AffairType", "ServiceCode", "totalFee"),
        *("success", "status", "Type", "type", "CaseId", "caseId", "code"),
        *("lastUpdateFrom", "lastUpdateTo", "size", "page"),
    }
)


@dataclass(frozen=True, slots=True)
class Wire:
    """Builds the calls of one account."""

    settings: MyVnPostSettings
    customer_code: str
    areas: Areas

    def token(self, username: str, password: str) -> Call:
        """Return the call that fetches a token."""
        body = {"username": username, "password": password, "customerCode": self.customer_code}
        return self._post("GetAccessToken", body)

    def order(self, request: BookingRequest) -> Call:
        """Return the call that books ``request``."""
        body = {
            "orderCreationStatus": 1,
            "type": "GUI",
            "customerCode": self.customer_code,
            "contractCode": self.settings.contract_code,
            "informationOrder": self._information(request),
        }
        return self._post("CreateOrder", body)

    def cancel(self, original_id: str) -> Call:
        """Return the call that cancels the order with VNPost's own id."""
        return self._post("orderCancel", {"OriginalId": original_id})

    def correct(self, original_id: str, record: Mapping[str, Any], receiver: Party) -> Call:
        """Return the call that gives an order another receiver; ``record`` is VNPost's own of the order."""
        body = corrections.body(original_id, record, self._party("receiver", receiver), self.settings)
        return self._post("orderCorrection", body)

    def charge(self, request: QuoteRequest) -> Call:
        """Return the question what the account's service costs."""
        parcel = self.settings.parcel
        data: dict[str, Any] = {
            "senderProvinceCode": self.areas.province(request.sender_province),
            "senderDistrictCode": DISTRICT,
            "senderCommuneCode": None,
            "receiverProvinceCode": self.areas.province(request.receiver_province),
            "receiverDistrictCode": DISTRICT,
            "receiverCommuneCode": None,
            "receiverNational": "VN",
            "orgCodeAccept": parcel.org_code_accept,
            "weight": request.weight_grams,
            **self._size(),
            "serviceCode": self.settings.service_code,
            "addonService": [],
            "additionRequest": [],
            "vehicle": parcel.vehicle,
        }
        who = {"scope": 1, "customerCode": self.customer_code, "contractNumber": self.settings.contract_code}
        return self._post("ServicesCharge", {**who, "data": data})

    def label(self, item_code: str) -> Call:
        """Return the question for an item's label."""
        return self._post("exportListReport", [item_code])

    def lookup(self, kind: str, code: str) -> Call:
        """Return the question for one order; ``kind`` is one of the account's ``lookup_types``."""
        return self._get("getOrder", {"type": kind, "code": code})

    def history(self, item_code: str) -> Call:
        """Return the question what has happened to an item."""
        return self._get("GetStatusHistoryOrder", {"type": self.settings.lookup_types.item_code, "code": item_code})

    def listing(self, today: date, page: int, *, size: int = LIST_PAGE) -> Call:
        """Return the question for a page of the orders of the last days, counted from 0."""
        query = {
            "lastUpdateFrom": f"{today - timedelta(days=self.settings.find_days):%d-%m-%Y}",
            "lastUpdateTo": f"{today:%d-%m-%Y}",
            "type": "GUI",
            "size": str(size),
            "page": str(page),
            "isInternational": "false",
        }
        return self._get("GetListOrder", query)

    def _information(self, request: BookingRequest) -> dict[str, Any]:
        parcel = self.settings.parcel
        return {
            **self._party("sender", request.sender),
            **self._party("receiver", request.receiver),
            "serviceCode": self.settings.service_code,
            "addonService": _addons(request.cod_vnd),
            "additionRequest": [],
            "orgCodeCollect": parcel.org_code_collect,
            "orgCodeAccept": parcel.org_code_accept,
            "saleOrderCode": request.order_number,
            "contentNote": _content_note(request),
            "weight": str(request.weight_grams),
            **self._size(),
            "vehicle": parcel.vehicle,
            "sendType": parcel.send_type,
            "isBroken": parcel.is_broken,
            "deliveryTime": parcel.delivery_time,
            "deliveryRequire": parcel.delivery_require,
            "deliveryInstruction": request.note or None,
        }

    def _party(self, role: str, party: Party) -> dict[str, Any]:
        return {
            f"{role}Name": party.name,
            f"{role}Phone": party.phone,
            f"{role}Email": party.email,
            f"{role}Address": party.address,
            f"{role}ProvinceCode": self.areas.province(party.province_code),
            f"{role}DistrictCode": DISTRICT,
            f"{role}CommuneCode": self.areas.commune(party.province_code, party.address),
        }

    def _size(self) -> dict[str, int | None]:
        parcel = self.settings.parcel
        return {"width": parcel.width, "length": parcel.length, "height": parcel.height}

    def _post(self, path: str, body: Any) -> Call:
        return Call("POST", self._url(path), json=body)

    def _get(self, path: str, query: dict[str, str]) -> Call:
        return Call("GET", self._url(path), params=query)

    def _url(self, path: str) -> str:
        return f"{self.settings.base_url.rstrip('/')}/{path}"


def _addons(cod_vnd: int) -> list[dict[str, str]]:
    return [{"code": _COD, "propValue": f"{_COD_AMOUNT}:{cod_vnd}"}] if cod_vnd > 0 else []


def _content_note(request: BookingRequest) -> str:
    """What is inside and when it is to be collected: MyVNPost has no field for the day."""
    pickup = f"Thu gom ngày {request.pickup_on:%d/%m/%Y}" if request.pickup_on else ""
    if window := request.pickup_window:
        hours = f"{window.opens:%H:%M}-{window.closes:%H:%M}"
        pickup = f"{pickup}, {hours}" if pickup else f"Thu gom {hours}"
    return ". ".join(part for part in ("; ".join(request.contents), pickup) if part)
