"""Events and orders in the books as MyVNPost words them: records, histories, webhooks with their proof."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from carriers.myvnpost.simulator.keys import key_pair
from carriers.simulation import Event, Order
from config.clock import local

Scheme = Literal["sign", "encrypt"]
_ID_FROM = 10_000_000


def original_id(order: Order) -> str:
    """Return the id by which cancellations and corrections name an order."""
    return str(_ID_FROM + order.id)


def order_id(text: str) -> int:
    """Return which order an original id stands for; 0, which is none, for anything else."""
    return int(text) - _ID_FROM if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def record(order: Order, events: Sequence[Event], receiver: dict[str, Any]) -> dict[str, Any]:
    """Return an order as answers show it; ``receiver`` is what a correction has changed."""
    last = events[-1]
    sent = order.body["informationOrder"]
    shown = {name: value for name, value in sent.items() if name not in ("addonService", "additionRequest", "weight")}
    return {
        "orderHdrID": f"MVN{order.id:012d}",
        "originalID": original_id(order),
        "itemCode": order.item_code,
        "originalItemCode": order.item_code,
        "status": int(last.code),
        **shown,
        "senderCode": order.customer,
        "senderContractNumber": order.body.get("contractCode"),
        "weight": int(sent["weight"]),
        "codAmount": cod(sent),
        "addonService": [_addon(service) for service in sent.get("addonService") or []],
        "totalFee": 28_000,
        "updatedDate": written(last.happened),
        **receiver,
    }


def cod(sent: dict[str, Any]) -> int | None:
    """Return the sum to collect that an order's add-on services name, or None."""
    values = [str(service.get("propValue")).partition(":") for service in sent.get("addonService") or []]
    return next((int(value) for name, _, value in values if name == "PROP0018" and value.isdigit()), None)


def entry(event: Event) -> dict[str, Any]:
    """Return an event as histories show it; both spellings of the hour occur in the field, so both occur here."""
    happened = local(event.happened)
    return {
        "createdDate": f"{happened:%d/%m/%Y}",
        "createHour" if event.id % 2 else "createdHour": f"{happened:%H:%M:%S}",
        "statusCode": int(event.code),
        "statusName": event.message or f"Trạng thái {event.code}",
        "locateName": event.place,
    }


def webhook(events: Sequence[Event], sent_at: datetime, scheme: Scheme) -> bytes:
    """Return a delivery of events that all have an item; the proof covers the first."""
    first = _order(events[0])
    text = f"MYVNP{written(sent_at)}{first['itemCode']}{first['status']}".encode()
    return _written_out(events, sent_at, _proof(text, scheme))


def forged(events: Sequence[Event], sent_at: datetime) -> bytes:
    """Return the same delivery from somebody who has no key."""
    return _written_out(events, sent_at, bytes(256))


def written(moment: datetime) -> str:
    """Return an instant as MyVNPost writes it."""
    return f"{local(moment):%d/%m/%Y %H:%M:%S}"


def _order(event: Event) -> dict[str, Any]:
    return {
        "itemCode": event.item_code,
        "saleOrderCode": event.number,
        # Both forms occur in the field, so both occur here.
        "status": int(event.code) if event.id % 2 else event.code,
        "senderCode": event.customer,
        "totalFee": 28_000,
        "updatedDate": written(event.happened),
    }


def _proof(text: bytes, scheme: Scheme) -> bytes:
    if scheme == "sign":
        return key_pair().sign(text, PKCS1v15(), SHA256())
    return key_pair().public_key().encrypt(text, PKCS1v15())


def _written_out(events: Sequence[Event], sent_at: datetime, proof: bytes) -> bytes:
    body = {
        "data": [_order(event) for event in events],
        "sendDate": written(sent_at),
        "signature": base64.b64encode(proof).decode("ascii"),
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _addon(service: dict[str, Any]) -> dict[str, Any]:
    name, _, value = str(service.get("propValue")).partition(":")
    return {"code": service.get("code"), "fee": 0, "propList": [{"propCode": name, "propValue": value}]}
