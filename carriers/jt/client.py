"""J&T Express Vietnam over its open platform."""

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
    Quote,
    QuoteRequest,
)
from carriers.jt import answers, mapping, webhook
from carriers.jt.orders import LOGGABLE, MOST_AT_ONCE, Identity, Wire
from carriers.jt.settings import load_settings
from carriers.jt.signing import Stamp, password_of
from carriers.outcomes import Rejected
from carriers.plugin import Runtime
from carriers.status_table import StatusTables
from carriers.transport import Transport
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from config.accounts import CarrierAccount

_NOBODYS_WAYBILL = "000000000000"


class JtCarrier(Connector):
    """One account."""

    carrier = mapping.CARRIER

    def __init__(self, account: CarrierAccount, runtime: Runtime, tables: StatusTables) -> None:
        self._settings = settings = load_settings(account)
        judge = answers.Judge(settings.uncertain_codes)
        transport = Transport(account, settings.transport, runtime, LOGGABLE, judge)
        super().__init__(account, transport, tables, settings.confirmed_statuses)
        private_key = secret_of(account, "private_key")
        password = password_of(secret_of(account, "password_key"), secret_of(account, "password_suffix"))
        self._wire = Wire(settings, Identity(account.customer_code, password, private_key))
        self._gate = webhook.Gate(private_key, timedelta(hours=settings.webhook_hours))
        self._auth = Stamp(settings.api_account)

    @property
    def renews_token(self) -> bool:
        return False  # the private key is agreed on paper

    @property
    def refuses_duplicates(self) -> bool:
        return True

    def book(self, request: BookingRequest) -> Booking:
        number = request.order_number
        try:
            answer = self._transport.write(self._wire.order(request), self._auth, operation="book", order_number=number)
        except Rejected as refusal:
            if refusal.code != answers.DUPLICATE:
                raise
            # Which waybill the earlier order got, J&T's next report tells.
            return Booking(number, waybill=None, already_existed=True)
        return answers.read_booking(answer, number)

    def serves(self, province_code: str) -> bool:
        return self._settings.provinces == "gso" or province_code in self._settings.provinces

    @property
    def cancels_by_reference(self) -> bool:
        return self._settings.cancels_by_reference

    def cancel(self, order: OrderRef) -> Change:
        call = self._wire.cancel(order)
        try:
            answer = self._transport.write(call, self._auth, operation="cancel", order_number=order.order_number)
        except Rejected as refusal:
            # J&T does not publish by which name it looks: a name it does not look by, is not found either.
            proof = refusal.code == answers.NOT_FOUND and self.cancels_by_reference
            outcome = ChangeOutcome.NOT_FOUND if proof else ChangeOutcome.REFUSED
            return Change(outcome, refusal.operator_words or str(refusal))
        return Change(ChangeOutcome.ACCEPTED, answers.words_of(answer.body))

    def quote(self, request: QuoteRequest) -> Quote | None:
        field = self._settings.price_field
        if field is None:
            return None
        answer = self._transport.read(self._wire.price(request), self._auth, operation="quote")
        return Quote(answers.read_price(answer.body, field))

    def label(self, order: OrderRef) -> Label:
        answer = self._transport.read(self._wire.label(order), self._auth, operation="label")
        return answers.read_label(answer.body, self._settings.label_field)

    @property
    def items_at_once(self) -> int:
        return MOST_AT_ONCE

    def track(self, orders: Sequence[OrderRef]) -> tuple[FeedItem, ...]:
        numbers = {order.waybill: order.order_number for order in orders if order.waybill}
        return tuple(item for trace in self._traces(list(numbers)) for item in _of_ours(trace, numbers))

    def read_webhook(self, request: WebhookRequest) -> WebhookReading:
        return self._gate.read(request)

    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply:
        return webhook.answer(verdict)

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        return mapping.normalise(raw, mapping.Reading(self._tables.meanings(version), self._account.customer_code))

    def check(self) -> str:
        # There is no call for this alone. A question about nobody's item is looked at only after the signature.
        self._traces([_NOBODYS_WAYBILL])
        return f"J&T Express answers for customer {self._account.customer_code} and accepts our signature."

    def _traces(self, waybills: list[str]) -> list[dict[str, Any]]:
        if not waybills:
            return []
        try:
            answer = self._transport.read(self._wire.trace(waybills), self._auth, operation="track")
        except Rejected as refusal:
            if refusal.code != answers.NOT_FOUND:
                raise
            # Whether one unknown item spoils the answer about the others is not published: so they are asked for apart.
            half = len(waybills) // 2
            return [*self._traces(waybills[:half]), *self._traces(waybills[half:])] if half else []
        return answers.read_traces(answer.body)


def _of_ours(trace: dict[str, Any], numbers: dict[str, str]) -> tuple[FeedItem, ...]:
    """Return the scans of an item that was asked for, under our number, which the answer does not have to name."""
    number = numbers.get(answers.waybill_of(trace) or "")
    if number is None or not trace.get("details"):
        return ()
    return mapping.documents({**trace, "txlogisticId": number})
