"""The simulated VNPost: what it does with orders, cancellations and events, whatever adapter they come through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator.adapter import Client, TokenDesk
from carriers.vnpost_ngsp.simulator.faults import Fault, FaultPlan
from carriers.vnpost_ngsp.simulator.ledger import Event, Ledger

PAGE_CAP = 1000
_REQUIRED = (
    *("SenderProvince", "SenderAddress", "SenderName", "SenderTel"),
    *("ReceiverProvince", "ReceiverAddress", "ReceiverName", "ReceiverTel"),
)
# VNPost publishes only 100, 101 and 110; these refusals are made up and no client may depend on their numbers.
_INCOMPLETE, _UNKNOWN_CUSTOMER, _BAD_ITEM_CODE, _NOT_FOUND = 201, 202, 203, 204
_FIRST_OFFICE = "271000"
_UNKNOWN_CODE = 9

Answer = tuple[int, str]
ItemCodes = Literal["assigned", "preallocated"]


class NgspOperator:
    """VNPost behind one adapter. Drive the postman with :meth:`push_event`, read the books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders.
        database: SQLite file that survives a restart; None keeps everything in memory.
        clients: customers with their credentials.
        variant: which adapter stands in front.
        status_as: whether ``Status`` is sent as a number or as text.
        item_codes: VNPost assigns waybills (and tells them with the first event after collection), or the customer
            brings them from a range.
        token_seconds: lifetime of a token, in real seconds.
        faults: what goes wrong.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        clients: Sequence[Client],
        database: Path | None = None,
        variant: Variant = Variant.NGSP_DIRECT,
        status_as: Literal["int", "str"] = "int",
        item_codes: ItemCodes = "assigned",
        token_seconds: float = 3600.0,
        faults: FaultPlan | None = None,
    ) -> None:
        self.variant = variant
        self.status_as = status_as
        self.faults = faults or FaultPlan()
        self.tokens = TokenDesk(clients, variant, token_seconds)
        self.now = now
        self._clients = clients
        self._item_codes = item_codes
        self._ledger = Ledger(database)

    def close(self) -> None:
        """Close the books."""
        self._ledger.close()

    def orders(self) -> list[dict[str, Any]]:
        """Return per order number: state, live, created, item_codes, and every call with what was decided.

        ``create_calls`` counts calls that arrived, ``created`` those that made an order.
        """
        return self._ledger.orders()

    def push_event(
        self, order_number: str, code: int, event_time: datetime, pos_id: str = _FIRST_OFFICE, message: str = ""
    ) -> str:
        """Let the postman do something; returns the feed id of the event.

        Raises:
            ValueError: ``event_time`` has no time zone.
        """
        if event_time.tzinfo is None:
            raise ValueError(f"naive time {event_time.isoformat()}: every instant needs a time zone")
        customer = self._ledger.customer_of(order_number) or self._clients[0].customer_code
        # VNPost tells the waybill it assigned only once it holds the papers.
        told = code != 1 or self._item_codes == "preallocated"
        item_code = self._ledger.live_order(customer, order_number) if told else None
        return self._append(Event(customer, order_number, code, event_time, pos_id, item_code, message))

    def create(self, client: Client, body: dict[str, Any]) -> Answer:
        """Take an order; returns ``Status`` and ``Message``."""
        number = str(body.get("OrderNumber") or "")
        answer = self._refusal(client, number, body) or self._enter(client, number, body)
        self._ledger.note_call(self.now(), "order", number, str(answer[0]))
        return answer

    def cancel(self, client: Client, customer: str, number: str) -> Answer:
        """Cancel an order; cancelling again says yes again."""
        known = self._ledger.live_order(customer, number) or self._ledger.was_cancelled(customer, number)
        if customer == client.customer_code and known:
            self._ledger.cancel(customer, number)
            answer = (110, "Hủy đơn hàng thành công")
        else:
            answer = (_NOT_FOUND, "Không tìm thấy đơn hàng")
        self._ledger.note_call(self.now(), "cancel", number, str(answer[0]))
        return answer

    def note_unprocessed(self, operation: str, number: str, why: str) -> None:
        """Remember a call that trouble stopped before it had any effect."""
        self._ledger.note_call(self.now(), operation, number, why)

    def feed(self, client: Client, after: str, limit: int) -> dict[str, Any]:
        """Return a page of the client's feed in the shape of RESTHeart."""
        limit = min(max(limit, 1), PAGE_CAP)
        documents, total = self._ledger.feed(client.customer_code, after, limit)
        if self.faults.strike(Fault.EMPTY_PAGE, "tracking"):
            documents = []
        if self.faults.strike(Fault.OUT_OF_ORDER, "tracking"):
            self.faults.random.shuffle(documents)
        return {
            "_size": total,
            "_total_pages": -(-total // limit),
            "_returned": len(documents),
            "_embedded": {"rh:doc": documents},
        }

    def price(self, weight_grams: int, *, same_province: bool) -> int:
        """Return made-up postage in đồng: a base for the first 100 g and a step for each further 100 g."""
        base, step = (26_000, 3_000) if same_province else (30_500, 5_000)
        return base + step * max(0, -(-weight_grams // 100) - 1)

    def _refusal(self, client: Client, number: str, body: dict[str, Any]) -> Answer | None:
        if missing := [name for name in _REQUIRED if not body.get(name)]:
            return _INCOMPLETE, f"Thiếu thông tin: {', '.join(missing)}"
        if not number:
            return _INCOMPLETE, "Thiếu OrderNumber"
        if body.get("CustomerCode") != client.customer_code:
            return _UNKNOWN_CUSTOMER, "Mã khách hàng không hợp lệ"
        if self._holds(client, number) and not self.faults.strike(Fault.ACCEPT_DUPLICATES, "order", number):
            return 101, "Đơn hàng đã tồn tại"
        return self._item_code_refusal(body.get("ItemCode"))

    def _holds(self, client: Client, number: str) -> bool:
        code = client.customer_code
        return self._ledger.live_order(code, number) is not None or self._ledger.was_cancelled(code, number)

    def _item_code_refusal(self, item_code: object) -> Answer | None:
        if self._item_codes == "assigned":
            return None
        if not isinstance(item_code, str) or not item_code:
            return _BAD_ITEM_CODE, "Thiếu mã bưu gửi"
        if self._ledger.item_code_taken(item_code):
            return _BAD_ITEM_CODE, "Mã bưu gửi đã được sử dụng"
        return None

    def _enter(self, client: Client, number: str, body: dict[str, Any]) -> Answer:
        given = body.get("ItemCode") if self._item_codes == "preallocated" else None
        self._ledger.create(client.customer_code, number, given, body)
        self.push_event(number, 1, self.now())
        return 100, "Thành công"

    def _append(self, event: Event) -> str:
        oid = self._ledger.append(event)
        if self.faults.strike(Fault.DUPLICATE_EVENTS, "tracking", event.number):
            self._ledger.append(event)
        if self.faults.strike(Fault.UNKNOWN_CODES, "tracking", event.number):
            later = event.happened + timedelta(seconds=1)
            self._ledger.append(
                Event(event.customer, event.number, _UNKNOWN_CODE, later, event.pos_id, event.item_code)
            )
        return oid
