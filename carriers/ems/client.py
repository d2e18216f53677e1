"""EMS Vietnam over its MerchantSite v1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carriers.account_options import secret_of
from carriers.connector import Connector
from carriers.contract import Booking, BookingRequest, FeedItem, Normalised, OrderRef
from carriers.ems import mapping, webhook
from carriers.ems.answers import REFUSED, count_services, judge, read_booking, read_history
from carriers.ems.orders import LOGGABLE, Wire
from carriers.ems.settings import load_settings, receives_webhooks
from carriers.outcomes import Rejected
from carriers.plugin import Runtime
from carriers.status_table import StatusTables
from carriers.transport import NoCredentials, Transport
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest
from config.accounts import CarrierAccount

_UNKNOWN_ITEM = (REFUSED, "http_404")


class EmsCarrier(Connector):
    """One account."""

    carrier = mapping.CARRIER

    def __init__(self, account: CarrierAccount, runtime: Runtime, tables: StatusTables) -> None:
        self._settings = settings = load_settings(account)
        transport = Transport(account, settings.transport, runtime, LOGGABLE, judge)
        super().__init__(account, transport, tables, settings.confirmed_statuses)
        self._wire = Wire(self._settings, secret_of(account, "merchant_token"))
        self._gate = webhook.Gate(
            secret_of(account, "path_secret"), self._settings.allow_networks, self._settings.trust_webhooks
        )
        self._auth = NoCredentials()  # the token is part of every question

    @property
    def renews_token(self) -> bool:
        return False  # a merchant token is given by people

    def serves(self, province_code: str) -> bool:
        return self._settings.serves(province_code)

    def book(self, request: BookingRequest) -> Booking:
        number = request.order_number
        answer = self._transport.write(self._wire.order(request), self._auth, operation="book", order_number=number)
        return read_booking(answer, number)

    @property
    def items_at_once(self) -> int:
        return 1

    def track(self, orders: Sequence[OrderRef]) -> tuple[FeedItem, ...]:
        return tuple(item for order in orders if order.waybill for item in self._history(order, order.waybill))

    def read_webhook(self, request: WebhookRequest) -> WebhookReading:
        return self._gate.read(request)

    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply:
        return webhook.reply(request, verdict)

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        return mapping.normalise(raw, mapping.Reading(self._tables.meanings(version), self._account.customer_code))

    def check(self) -> str:
        services = count_services(self._transport.read(self._wire.services(), self._auth, operation="check"))
        heard = "received" if receives_webhooks(self._settings, self._account) else "refused"
        return f"EMS Vietnam answers and lists {services} services; its webhooks are {heard}."

    def _history(self, order: OrderRef, tracking_code: str) -> tuple[FeedItem, ...]:
        try:
            answer = self._transport.read(self._wire.tracking(tracking_code), self._auth, operation="track")
        except Rejected as error:
            # EMS's one kind of no: to a question about one item it means that it knows nothing of it (yet).
            if error.code in _UNKNOWN_ITEM:
                return ()
            raise
        return mapping.feed_items(order, read_history(answer, order))
