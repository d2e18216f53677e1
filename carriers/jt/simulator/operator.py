"""The simulated J&T: what it does with orders, cancellations, questions and events."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import httpx

from carriers.jt.simulator import news
from carriers.jt.simulator.customers import Customer
from carriers.simulation import Books, Event, Fault, FaultPlan, Order, OutgoingWebhook, SimulatedOperator
from carriers.status_table import load_status_tables

_TABLES = load_status_tables(files("carriers.jt") / "statuses.toml")
_PLACED, _PICKUP_FAILED, _CANCELLED = "103", "104", "105"
_SERVICES = ("1", "6")
_MOST_AT_ONCE = 30
_FIRST_WAYBILL = 840_000_000_000
_WANTED_ANSWER = b'{"code":"1","msg":"success","data":null}'


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: ``code`` 1 is a yes."""

    code: str = "1"
    msg: str = "success"
    data: Any = None


_ILLEGAL = Said("145003050", "Tham số không hợp lệ")
_NOT_FOUND = Said("999002000", "Không tìm thấy dữ liệu")


class JtOperator(SimulatedOperator):
    """J&T Express with one customer. Drive its postmen with :meth:`report`, read its books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders and deliveries.
        customer: whose orders it takes.
        database: SQLite file that survives a restart; None keeps everything in memory.
        cancels_by_waybill: it looks an order to cancel up by ``billCode`` and not by ``txlogisticId``. Which, is not
            published.
        unknown_spoils_all: a question about several items of which one is unknown is refused as a whole, instead of
            being answered for the others. Which, is not published.
        faults: what goes wrong.
    """

    unlisted_code: ClassVar[str] = "94"

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        customer: Customer,
        database: Path | None = None,
        cancels_by_waybill: bool = False,
        unknown_spoils_all: bool = False,
        faults: FaultPlan | None = None,
    ) -> None:
        super().__init__(now=now, books=Books(database), tables=_TABLES, faults=faults)
        self.customer = customer
        self._cancels_by_waybill = cancels_by_waybill
        self._unknown_spoils_all = unknown_spoils_all
        self._waybills = (str(number) for number in count(_FIRST_WAYBILL))

    @property
    def default_customer(self) -> str:
        return self.customer.code

    def delivery(self, event: Event, url: str) -> OutgoingWebhook:
        return self.proven(self.content(event), url)

    def forgery(self, event: Event, url: str) -> OutgoingWebhook:
        return news.delivery(self.content(event), url, replace(self.customer, private_key="guessed"), self.now())

    def content(self, event: Event) -> dict[str, Any]:
        return news.content(event)

    def proven(self, content: Any, url: str) -> OutgoingWebhook:
        return news.delivery(content, url, self.customer, self.now())

    def satisfied(self, event: Event, answer: httpx.Response) -> bool:
        return answer.status_code == 200 and answer.content == _WANTED_ANSWER

    def order_of(self, waybill: str) -> Order | None:
        """Return the order that goes under a waybill."""
        return self.books.order_by_item(self.customer.code, waybill)

    def create(self, body: dict[str, Any]) -> Said:
        """Take an order; ``txlogisticId`` is taken once."""
        number = str(body.get("txlogisticId") or "")
        said = self._refusal(number, body) or self._entered(number, body)
        self.books.note_call(self.now(), "order", number, said.code)
        return said

    def cancel(self, body: dict[str, Any]) -> Said:
        """Cancel an order that has not been collected yet."""
        number = str(body.get("txlogisticId") or "")
        order = self._order_to_cancel(number, str(body.get("billCode") or ""))
        said = self._cancelled(order, body)
        self.books.note_call(self.now(), "cancel", order.number if order else number, said.code)
        return said

    def price(self, body: dict[str, Any]) -> Said:
        """Return made-up postage: a base, and a step for each further 100 g."""
        provinces = [_dict(body.get(who)).get("prov") for who in ("sender", "receiver")]
        grams = _grams(body.get("weight"))
        if not all(provinces) or not grams:
            return _ILLEGAL
        base = 20_000 if provinces[0] == provinces[1] else 30_000
        return Said(data={"totalFee": base + 3_000 * ((grams - 1) // 100)})

    def label(self, body: dict[str, Any]) -> Said:
        """Return a made-up label, base64."""
        order = self.order_of(str(body.get("billCode")))
        if order is None:
            return _NOT_FOUND
        drawn = base64.b64encode(f"%PDF-1.4\n% {order.item_code}\n%%EOF\n".encode()).decode("ascii")
        return Said(data={"billCode": order.item_code, "base64EncodeContent": drawn})

    def trace(self, waybills: list[str]) -> Said:
        """Return the scans of up to thirty items."""
        if len(waybills) > _MOST_AT_ONCE:
            return Said("145003502", "Vượt quá 30 mã vận đơn")
        orders = [order for order in map(self.order_of, waybills) if order is not None]
        if not orders or (self._unknown_spoils_all and len(orders) < len(waybills)):
            return _NOT_FOUND
        return Said(data=[{"billCode": order.item_code, "details": self._scans(order)} for order in orders])

    def _events(self, order: Order) -> list[Event]:
        """Return what has happened to one order and to no other of its number."""
        events = self.books.events_of(order.customer, order.number)
        return [event for event in events if event.item_code == order.item_code]

    def _scans(self, order: Order) -> list[dict[str, Any]]:
        if self.faults.strike(Fault.EMPTY_PAGE, "tracking", order.number):
            return []
        scans = [news.scan(event) for event in self._events(order)]
        if self.faults.strike(Fault.OUT_OF_ORDER, "tracking", order.number):
            self.faults.random.shuffle(scans)
        return scans

    def _refusal(self, number: str, body: dict[str, Any]) -> Said | None:
        people = [_dict(body.get(who)) for who in ("sender", "receiver")]
        complete = all(person.get(name) for person in people for name in ("name", "mobile", "prov", "address"))
        if not number or not complete or body.get("serviceType") not in _SERVICES or not _grams(body.get("weight")):
            return _ILLEGAL
        taken = self.books.order(self.customer.code, number) is not None
        if taken and not self.faults.strike(Fault.ACCEPT_DUPLICATES, "order", number):
            return Said("145003204", "Mã đơn hàng đã tồn tại")
        return None

    def _entered(self, number: str, body: dict[str, Any]) -> Said:
        waybill = next(code for code in self._waybills if not self.books.item_code_taken(code))
        self.books.create(self.customer.code, number, waybill, body)
        self.push_event(number, _PLACED, self.now())
        return Said(data={"txlogisticId": number, "billCode": waybill, "sortLine": "CB-01-002"})

    def _order_to_cancel(self, number: str, waybill: str) -> Order | None:
        return self.order_of(waybill) if self._cancels_by_waybill else self.books.order(self.customer.code, number)

    def _cancelled(self, order: Order | None, body: dict[str, Any]) -> Said:
        if not body.get("reason"):
            return _ILLEGAL
        if order is None:
            return _NOT_FOUND
        if {event.code for event in self._events(order)} - {_PLACED, _PICKUP_FAILED}:
            return Said("999010010", "Trạng thái đơn hàng không thể hủy")
        self.books.cancel_order(order)
        self._append(Event(order.customer, order.number, _CANCELLED, self.now(), self.first_place, order.item_code))
        return Said(data={"txlogisticId": order.number, "billCode": order.item_code})


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _grams(kilograms: Any) -> int:
    """Return a weight that is written in kilograms, or 0 for anything else."""
    whole, _, part = kilograms.partition(".") if isinstance(kilograms, str) else ("", "", "")
    return int(f"{whole}{part:0<3}") if whole.isdecimal() and (not part or part.isdecimal()) and len(part) <= 3 else 0
