"""Cancellations and corrections at the simulator: accepted, refused after the pickup, or waiting for an approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carriers.myvnpost.simulator.news import order_id
from carriers.simulation import Order

if TYPE_CHECKING:
    from carriers.myvnpost.simulator.operator import MyVnPostOperator

_BEFORE_PICKUP = frozenset({"0", "1", "2", "3", "4", "5"})
_CANCELLED = "9"
_RECEIVER = {
    "Fullname": "receiverName",
    "Phone": "receiverPhone",
    "Address": "receiverAddress",
    "Province": "receiverProvinceCode",
    "District": "receiverDistrictCode",
    "Commune": "receiverCommuneCode",
}

Answer = dict[str, Any]


class RefusedError(Exception):
    """The operator says no; the message is what it says."""


class Changes:
    """What becomes of changes; ``approval`` lets each wait until somebody at the operator has said yes."""

    def __init__(self, operator: MyVnPostOperator, *, approval: bool) -> None:
        self._operator = operator
        self._approval = approval
        self._approved: set[str] = set()
        self._receivers: dict[int, dict[str, Any]] = {}

    def approve(self, number: str) -> None:
        """Say yes to the changes of an order that wait; they are carried out when they are asked for again."""
        self._approved.add(number)

    def receiver_of(self, order: Order) -> dict[str, Any]:
        """Return what corrections have changed in an order's record."""
        return self._receivers.get(order.id, {})

    def cancel(self, original_id: str) -> Answer:
        """Cancel an order."""
        order = self._order(original_id)
        answer = self._refusal(order, original_id)
        if answer is None and order is not None:
            if order.live:
                self._operator.books.cancel_order(order)
                self._operator.happens(order, _CANCELLED)
            answer = _answer("00", "Hủy đơn hàng thành công", original_id)
        return self._noted("cancel", order, answer or {})

    def correct(self, original_id: str, receiver: dict[str, Any]) -> Answer:
        """Give an order another receiver."""
        order = self._order(original_id)
        answer = self._refusal(order, original_id)
        if answer is None and receiver.get("District") != "VNPOST":
            answer = _answer("01", "Mã quận/huyện người nhận không hợp lệ", original_id)
        if answer is None and order is not None:
            self._receivers[order.id] = {
                theirs: receiver[ours] for ours, theirs in _RECEIVER.items() if ours in receiver
            }
            answer = _answer("00", "Hiệu chỉnh thành công", original_id)
        return self._noted("correction", order, answer or {})

    def _order(self, original_id: str) -> Order | None:
        return self._operator.books.order_by_id(self._operator.customer.code, order_id(original_id))

    def _refusal(self, order: Order | None, original_id: str) -> Answer | None:
        if order is None:
            return _answer("01", "Không tìm thấy đơn hàng", original_id)
        if any(event.code not in _BEFORE_PICKUP | {_CANCELLED} for event in self._operator.events(order)):
            return _answer("01", "Đơn hàng đã được thu gom, không thể thay đổi", original_id)
        if self._approval and order.number not in self._approved:
            return _answer("02", "Yêu cầu đang chờ phê duyệt", original_id, case=order.id)
        return None

    def _noted(self, operation: str, order: Order | None, answer: Answer) -> Answer:
        self._operator.books.note_call(
            self._operator.now(), operation, order.number if order else "", str(answer.get("Type"))
        )
        return answer


def _answer(kind: str, message: str, original_id: str, *, case: int = 0) -> Answer:
    return {"Type": kind, "Message": message, "Note": "", "OriginalId": original_id, "CaseId": case}
