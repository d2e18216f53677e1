"""Events in the books as EMS words them: the body of a webhook in v1 and v2, and an entry of an item's history."""

from __future__ import annotations

import json
from typing import Any, Literal

from carriers.simulation import Event, Order
from config.clock import VIETNAM

Interface = Literal["v1", "v2"]

_NAMES = {"1": "Mới tạo", "2": "Đã duyệt", "4": "Đang vận chuyển", "11000": "Giao bưu tá"}
_FORMS = {"v1": "%d/%m/%Y %H:%M:%S", "v2": "%Y-%m-%d %H:%M:%S"}


def postage(weight_grams: int) -> int:
    """Return made-up postage in đồng: a base for the first 100 g and a step for each further 100 g."""
    return 28_000 + 4_000 * max(0, -(-weight_grams // 100) - 1)


def history_entry(event: Event) -> dict[str, Any]:
    """Return an event as the history of its item shows it."""
    return {
        "status": _code(event),
        "address": event.place,
        "description": event.message or _NAMES.get(event.code, ""),
        "tracedate": _time(event, "v2"),
    }


def webhook_body(event: Event, order: Order | None, interface: Interface) -> bytes:
    """Return the very bytes of a webhook."""
    sent = order.body if order else {}
    weight, collect = sent.get("total_weight", 0), sent.get("money_collect", 0)
    body = _v1(event, weight, collect) if interface == "v1" else _v2(event, weight)
    return json.dumps(body, ensure_ascii=False).encode()


def _v1(event: Event, weight: int, collect: int) -> dict[str, Any]:
    return {
        "tracking_code": event.item_code,
        "order_code": event.number,
        "status_code": _code(event),
        "status_name": _NAMES.get(event.code, ""),
        "note": event.message,
        "locate": event.place,
        "datetime": _time(event, "v1"),
        "total_weight": weight,
        "money_collect": collect,
        "total_fee": postage(weight),
    }


def _v2(event: Event, weight: int) -> dict[str, Any]:
    return {
        "TrackingCode": event.item_code,
        "OrderCode": event.number,
        "StatusCode": _code(event),
        "StatusName": _NAMES.get(event.code, ""),
        "Location": event.place,
        "Note": event.message,
        "Weight": weight,
        "CreatedAt": _time(event, "v2"),
        "Fee": [{"FeeCode": "shipping_fee", "FeeValue": postage(weight), "Currency": "VND"}],
    }


def _code(event: Event) -> int | str:
    return int(event.code) if event.code.isdecimal() else event.code


def _time(event: Event, interface: Interface) -> str:
    return event.happened.astimezone(VIETNAM).strftime(_FORMS[interface])
