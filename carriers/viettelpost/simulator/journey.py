"""Events in the books as Viettel Post's webhooks tell them, with the misspellings of the real ones."""

from __future__ import annotations

import json
from typing import Any

from carriers.simulation import Event, OutgoingWebhook
from config.clock import local

_NAMES = {
    "100": "Tiếp nhận đơn hàng từ đối tác",
    "104": "Giao cho Bưu tá đi nhận",
    "105": "Bưu Tá đã nhận hàng",
    "107": "Đối tác yêu cầu hủy qua API",
    "500": "Giao bưu tá đi phát",
    "501": "Phát thành công",
    "502": "Chuyển hoàn bưu cục gốc",
    "504": "Hoàn thành công - Chuyển trả người gửi",
    "506": "Phát thất bại",
}


def delivery(event: Event, url: str, secret: str | None) -> OutgoingWebhook:
    """Return the delivery of an event; without ``secret``, what somebody sends who does not know it."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": secret} if secret is not None else {})
    body = {"DATA": data(event), "TOKEN": secret if secret is not None else "guessed"}
    return OutgoingWebhook(url, json.dumps(body, ensure_ascii=False).encode(), headers)


def data(event: Event) -> dict[str, Any]:
    """Return an event as ``DATA``; both spellings of the doubtful fields occur in the field, so both occur here."""
    odd = bool(event.id % 2)
    return {
        "ORDER_NUMBER": event.item_code or "",
        "ORDER_REFERENCE": event.number,
        "ORDER_STATUS": _number(event.code),
        "STATUS_NAME": _NAMES.get(event.code, ""),
        "ORDER_STATUSDATE": f"{local(event.happened):%d/%m/%Y %H:%M:%S}",
        "LOCALION_CURRENTLY" if odd else "LOCATION_CURRENTLY": event.place,
        "NOTE": event.message,
        "MONEY_COLLECTION": 0,
        "MONEY_TOTALFEE" if odd else "MONEY_TOTAL_FEE": 28_000,
        "EXPECTED_DELIVERY": "Dịch vụ chưa quy định chỉ tiêu",
        "PRODUCT_WEIGHT": 200,
        "IS_RETURNING": False,
        "REASON_CODE": None,
    }


def _number(code: str) -> int | str:
    try:
        return int(code)
    except ValueError:
        return code
