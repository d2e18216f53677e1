"""The simulated Viettel Post: what it does with orders, changes and questions, however they come in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from carriers.simulation import Books, Event, Fault, FaultPlan, Order, OutgoingWebhook, SimulatedOperator
from carriers.status_table import load_status_tables
from carriers.viettelpost.simulator import journey
from carriers.viettelpost.simulator.accounts import Client, TokenDesk

_REQUIRED = (
    *("SENDER_FULLNAME", "SENDER_ADDRESS", "SENDER_PHONE"),
    *("RECEIVER_FULLNAME", "RECEIVER_ADDRESS", "RECEIVER_PHONE"),
)
_MOST_BYTES = 150
_PER_STEP = {"VCN": 6_000, "PHS": 3_500}
_CREATED, _COLLECTED, _CANCELLED = "100", "105", "107"
_RETURN_APPROVED = "515"
_DEAD = frozenset({"101", _CANCELLED})
_ENDED = frozenset({"501", "504"})
_FIRST_CODE = 13_294_410_000
_TABLES = load_status_tables(files("carriers.viettelpost") / "statuses.toml")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: ``data`` of a yes, or ``refusal``, the words of a no."""

    data: Any = None
    refusal: str | None = None
    message: str = "OK"


class ViettelPostOperator(SimulatedOperator):
    """Viettel Post. Drive the postman with :meth:`report`, read the books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders.
        client: the one customer.
        database: SQLite file that survives a restart; None keeps everything in memory.
        honours_check_unique: ``CHECK_UNIQUE`` keeps a second order of the same number from being made. Whether it does
            in reality is not known.
        http_refusals: a token that is refused, is refused with HTTP 401 instead of with an error inside HTTP 200.
        token_seconds: lifetime of a token, in real seconds.
        faults: what goes wrong.
    """

    unlisted_code: ClassVar[str] = "999"

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        client: Client,
        database: Path | None = None,
        honours_check_unique: bool = False,
        http_refusals: bool = False,
        token_seconds: float = 3600.0,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(now=now, books=Books(database), tables=_TABLES, faults=faults)
        self.client = client
        self.http_refusals = http_refusals
        self.tokens = TokenDesk(client, token_seconds)
        self._honours_check_unique = honours_check_unique
        self._codes_of_orders = (str(number) for number in count(_FIRST_CODE))
        self._print_codes: dict[str, str] = {}

    @property
    def default_customer(self) -> str:
        return self.client.customer_code

    def delivery(self, event: Event, url: str) -> OutgoingWebhook | None:
        return journey.delivery(event, url, self.client.webhook_token)

    def forgery(self, event: Event, url: str) -> OutgoingWebhook | None:
        return journey.delivery(event, url, None)

    def order_of(self, code: str) -> Order | None:
        """Return the order that goes under Viettel Post's ``code``."""
        return self.books.order_by_item(self.default_customer, code)

    def create(self, body: dict[str, Any]) -> Said:
        """Take an order with addresses as text."""
        number = str(body.get("ORDER_NUMBER") or "")
        if (refusal := self._refusal(number, body)) is not None:
            return self._noted("order", number, Said(refusal=refusal))
        code = next(code for code in self._codes_of_orders if not self.books.item_code_taken(code))
        self.books.create(self.default_customer, number, code, body)
        self.push_event(number, _CREATED, self.now())
        price = self.prices(body)[body["ORDER_SERVICE"]]
        data = {"ORDER_NUMBER": code, "MONEY_COLLECTION": body.get("MONEY_COLLECTION"), "MONEY_TOTAL": price}
        return self._noted(
            "order", number, Said({**data, "MONEY_TOTAL_FEE": round(price / 1.08), "EXCHANGE_WEIGHT": 0})
        )

    def update(self, body: dict[str, Any]) -> Said:
        """Change an order; of all types the cancellation (4) and the return (2) are simulated."""
        order = self.order_of(str(body.get("ORDER_NUMBER")))
        if order is None:
            return Said(refusal="Order does not exist")
        if body.get("TYPE") == 2:
            return self._bring_back(order)
        if body.get("TYPE") != 4:
            return self._noted("cancel", order.number, Said(refusal="Incorrect data: TYPE"))
        if not order.live or self._is_collected(order.number):
            return self._noted("cancel", order.number, Said(refusal="Trạng thái đơn hàng không được phép hủy"))
        self.books.cancel_order(order)
        self.push_event(order.number, _CANCELLED, self.now())
        return self._noted("cancel", order.number, Said(message="Hủy đơn hàng thành công"))

    def _bring_back(self, order: Order) -> Said:
        codes = [event.code for event in self.books.events_of(order.customer, order.number)]
        if _RETURN_APPROVED not in codes:
            if not order.live or not self._is_collected(order.number) or _ENDED.intersection(codes):
                refusal = "Trạng thái đơn hàng không được phép chuyển hoàn"
                return self._noted("recall", order.number, Said(refusal=refusal))
            self.push_event(order.number, _RETURN_APPROVED, self.now())
        return self._noted("recall", order.number, Said(message="Duyệt hoàn thành công"))

    def print_code(self, codes: Any) -> Said:
        """Return a print code for labels, which comes as the message."""
        if not isinstance(codes, list) or not codes or not all(self.order_of(str(code)) for code in codes):
            return Said(refusal="Order does not exist")
        code = secrets.token_urlsafe(24)
        self._print_codes[code] = ", ".join(map(str, codes))
        return Said(message=code)

    def printed(self, code: str) -> str | None:
        """Return what stands on a label, or None for a code that was not issued."""
        return self._print_codes.get(code)

    def tell_again(self, code: str) -> Said:
        """Send the whole journey of an order once more."""
        order = self.order_of(code)
        if order is None:
            return Said(refusal="Order does not exist")
        self.books.tell_again(order.customer, order.number)
        if self.webhooks is not None:
            self.webhooks.wake()
        return self._noted("resend", order.number, Said())

    def prices(self, body: dict[str, Any]) -> dict[str, int]:
        """Return made-up postage in đồng per service: a base, and a step for each 100 g."""
        same = str(body.get("SENDER_ADDRESS")).casefold() == str(body.get("RECEIVER_ADDRESS")).casefold()
        weight = body.get("PRODUCT_WEIGHT")
        steps = -(-weight // 100) if isinstance(weight, int) else 1
        return {service: (15_000 if same else 22_000) + step * max(steps, 1) for service, step in _PER_STEP.items()}

    def _is_collected(self, number: str) -> bool:
        events = self.books.events_of(self.default_customer, number)
        last = events[-1].code if events else _CREATED
        return last in (_COLLECTED, *_DEAD) or (last.isdigit() and int(last) >= 200)

    def _refusal(self, number: str, body: dict[str, Any]) -> str | None:
        long = {name for name, value in body.items() if isinstance(value, str) and len(value.encode()) > _MOST_BYTES}
        if wrong := [name for name in _REQUIRED if not body.get(name)] or sorted(long):
            return ", ".join(f"Invalid [{name}]" for name in wrong)
        if body.get("ORDER_SERVICE") not in _PER_STEP:
            return "Incorrect data: ORDER_SERVICE"
        collects = bool(body.get("MONEY_COLLECTION"))
        if body.get("ORDER_PAYMENT") not in ((2, 3) if collects else (1, 4)):
            return "Incorrect data: ORDER_PAYMENT"
        return self._duplicate(number, body)

    def _duplicate(self, number: str, body: dict[str, Any]) -> str | None:
        checks = self._honours_check_unique and body.get("CHECK_UNIQUE") is True
        held = checks and self.books.order(self.default_customer, number) is not None
        if held and not self.faults.strike(Fault.ACCEPT_DUPLICATES, "order", number):
            return "Mã đơn hàng đã tồn tại"
        return None

    def _noted(self, operation: str, number: str, said: Said) -> Said:
        self.books.note_call(self.now(), operation, number, said.refusal or said.message)
        return said
