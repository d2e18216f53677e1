"""The simulated VNPost: what it does with orders, cancellations and events, whatever adapter they come through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Literal

from carriers.simulation import Books, Fault, FaultPlan, SimulatedOperator
from carriers.states import ShipmentState
from carriers.status_table import load_status_tables
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator.adapter import Client, TokenDesk
from carriers.vnpost_ngsp.simulator.feed import document, event_id

PAGE_CAP = 1000
_REQUIRED = (
    *("SenderProvince", "SenderAddress", "SenderName", "SenderTel"),
    *("ReceiverProvince", "ReceiverAddress", "ReceiverName", "ReceiverTel"),
)
# VNPost publishes only 100, 101 and 110; these refusals are made up and no client may depend on their numbers.
_INCOMPLETE, _UNKNOWN_CUSTOMER, _BAD_ITEM_CODE, _NOT_FOUND, _TOO_LATE = 201, 202, 203, 204, 205
_CREATED = "1"
_TABLES = load_status_tables(files("carriers.vnpost_ngsp") / "statuses.toml")

_COLLECTED = frozenset(
    code
    for code, meaning in _TABLES.meanings().items()
    if meaning.state not in (None, ShipmentState.BOOKED, ShipmentState.COLLECTING, ShipmentState.COLLECTION_FAILED)
)
"""Codes that say that VNPost has, or has had, the papers."""

Answer = tuple[int, str]
ItemCodes = Literal["assigned", "preallocated"]


class NgspOperator(SimulatedOperator):
    """VNPost behind one adapter. Drive the postman with :meth:`report`, read the books with :meth:`orders`.

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

    unlisted_code: ClassVar[str] = "9"
    first_place: ClassVar[str] = "271000"

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
        super().__init__(now=now, books=Books(database), tables=_TABLES, faults=faults)
        self.variant = variant
        self.status_as = status_as
        self.tokens = TokenDesk(clients, variant, token_seconds)
        self._clients = clients
        self._item_codes = item_codes

    @property
    def default_customer(self) -> str:
        return self._clients[0].customer_code

    def tells_item_code(self, code: str) -> bool:
        # VNPost tells the waybill it assigned only once it holds the papers.
        return code != _CREATED or self._item_codes == "preallocated"

    def create(self, client: Client, body: dict[str, Any]) -> Answer:
        """Take an order; returns ``Status`` and ``Message``."""
        number = str(body.get("OrderNumber") or "")
        answer = self._refusal(client, number, body) or self._enter(client, number, body)
        self.books.note_call(self.now(), "order", number, str(answer[0]))
        return answer

    def cancel(self, client: Client, customer: str, number: str) -> Answer:
        """Cancel an order whose papers nobody has collected; cancelling again says yes again."""
        order = self.books.order(customer, number) if customer == client.customer_code else None
        if order is None:
            answer = (_NOT_FOUND, "Không tìm thấy đơn hàng")
        elif order.live and self._is_collected(customer, number):
            answer = (_TOO_LATE, "Đơn hàng đã được thu gom, không thể hủy")
        else:
            self.books.cancel(customer, number)
            answer = (110, "Hủy đơn hàng thành công")
        self.books.note_call(self.now(), "cancel", number, str(answer[0]))
        return answer

    def feed(self, client: Client, after: str, limit: int) -> dict[str, Any]:
        """Return a page of the client's feed in the shape of RESTHeart.

        Raises:
            ValueError: ``after`` is no id of this feed.
        """
        limit = min(max(limit, 1), PAGE_CAP)
        documents = [document(one) for one in self.books.events_after(client.customer_code, event_id(after), limit)]
        total = self.books.count_events(client.customer_code)
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

    def _is_collected(self, customer: str, number: str) -> bool:
        return any(event.code in _COLLECTED for event in self.books.events_of(customer, number))

    def _refusal(self, client: Client, number: str, body: dict[str, Any]) -> Answer | None:
        if missing := [name for name in _REQUIRED if not body.get(name)]:
            return _INCOMPLETE, f"Thiếu thông tin: {', '.join(missing)}"
        if not number:
            return _INCOMPLETE, "Thiếu OrderNumber"
        if body.get("CustomerCode") != client.customer_code:
            return _UNKNOWN_CUSTOMER, "Mã khách hàng không hợp lệ"
        held = self.books.order(client.customer_code, number) is not None
        if held and not self.faults.strike(Fault.ACCEPT_DUPLICATES, "order", number):
            return 101, "Đơn hàng đã tồn tại"
        return self._item_code_refusal(body.get("ItemCode"))

    def _item_code_refusal(self, item_code: object) -> Answer | None:
        if self._item_codes == "assigned":
            return None
        if not isinstance(item_code, str) or not item_code:
            return _BAD_ITEM_CODE, "Thiếu mã bưu gửi"
        if self.books.item_code_taken(item_code):
            return _BAD_ITEM_CODE, "Mã bưu gửi đã được sử dụng"
        return None

    def _enter(self, client: Client, number: str, body: dict[str, Any]) -> Answer:
        given = body.get("ItemCode") if self._item_codes == "preallocated" else None
        self.books.create(client.customer_code, number, given, body)
        self.push_event(number, _CREATED, self.now())
        return 100, "Thành công"
