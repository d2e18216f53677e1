"""The simulated MyVNPost: what it does with orders, changes, questions and events."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Literal

import httpx

from carriers.myvnpost.simulator import news
from carriers.myvnpost.simulator.changes import Changes, RefusedError
from carriers.myvnpost.simulator.tokens import TokenDesk
from carriers.simulation import Books, Event, FaultPlan, Order, OutgoingWebhook, SimulatedOperator
from carriers.status_table import load_status_tables
from config.clock import local

_TABLES = load_status_tables(files("carriers.myvnpost") / "statuses.toml")
_CREATED = "1"
_REQUIRED = (
    *("senderName", "senderPhone", "senderAddress", "senderProvinceCode"),
    *("receiverName", "receiverPhone", "receiverAddress", "receiverProvinceCode"),
    *("serviceCode", "weight", "saleOrderCode"),
)
_SERVICES = {"CTN009": ("Chuyển phát tiêu chuẩn", 20_000), "ETN011": ("Chuyển phát nhanh", 28_000)}

Lists = Literal["bare", "wrapped"]
TypeTwo = Literal["order_number", "original_id"]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the simulated operator."""

    code: str
    username: str
    password: str


class MyVnPostOperator(SimulatedOperator):
    """MyVNPost with one customer. Drive its postmen with :meth:`report`, read its books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders.
        customer: whose orders it takes.
        database: SQLite file that survives a restart; None keeps everything in memory.
        lists: whether records and lists come bare or in an envelope.
        type_two: what ``type=2`` asks for; public clients disagree.
        scheme: how webhooks are proven.
        batch: most orders in one delivery; only the first is covered by the proof.
        approval: changes have to wait for :meth:`approve`.
        token_seconds: lifetime of a token, in real seconds.
        expired_status: what a token that is over is answered with.
        faults: what goes wrong.
    """

    unlisted_code: ClassVar[str] = "99"

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        customer: Customer,
        database: Path | None = None,
        lists: Lists = "bare",
        type_two: TypeTwo = "order_number",
        scheme: news.Scheme = "sign",
        batch: int = 1,
        approval: bool = False,
        token_seconds: float = 3600.0,
        expired_status: Literal[401, 403] = 403,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(now=now, books=Books(database, item_prefix="EM"), tables=_TABLES, faults=faults)
        self.customer = customer
        self.tokens = TokenDesk(token_seconds)
        self.lists = lists
        self.type_two = type_two
        self.expired_status = expired_status
        self.changes = Changes(self, approval=approval)
        self._scheme = scheme
        self._batch = batch

    @property
    def default_customer(self) -> str:
        return self.customer.code

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take an order and return its record.

        Raises:
            RefusedError: it is not complete, or not this customer's.
        """
        sent = body.get("informationOrder")
        sent = sent if isinstance(sent, dict) else {}
        number = str(sent.get("saleOrderCode") or "")
        try:
            self._check(body, sent)
        except RefusedError as refusal:
            self.books.note_call(self.now(), "order", number, str(refusal))
            raise
        self.books.note_call(self.now(), "order", number, "00")
        order = self.books.create(self.customer.code, number, None, body)
        self.push_event(number, _CREATED, self.now())
        return self.record(order)

    def record(self, order: Order) -> dict[str, Any]:
        """Return an order as answers show it."""
        return news.record(order, self.events(order), self.changes.receiver_of(order))

    def events(self, order: Order) -> list[Event]:
        """Return what has happened to one order, oldest first."""
        events = self.books.events_of(self.customer.code, order.number)
        return [event for event in events if event.item_code == order.item_code]

    def happens(self, order: Order, code: str) -> None:
        """Let something happen to one order and to no other of its number."""
        where = (self.first_place, order.item_code)
        self._append(Event(order.customer, order.number, code, self.now(), *where))

    def find(self, kind: str, code: str) -> Order | None:
        """Return the order that a question names; ``kind`` is its ``type``."""
        customer = self.customer.code
        if kind == "1":
            return self.books.order_by_item(customer, code)
        if kind == "2" and self.type_two == "order_number":
            return self.books.order(customer, code)
        return self.books.order_by_id(customer, news.order_id(code)) if kind in ("2", "3") else None

    def listing(self, first: date, last: date) -> list[dict[str, Any]]:
        """Return the orders in which something has changed from one day to another."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.books.summary():
            for item_code in row["item_codes"]:
                order = self.books.order_by_item(self.customer.code, item_code)
                if order and first <= local(self.events(order)[-1].happened).date() <= last:
                    found[item_code] = self.record(order)
        return list(found.values())

    def prices(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Return made-up prices of all services, or of the one that was asked for."""
        steps = max(0, -(-int(data["weight"]) // 100) - 1)
        far = data["senderProvinceCode"] != data["receiverProvinceCode"]
        wanted = data.get("serviceCode")
        return [
            {"serviceCode": code, "serviceName": name, "mainFee": fee, "vasfee": 0, "totalFee": fee, "addonService": []}
            for code, (name, base) in _SERVICES.items()
            for fee in (base + steps * (5_000 if far else 3_000),)
            if wanted in (None, code)
        ]

    def labels(self, item_codes: list[str]) -> list[str]:
        """Return made-up labels of the items that exist, base64."""
        known = [code for code in item_codes if self.books.order_by_item(self.customer.code, code)]
        return [base64.b64encode(f"%PDF-1.4\n% {code}\n%%EOF\n".encode()).decode("ascii") for code in known]

    def delivery(self, event: Event, url: str) -> OutgoingWebhook | None:
        if event.item_code is None:
            return None
        return _outgoing(url, news.webhook(self._together(event), self.now(), self._scheme))

    def forgery(self, event: Event, url: str) -> OutgoingWebhook | None:
        return _outgoing(url, news.forged([event], self.now()))

    def satisfied(self, event: Event, answer: httpx.Response) -> bool:
        try:
            said = answer.json()
        except ValueError:
            return False
        return answer.status_code == 200 and isinstance(said, dict) and said.get("success") is True

    def _together(self, event: Event) -> list[Event]:
        """Return an event and others of the customer that travel in the same delivery."""
        waiting = [one for one in self.books.untold() if one.id != event.id and one.item_code is not None]
        return [event, *waiting][: self._batch]

    def _check(self, body: dict[str, Any], sent: dict[str, Any]) -> None:
        if body.get("customerCode") != self.customer.code:
            raise RefusedError("Mã khách hàng không hợp lệ")
        if body.get("orderCreationStatus") != 1 or body.get("type") != "GUI":
            raise RefusedError("Loại đơn hàng không hợp lệ")
        if missing := [name for name in _REQUIRED if not sent.get(name)]:
            raise RefusedError(f"Thiếu thông tin: {', '.join(missing)}")
        if not isinstance(sent["weight"], str) or not sent["weight"].isdigit():
            raise RefusedError("Khối lượng không hợp lệ")
        if any(sent.get(name) != "VNPOST" for name in ("senderDistrictCode", "receiverDistrictCode")):
            raise RefusedError("Mã quận/huyện không hợp lệ, địa chỉ hai cấp phải truyền VNPOST")


def _outgoing(url: str, body: bytes) -> OutgoingWebhook:
    return OutgoingWebhook(url, body, {"content-type": "application/json"})
