"""Viettel Post: orders are sent and asked for, their journey is told to us and cannot be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote as quoted

from carriers.account_options import secret_of
from carriers.connector import Connector
from carriers.contract import (
    Booking,
    BookingRequest,
    Change,
    ChangeOutcome,
    Label,
    Normalised,
    OrderRef,
    PickupWindow,
    Quote,
    QuoteRequest,
)
from carriers.exchange import words_of
from carriers.outcomes import Rejected
from carriers.plugin import Runtime
from carriers.status_table import StatusTables
from carriers.transport import Transport
from carriers.viettelpost import mapping, webhook
from carriers.viettelpost.answers import count_inventories, judge, read_booking, read_price, read_print_code, said
from carriers.viettelpost.orders import LOGGABLE, Wire
from carriers.viettelpost.settings import PRINT_CODE, load_settings
from carriers.viettelpost.token import OwnerToken
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from config.accounts import CarrierAccount
from config.clock import wall_now


class ViettelPostCarrier(Connector):
    """One account."""

    carrier = mapping.CARRIER

    def __init__(self, account: CarrierAccount, runtime: Runtime, tables: StatusTables) -> None:
        self._settings = settings = load_settings(account)
        transport = Transport(account, settings.transport, runtime, LOGGABLE, judge)
        super().__init__(account, transport, tables, settings.confirmed_statuses)
        self._wire = Wire(self._settings)
        self._gate = webhook.Gate(secret_of(account, "webhook_token"), self._settings.webhook_token_in)
        login = (secret_of(account, "username"), secret_of(account, "password"))
        self._auth = OwnerToken(
            self._transport, self._wire.login(*login), self._wire.connect(*login), runtime.monotonic
        )

    @property
    def cancels_by_reference(self) -> bool:
        return False

    @property
    def pickup_windows(self) -> tuple[PickupWindow, ...]:
        return self._settings.windows

    def book(self, request: BookingRequest) -> Booking:
        number = request.order_number
        try:
            answer = self._transport.write(self._wire.order(request), self._auth, operation="book", order_number=number)
        except Rejected as refusal:
            if said(refusal, self._settings.duplicate_words) is None:
                raise
            # Which waybill the earlier order got, its next report tells.
            return Booking(number, waybill=None, already_existed=True)
        return read_booking(answer, number)

    def cancel(self, order: OrderRef) -> Change:
        try:
            call = self._wire.cancel(order)
            answer = self._transport.write(call, self._auth, operation="cancel", order_number=order.order_number)
        except Rejected as refusal:
            # "Does not exist" is no proof: Viettel Post says so of orders it has just made, too.
            learnt = said(refusal, self._settings.cancel_words)
            outcome = self._settings.cancel_words[learnt] if learnt is not None else ChangeOutcome.REFUSED
            return Change(outcome, refusal.operator_words or str(refusal))
        return Change(ChangeOutcome.ACCEPTED, words_of(answer.body))

    def recall(self, order: OrderRef) -> Change:
        call = self._wire.recall(order)
        try:
            answer = self._transport.write(call, self._auth, operation="recall", order_number=order.order_number)
        except Rejected as refusal:
            return Change(ChangeOutcome.REFUSED, refusal.operator_words or str(refusal))
        return Change(ChangeOutcome.ACCEPTED, words_of(answer.body))

    def quote(self, request: QuoteRequest) -> Quote | None:
        answer = self._transport.read(self._wire.prices(request), self._auth, operation="quote")
        price = read_price(answer.body, self._settings.order_service)
        return None if price is None else Quote(price)

    def label(self, order: OrderRef) -> Label:
        until = wall_now() + timedelta(hours=self._settings.label_hours)
        answer = self._transport.read(self._wire.label(order, until), self._auth, operation="label")
        code = quoted(read_print_code(answer.body), safe="")
        url = self._settings.label_url.replace(PRINT_CODE, code)
        return Label(content=b"", media_type="text/uri-list", url=url)

    def resend_journey(self, order: OrderRef) -> None:
        """Have the whole journey of an order told again by webhook; what is known already changes nothing.

        Raises:
            Retryable, Unauthorized: it was not asked for.
            Rejected: Viettel Post says no, or has not told its waybill yet.
        """
        self._transport.read(self._wire.journey_again(order), self._auth, operation="resend")

    def read_webhook(self, request: WebhookRequest) -> WebhookReading:
        return self._gate.read(request)

    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply:
        return webhook.answer(verdict)

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        reading = mapping.Reading(self._tables.meanings(version), self._account.customer_code)
        return mapping.normalise(raw, reading)

    def check(self) -> str:
        answer = self._transport.read(self._wire.inventories(), self._auth, operation="check")
        count = count_inventories(answer.body)
        return (
            f"Viettel Post answers for customer {self._account.customer_code}; places of collection there: {count}. "
            "Tracking comes by webhook alone: see that its address is registered at Viettel Post."
        )
