"""The body of ``orderCorrection``: it says the whole order again, in names of its own. Pure.

Only the receiver is new. Everything else is repeated from VNPost's own record of the order, and what is not in there is
left out rather than emptied, above all the sum to collect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carriers.myvnpost.settings import MyVnPostSettings

_RECEIVER = {
    "Phone": "receiverPhone",
    "Fullname": "receiverName",
    "Address": "receiverAddress",
    "Province": "receiverProvinceCode",
    "District": "receiverDistrictCode",
    "Commune": "receiverCommuneCode",
    "Postcode": "receiverCommuneCode",
}
_SENDER = {
    "OrgCode": "senderCode",
    "ContractNumber": "senderContractNumber",
    "Phone": "senderPhone",
    "Fullname": "senderName",
    "Address": "senderAddress",
    "Province": "senderProvinceCode",
    "District": "senderDistrictCode",
    "Commune": "senderCommuneCode",
    "Postcode": "senderCommuneCode",
}
_PACKAGE = {"Weight": "weight", "Length": "length", "Width": "width", "Height": "height"}


def body(
    original_id: str, record: Mapping[str, Any], receiver: Mapping[str, Any], settings: MyVnPostSettings
) -> dict[str, Any]:
    """Return the body that moves an order to ``receiver`` (in the names of ``CreateOrder``)."""
    item_code = record.get("itemCode")
    order = {
        "OriginalId": original_id,
        "SourceCode": "MYVNP",
        "ServiceCode": record.get("serviceCode") or settings.service_code,
        "ItemCode": item_code,
        "AffairType": "02",
        "OrderCode": item_code,
        "FlagConfig": "1",
        "Contents": record.get("contentNote"),
        "Vehicle": record.get("vehicle") or settings.parcel.vehicle,
        "UndeliverGuide": record.get("deliveryInstruction"),
        "POPickupCode": record.get("orgCodeCollect"),
        "CODAmount": record.get("codAmount"),
        "Sender": _named(record, _SENDER),
        "Receiver": {"OrgCode": "", **_named(receiver, _RECEIVER)},
        "Addons": _addons(record.get("addonService")),
        "Package": {name: str(value) for name, value in _named(record, _PACKAGE).items()} | {"IsVolume": False},
        "useBCP": 1,
    }
    return {name: value for name, value in order.items() if value is not None}


def _named(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: record[theirs] for ours, theirs in names.items() if record.get(theirs) is not None}


def _addons(services: Any) -> list[dict[str, Any]] | None:
    if not isinstance(services, list):
        return None
    known = [service for service in services if isinstance(service, dict)]
    return [{"ServiceCode": service.get("code"), "Props": _props(service.get("propList"))} for service in known]


def _props(props: Any) -> list[dict[str, Any]]:
    known = [prop for prop in props if isinstance(prop, dict)] if isinstance(props, list) else []
    return [{"PropCode": prop.get("propCode"), "PropValue": prop.get("propValue")} for prop in known]
