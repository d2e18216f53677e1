"""What people ask of the system, through the very functions that answer its HTTP interface."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Response

from dispatch.change_forms import NewAddressForm
from dispatch.forms import (
    DossierEventForm,
    DossierForm,
    HandoverForm,
    OrderForm,
    SignatureForm,
)
from worker.runtime import Runtime
from worker.web import dossiers, handovers, orders
from worker.web.answers import DossierAnswer, DossierView, EventAnswer, OrderAnswer
from worker.web.handover_answers import HandoverAnswer

CLIENT = "one-stop"
OFFICER, POSTMAN = "Hoàng Thị Lan", "Nông Văn Thành"

Request = Callable[[Runtime], Any]


def register(code: str, body: dict[str, Any]) -> Callable[[Runtime], DossierAnswer]:
    """``PUT /v1/dossiers/{code}``."""
    form = DossierForm.model_validate(body)
    return lambda runtime: dossiers.register(code, form, runtime, CLIENT, Response())


def order(body: dict[str, Any], key: str) -> Callable[[Runtime], OrderAnswer]:
    """``POST /v1/orders``."""
    form = OrderForm.model_validate(body)
    return lambda runtime: orders.place(form, runtime, CLIENT, key, Response())


def cancel(order_id: str) -> Callable[[Runtime], OrderAnswer]:
    """``POST /v1/orders/{id}/cancel``."""
    return lambda runtime: orders.cancel(order_id, runtime, CLIENT)


def readdress(order_id: str, address: dict[str, str]) -> Callable[[Runtime], OrderAnswer]:
    """``POST /v1/orders/{id}/address``."""
    form = NewAddressForm.model_validate({"address": address})
    return lambda runtime: orders.readdress(order_id, form, runtime, CLIENT)


def event(code: str, kind: str, at: datetime, **more: Any) -> Callable[[Runtime], EventAnswer]:
    """``POST /v1/dossiers/{code}/events``; one event of a kind for each moment."""
    event_id = f"{kind}-{at:%y%m%d%H%M%S}"
    form = DossierEventForm.model_validate({"event_id": event_id, "type": kind, "at": at, "officer": OFFICER, **more})
    return lambda runtime: dossiers.event(code, form, runtime, CLIENT)


def view(code: str) -> Callable[[Runtime], DossierView]:
    """``GET /v1/dossiers/{code}``."""
    return lambda runtime: dossiers.view(code, runtime, CLIENT)


def draw(
    agency: str, carrier: str, direction: str, numbers: list[str], *, sealed: bool = False
) -> Callable[[Runtime], HandoverAnswer]:
    """``POST /v1/handovers``."""
    said = {"agency": agency, "carrier": carrier, "direction": direction, "orders": numbers, "sealed": sealed}
    form = HandoverForm.model_validate(said)
    return lambda runtime: handovers.draw(form, runtime, CLIENT)


def line(number: str, missing: list[str], discrepancy: str | None = None) -> dict[str, Any]:
    """One line of a handover record as it was counted; papers that are missing make it a rejected one."""
    said: dict[str, Any] = {"order": number, "accepted": not missing, "discrepancy": discrepancy}
    if missing:
        said |= {"reason": f"Thiếu giấy tờ: {', '.join(missing)}", "missing_papers": missing}
    return said


def sign(record: int, at: datetime, lines: list[dict[str, Any]]) -> Callable[[Runtime], HandoverAnswer]:
    """``POST /v1/handovers/{id}/sign``."""
    body = {"signed_at": at, "officer": OFFICER, "postman": POSTMAN, "lines": lines}
    form = SignatureForm.model_validate(body)
    return lambda runtime: handovers.sign(record, form, runtime, CLIENT)
