"""Events in the books as J&T words them: a scan in an answer, and the same form as a webhook with its digest."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from carriers.jt.simulator.customers import Customer
from carriers.simulation import Event, OutgoingWebhook
from config.clock import local

_NAMES = {
    "103": "Đã đặt đơn",
    "104": "Lấy hàng thất bại",
    "105": "Đã hủy đơn",
    "106": "Đã lấy hàng",
    "109": "Rời bưu cục",
    "110": "Đến bưu cục",
    "112": "Đang giao hàng",
    "113": "Đã ký nhận",
    "116": "Đang chuyển hoàn",
    "117": "Đã ký nhận hàng hoàn",
    "118": "Kiện vấn đề",
    "120": "Kiện vấn đề khi hoàn",
    "121": "Kết thúc",
}


def scan(event: Event) -> dict[str, Any]:
    """Return an event as an entry of ``details``; codes occur as numbers and as texts in the field, so both do here."""
    return {
        "scanTime": f"{local(event.happened):%Y-%m-%d %H:%M:%S}",
        "desc": event.message,
        "scanTypeCode": int(event.code) if event.code.isdecimal() and event.id % 2 else event.code,
        "scanTypeName": _NAMES.get(event.code, ""),
        "scanNetworkName": event.place,
        "scanNetworkCity": None,
        "staffName": "Bưu tá mô phỏng",
        "pictureUrl": None,
    }


def content(event: Event) -> dict[str, Any]:
    """Return what a delivery says of an event."""
    return {"billCode": event.item_code, "txlogisticId": event.number, "details": [scan(event)]}


def delivery(said: Any, url: str, customer: Customer, sent_at: datetime) -> OutgoingWebhook:
    """Return the delivery of ``said``, signed with the key of ``customer``."""
    written = json.dumps(said, ensure_ascii=False)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "apiAccount": customer.api_account,
        "timestamp": str(int(sent_at.timestamp() * 1000)),
        "digest": customer.digest(written),
    }
    return OutgoingWebhook(url, urlencode({"bizContent": written}).encode("ascii"), headers)
