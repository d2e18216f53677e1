"""Finding orders at MyVNPost: by its item, by VNPost's id, by our number, or in the list of the last days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carriers.contract import Booking, OrderRef
from carriers.myvnpost import answers
from carriers.myvnpost.orders import LIST_PAGE, Wire
from carriers.myvnpost.settings import MyVnPostSettings
from carriers.outcomes import Rejected, Retryable
from carriers.reading import reference
from carriers.transport import Authoriser, Transport
from config.clock import local, wall_now


@dataclass(frozen=True, slots=True)
class Lookups:
    """The look-ups of one account."""

    settings: MyVnPostSettings
    wire: Wire
    transport: Transport
    auth: Authoriser

    def record(self, order: OrderRef) -> dict[str, Any] | None:
        """Return VNPost's record of an order, by the best name that we have for it."""
        kinds = self.settings.lookup_types
        if order.waybill is not None:
            kind, code = kinds.item_code, order.waybill
        elif order.operator_id is not None:
            kind, code = kinds.original_id, order.operator_id
        else:
            kind, code = kinds.order_number, order.order_number
        # A record under another number of ours is another order, whatever `type` may mean.
        ours = (order.order_number,) if kind == kinds.order_number else (order.order_number, None)
        records = (one for one in self._ask(kind, code) if reference(one.get("saleOrderCode")) in ours)
        return next(records, None)

    def item_code(self, order: OrderRef) -> str | None:
        """Return the item of an order, asking for it where we do not know it."""
        if order.waybill is not None:
            return order.waybill
        record = self.record(order)
        return reference(record.get("itemCode")) if record else None

    def find(self, order_number: str) -> Booking | None:
        """Return the booking under our number: asked for by name, else looked for in the list of the last days.

        Raises:
            Retryable: it is not among the pages that may be read, and there are more.
        """
        found = self._ask(self.settings.lookup_types.order_number, order_number)
        return answers.booking_among(found, order_number) or self._find_in_list(order_number)

    def _ask(self, kind: str, code: str) -> list[dict[str, Any]]:
        try:
            answer = self.transport.read(self.wire.lookup(kind, code), self.auth, operation="lookup")
        except Rejected as error:
            if answers.says_not_found(error):
                return []
            raise
        return answers.records_of(answer.body)

    def _find_in_list(self, order_number: str) -> Booking | None:
        today = local(wall_now()).date()
        for page in range(self.settings.find_pages):
            answer = self.transport.read(self.wire.listing(today, page), self.auth, operation="find")
            records = answers.records_of(answer.body)
            if (booking := answers.booking_among(records, order_number)) is not None:
                return booking
            if len(records) < LIST_PAGE:
                return None
        raise Retryable(
            f"The order is not on the first {self.settings.find_pages} pages of MyVNPost's list and there are more; "
            "raise options.find_pages.",
            code="list_too_long",
        )
