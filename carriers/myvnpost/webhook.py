"""MyVNPost's webhooks: ``{data: [order, …], sendDate, signature}``. Pure.

The signature covers ``sendDate`` and, of the first order alone, ``itemCode`` and ``status``. So of a proven delivery:

* every other order is a hint;
* the first is confirmed, found by its item and never by our number, as long as its own time (which is not covered) is
  plausible against ``sendDate``; a made-up or missing time makes it a hint, and the history tells the true one;
* it is a hint also where item and status run into each other in the signed text (an item that ends in a digit), and
  where the code would count twice if it came twice: MyVNPost sends the status again when anything else has changed;
* a confirmed document is kept once for what is covered, so the same proof around another time is the same document.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from carriers.myvnpost.proof import Keys, Proof
from carriers.reading import NotAnEventError, digest, event_time, reference
from carriers.webhooks import Verdict, WebhookDocument, WebhookReading, WebhookReply, WebhookRequest

_CLOCK_SKEW = timedelta(minutes=5)

_ANSWERS: dict[Verdict, tuple[int, bool, str]] = {
    Verdict.TAKEN: (200, True, "Đã tiếp nhận dữ liệu"),
    Verdict.MALFORMED: (400, False, "Dữ liệu không hợp lệ"),
    Verdict.FORGED: (401, False, "Chữ ký không hợp lệ"),
    # Nothing gets better by sending it again, and the history has it: so the sender may let go of it.
    Verdict.STALE: (200, True, "Dữ liệu quá cũ, đã bỏ qua"),
    Verdict.BUSY: (503, False, "Hệ thống đang bận, vui lòng gửi lại"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What deliveries of one account have to show.

    Attributes:
        replay_window: how old ``sendDate`` may be.
        longest_delay: how long before ``sendDate`` an order may have changed.
        counted_codes: codes of which each occurrence counts.
    """

    keys: Keys
    replay_window: timedelta
    longest_delay: timedelta
    counted_codes: Collection[str]


class _MalformedError(ValueError):
    """The body is no delivery; the message says why."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    orders: list[Any]
    send_date: str
    sent_at: datetime
    item_code: str
    status: str
    signature: Any

    @property
    def signed_text(self) -> bytes:
        return f"MYVNP{self.send_date}{self.item_code}{self.status}".encode("utf-8", "replace")


def read(request: WebhookRequest, rules: Rules) -> WebhookReading:
    """Verify a delivery and take it apart."""
    try:
        delivery = _parse(request.body)
    except _MalformedError as problem:
        return WebhookReading(Verdict.MALFORMED, reason=str(problem))
    proof = rules.keys.prove(delivery.signed_text, delivery.signature)
    if proof is Proof.NONE:
        return WebhookReading(Verdict.FORGED, reason="no key of this account fits the signature")
    age = request.received_at - delivery.sent_at
    if not -_CLOCK_SKEW <= age <= rules.replay_window:
        return WebhookReading(Verdict.STALE, reason=f"sendDate {delivery.send_date} is too far from now")
    first, *others = delivery.orders
    hints = [_hint(order, delivery.send_date) for order in others if _names_an_order(order)]
    return WebhookReading(Verdict.TAKEN, (_first(first, delivery, proof, rules), *hints))


def answer(request: WebhookRequest, verdict: Verdict) -> WebhookReply:
    """Return the answer to a delivery; ``updated`` counts the orders in it."""
    status, success, message = _ANSWERS[verdict]
    updated = _count_orders(request.body) if verdict is Verdict.TAKEN else 0
    body = {"success": success, "message": message, "updated": updated}
    return WebhookReply(status, json.dumps(body, ensure_ascii=False).encode())


def _first(order: dict[str, Any], delivery: _Delivery, proof: Proof, rules: Rules) -> WebhookDocument:
    sure = (
        proof is Proof.SIGNED
        and delivery.status not in rules.counted_codes
        and delivery.status.isdecimal()
        and delivery.item_code[-1].isalpha()
        and _happened_plausibly(order, delivery.sent_at, rules.longest_delay)
    )
    if not sure:
        return _hint(order, delivery.send_date)
    covered = [delivery.send_date, delivery.item_code, delivery.status]
    return WebhookDocument(digest(covered), _alone(order, delivery.send_date), confirmed=True)


def _happened_plausibly(order: dict[str, Any], sent_at: datetime, longest_delay: timedelta) -> bool:
    try:
        happened = event_time(order.get("updatedDate"), "updatedDate")
    except NotAnEventError:
        return False
    return sent_at - longest_delay <= happened <= sent_at + _CLOCK_SKEW


def _hint(order: dict[str, Any], send_date: str) -> WebhookDocument:
    return WebhookDocument(digest([order, send_date]), _alone(order, send_date), confirmed=False)


def _alone(order: dict[str, Any], send_date: str) -> dict[str, Any]:
    return {"data": [order], "sendDate": send_date}


def _names_an_order(order: Any) -> bool:
    return isinstance(order, dict) and any(reference(order.get(name)) for name in ("itemCode", "saleOrderCode"))


def _count_orders(content: bytes) -> int:
    try:
        return len(_parse(content).orders)
    except _MalformedError:
        return 0


def _parse(content: bytes) -> _Delivery:
    try:
        body = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _MalformedError("the body is not JSON") from error
    orders = body.get("data") if isinstance(body, dict) else None
    if not isinstance(orders, list) or not orders or not isinstance(orders[0], dict):
        raise _MalformedError("data is not a list of orders")
    try:
        sent_at = event_time(body.get("sendDate"), "sendDate")
    except NotAnEventError as error:
        raise _MalformedError(str(error)) from error
    item_code, status = (_verbatim(orders[0], name) for name in ("itemCode", "status"))
    return _Delivery(orders, str(body["sendDate"]), sent_at, item_code, status, body.get("signature"))


def _verbatim(order: dict[str, Any], name: str) -> str:
    """Return a field exactly as it is signed."""
    if reference(order.get(name)) is None:
        raise _MalformedError(f"{name} of the first order is missing or is not a short text or number")
    return str(order[name])


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
