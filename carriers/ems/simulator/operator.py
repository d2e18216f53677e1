"""The simulated EMS: what it does with orders, questions and events."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import httpx

from carriers.ems.simulator.news import Interface, history_entry, postage, webhook_body
from carriers.simulation import Books, Event, Fault, FaultPlan, OutgoingWebhook, SimulatedOperator
from carriers.status_table import load_status_tables

_REQUIRED = (
    *("order_code", "product_name", "total_weight", "service"),
    *("from_name", "from_phone", "from_province", "from_address"),
    *("to_name", "to_phone", "to_province", "to_address"),
)
_CREATED = "1"
_TABLES = load_status_tables(files("carriers.ems") / "statuses.toml")

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merchant:
    """A customer of the simulated operator and its token."""

    customer_code: str
    token: str


class EmsOperator(SimulatedOperator):
    """EMS with one merchant. Drive the postman with :meth:`report`, read the books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders.
        merchant: the customer with its token.
        database: SQLite file that survives a restart; None keeps everything in memory.
        interface: in whose words webhooks are written.
        refuses_duplicates: whether a second order of the same ``order_code`` is refused. No public page says that it
            is, so two are made unless this is switched on.
        seed: makes the numbers of webhook messages.
        faults: what goes wrong.
    """

    unlisted_code: ClassVar[str] = "3"

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        merchant: Merchant,
        database: Path | None = None,
        interface: Interface = "v1",
        refuses_duplicates: bool = False,
        seed: int = 0,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(now=now, books=Books(database, item_prefix="EM"), tables=_TABLES, faults=faults)
        self.interface = interface
        self._merchant = merchant
        self._refuses_duplicates = refuses_duplicates
        self._seed = seed

    @property
    def default_customer(self) -> str:
        return self._merchant.customer_code

    def recognises(self, token: str) -> bool:
        """Whether a token is the merchant's."""
        return secrets.compare_digest(token.encode(), self._merchant.token.encode())

    def create(self, body: dict[str, Any]) -> Answer:
        """Take an order; returns the answer's body."""
        number = str(body.get("order_code") or "")
        answer = self._refusal(number, body) or self._enter(number, body)
        self.books.note_call(self.now(), "order", number, answer["code"])
        return answer

    def number_of(self, tracking_code: str) -> str:
        """Return the merchant's number of an item; empty where there is no such item."""
        order = self.books.order_by_item(self.default_customer, tracking_code)
        return order.number if order else ""

    def tracking(self, tracking_code: str) -> Answer:
        """Return what there is about an item, as the answer's body."""
        order = self.books.order_by_item(self.default_customer, tracking_code)
        if order is None:
            return no("Không tìm thấy vận đơn")
        told = self.books.events_of(order.customer, order.number)
        entries = [history_entry(event) for event in told if event.item_code == tracking_code]
        if self.faults.strike(Fault.EMPTY_PAGE, "tracking", order.number):
            entries = []
        if self.faults.strike(Fault.OUT_OF_ORDER, "tracking", order.number):
            self.faults.random.shuffle(entries)
        service, last = order.body.get("service"), entries[-1]["status"] if entries else None
        item = {"service_id": service, "tracking_code": tracking_code, "status": last}
        return yes({**item, "__get_fee": [], "__get_status": entries, "__get_vas": []})

    def delivery(self, event: Event, url: str) -> OutgoingWebhook:
        order = self.books.order(event.customer, event.number)
        headers = {"content-type": "application/json", "ems-transaction": self._transaction(event)}
        return OutgoingWebhook(url, webhook_body(event, order, self.interface), headers)

    def forgery(self, event: Event, url: str) -> OutgoingWebhook:
        # Nothing signs a message, so all that a stranger lacks is the end of the address.
        genuine = self.delivery(event, url)
        return OutgoingWebhook(f"{url.rsplit('/', 1)[0]}/guessed", genuine.body, genuine.headers)

    def satisfied(self, event: Event, answer: httpx.Response) -> bool:
        wanted = {"code": "success", "transaction": self._transaction(event)}
        return answer.status_code == 200 and answer.content == json.dumps(wanted, separators=(",", ":")).encode()

    def _transaction(self, event: Event) -> str:
        return hashlib.sha256(f"{self._seed}:{event.id}".encode()).hexdigest()[:16]

    def _refusal(self, number: str, body: dict[str, Any]) -> Answer | None:
        if missing := [name for name in _REQUIRED if not body.get(name)]:
            return no(f"Thiếu thông tin: {', '.join(missing)}")
        if not all(isinstance(body.get(name, 0), int) for name in ("total_weight", "money_collect")):
            return no("total_weight và money_collect phải là số nguyên")
        if self._refuses_duplicates and self.books.order(self.default_customer, number) is not None:
            return no("Mã đơn hàng đã tồn tại")
        return None

    def _enter(self, number: str, body: dict[str, Any]) -> Answer:
        order = self.books.create(self.default_customer, number, None, body)
        self.push_event(number, _CREATED, self.now())
        return yes(
            {
                "tracking_code": order.item_code,
                "courier_code": "EMS",
                "status_code": int(_CREATED),
                "fee": {"fee": postage(body["total_weight"]), "remote_fee": 0},
                "vas": {"total_vas": 0, "vas_detail": []},
                "money_collect": body.get("money_collect", 0),
            }
        )


def yes(data: Any) -> Answer:
    """Return the body of an answer of success."""
    return {"code": "success", "message": "Thành công", "data": data}


def no(message: str) -> Answer:
    """Return the body of a refusal, which EMS sends with HTTP 200."""
    return {"code": "error", "message": message}
