"""MyVNPost: VNPost's customer API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from carriers.account_options import secret_of
from carriers.connector import Connector
from carriers.contract import (
    Booking,
    BookingRequest,
    Change,
    ChangeOutcome,
    FeedItem,
    Label,
    Normalised,
    OrderRef,
    Party,
    PickupWindow,
    Quote,
    QuoteRequest,
)
from carriers.exchange import Call
from carriers.myvnpost import answers, mapping, webhook
from carriers.myvnpost.areas import load_areas
from carriers.myvnpost.lookups import Lookups
from carriers.myvnpost.orders import LOGGABLE, Wire
from carriers.myvnpost.proof import load_keys
from carriers.myvnpost.settings import MyVnPostSettings, load_settings
from carriers.myvnpost.token import AccessToken
from carriers.outcomes import Rejected, Retryable
from carriers.plugin import Runtime
from carriers.states import ShipmentState
from carriers.status_table import StatusTables
from carriers.transport import Transport
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from config.accounts import CarrierAccount
from config.clock import local, wall_now

# Not seen is no proof that it is not there, and only proof may be called "not found".
_NOT_SEEN = Change(ChangeOutcome.REFUSED, "MyVNPost không cho thấy đơn hàng này; hãy liên hệ VNPost")


class MyVnPostCarrier(Connector):
    """One account."""

    carrier = mapping.CARRIER

    def __init__(self, account: CarrierAccount, runtime: Runtime, tables: StatusTables) -> None:
        self._settings = settings = load_settings(account)
        transport = Transport(account, settings.transport, runtime, LOGGABLE, answers.judge)
        super().__init__(account, transport, tables, settings.confirmed_statuses)
        self._wire = Wire(self._settings, account.customer_code, load_areas(self._settings.code_file))
        self._rules = _rules(account, self._settings, self._tables)
        request = self._wire.token(secret_of(account, "username"), secret_of(account, "password"))
        self._auth = AccessToken(self._transport, request, self._settings.token_seconds, runtime.monotonic)
        self._orders = Lookups(self._settings, self._wire, self._transport, self._auth)

    def book(self, request: BookingRequest) -> Booking:
        number = request.order_number
        answer = self._transport.write(self._wire.order(request), self._auth, operation="book", order_number=number)
        return answers.read_booking(answer, number)

    @property
    def cancels_by_reference(self) -> bool:
        return False

    def cancel(self, order: OrderRef) -> Change:
        original_id = order.operator_id
        if original_id is None:
            record = self._orders.record(order)
            original_id = answers.id_of(record) if record else None
        if original_id is None:
            return _NOT_SEEN
        return self._change(self._wire.cancel(original_id), "cancel", order)

    def change_address(self, order: OrderRef, receiver: Party) -> Change:
        record = self._orders.record(order)
        original_id = answers.id_of(record) if record else None
        if record is None or original_id is None:
            return _NOT_SEEN
        return self._change(self._wire.correct(original_id, record, receiver), "change_address", order)

    def quote(self, request: QuoteRequest) -> Quote | None:
        answer = self._transport.read(self._wire.charge(request), self._auth, operation="quote")
        return answers.read_price(answer.body, self._settings.service_code)

    def label(self, order: OrderRef) -> Label:
        item_code = self._orders.item_code(order)
        if item_code is None:
            raise Rejected("MyVNPost has no item for this order, so it has no label.", code="no_item")
        answer = self._transport.read(self._wire.label(item_code), self._auth, operation="label")
        return answers.read_label(answer.body)

    @property
    def pickup_windows(self) -> tuple[PickupWindow, ...]:
        return self._settings.windows

    @property
    def items_at_once(self) -> int:
        return 1

    def track(self, orders: Sequence[OrderRef]) -> tuple[FeedItem, ...]:
        return tuple(item for order in orders for item in self._history(order))

    def read_webhook(self, request: WebhookRequest) -> WebhookReading:
        return webhook.read(request, self._rules)

    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply:
        return webhook.answer(request, verdict)

    def find(self, order_number: str, since: str | None = None) -> Booking | None:
        return self._orders.find(order_number)

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        return mapping.normalise(raw, mapping.Reading(self._tables.meanings(version), self._account.customer_code))

    def check(self) -> str:
        call = self._wire.listing(local(wall_now()).date(), 0, size=1)
        body = self._transport.read(call, self._auth, operation="check").body
        orders = "orders" if answers.records_of(body) else "no orders"
        return (
            f"MyVNPost answers for customer {self._account.customer_code}; "
            f"its list of the last {self._settings.find_days} days holds {orders}."
        )

    def _change(self, call: Call, operation: str, order: OrderRef) -> Change:
        try:
            answer = self._transport.write(call, self._auth, operation=operation, order_number=order.order_number)
        except Rejected as error:
            return answers.refusal(error.operator_words or str(error))
        return answers.read_change(answer.body)

    def _history(self, order: OrderRef) -> tuple[FeedItem, ...]:
        item_code = self._orders.item_code(order)
        if item_code is None:
            return ()
        try:
            answer = self._transport.read(self._wire.history(item_code), self._auth, operation="track")
        except Rejected as error:
            if answers.says_not_found(error):
                return ()
            raise
        theirs, entries = mapping.history_of(answer.body) or (None, [])
        if theirs not in (None, item_code):
            raise Retryable("MyVNPost answered about another item; it is asked again by itself.", code="other_item")
        return mapping.history_items(entries, order, item_code)


def _rules(account: CarrierAccount, settings: MyVnPostSettings, tables: StatusTables) -> webhook.Rules:
    attempts = {code for code, line in tables.meanings().items() if line.state is ShipmentState.DELIVERY_FAILED}
    return webhook.Rules(
        load_keys(account, settings.webhooks),
        replay_window=timedelta(days=settings.webhooks.replay_days),
        longest_delay=timedelta(hours=settings.webhooks.delay_hours),
        counted_codes=attempts,
    )
