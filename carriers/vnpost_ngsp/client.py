"""VNPost through NGSP or a provincial LGSP: the interface that one-stop systems use."""

from __future__ import annotations

from typing import Any

from carriers.connector import Connector
from carriers.contract import (
    Booking,
    BookingRequest,
    Change,
    ChangeOutcome,
    FeedItem,
    FeedPage,
    Normalised,
    OrderRef,
    Quote,
    QuoteRequest,
    TrackingEvent,
)
from carriers.outcomes import Duplicate, Rejected, Retryable
from carriers.plugin import Runtime
from carriers.status_table import StatusTables
from carriers.transport import Transport
from carriers.vnpost_ngsp import mapping
from carriers.vnpost_ngsp.answers import check_order, read_cancellation
from carriers.vnpost_ngsp.area_codes import load_area_codes
from carriers.vnpost_ngsp.dialects import Credential, Operation
from carriers.vnpost_ngsp.orders import FIRST_CURSOR, LOGGABLE, PAGE_CAP, Wire
from carriers.vnpost_ngsp.settings import load_settings
from carriers.vnpost_ngsp.token import make_authoriser
from config.accounts import CarrierAccount


class NgspCarrier(Connector):
    """One account."""

    carrier = mapping.CARRIER

    def __init__(self, account: CarrierAccount, runtime: Runtime, tables: StatusTables) -> None:
        self._settings = settings = load_settings(account)
        transport = Transport(account, settings.transport, runtime, LOGGABLE)
        super().__init__(account, transport, tables, settings.confirmed_statuses)
        codes = load_area_codes(self._settings.code_list, self._settings.code_file)
        self._wire = Wire(self._settings, account.customer_code, codes)
        self._auth = make_authoriser(self._settings, account, self._transport, runtime.monotonic)

    @property
    def renews_token(self) -> bool:
        return self._settings.dialect.credential is not Credential.STATIC

    @property
    def needs_waybill(self) -> bool:
        return self._settings.with_item_code

    def book(self, request: BookingRequest) -> Booking:
        number = request.order_number
        answer = self._transport.write(self._wire.order(request), self._auth, operation="book", order_number=number)
        try:
            check_order(answer, self._settings.dialect)
        except Duplicate:
            # The order may carry the waybill of an earlier call; the feed tells which.
            return Booking(number, waybill=None, already_existed=True)
        return Booking(number, waybill=request.waybill, already_existed=False)

    def serves(self, province_code: str) -> bool:
        return province_code in self._wire.codes.provinces

    @property
    def cancels_by_reference(self) -> bool:
        return True

    def cancel(self, order: OrderRef) -> Change:
        number = order.order_number
        call = self._wire.cancel(number)
        try:
            answer = self._transport.write(call, self._auth, operation="cancel", order_number=number)
        except Rejected as error:
            return Change(ChangeOutcome.REFUSED, error.operator_words or str(error))
        return read_cancellation(answer, self._settings.dialect, self._settings.cancel_outcomes)

    def quote(self, request: QuoteRequest) -> Quote | None:
        if self._settings.url(Operation.PRICE) is None:
            return None
        answer = self._transport.read(self._wire.price(request), self._auth, operation="quote")
        content = answer.body.get("content") if isinstance(answer.body, dict) else None
        price = content.get("price") if isinstance(content, dict) else None
        if isinstance(price, bool) or not isinstance(price, int | float) or not 0 <= price < 10**9:
            raise Retryable("VNPost's answer holds no price; show the published tariff instead.", code="no_price")
        return Quote(round(price))

    def feed_page(self, cursor: str | None, limit: int = PAGE_CAP) -> FeedPage:
        answer = self._transport.read(self._wire.feed(cursor, limit), self._auth, operation="feed")
        documents = mapping.documents_of(answer.body)
        if documents is None:
            raise Retryable("VNPost's tracking feed answered something else than a page.", code="no_page")
        # The last document is the cursor, as all known callers have it: at worst one is read twice, none is missed.
        ids = [oid for oid in map(mapping.object_id, documents) if oid is not None]
        return FeedPage(mapping.feed_items(documents), next(reversed(ids), cursor or FIRST_CURSOR))

    def find(self, order_number: str, since: str | None = None) -> Booking | None:
        cursor = since
        for _ in range(self._settings.find_pages):
            page = self.feed_page(cursor)
            if (booking := self._booking_in(page.items, order_number)) is not None:
                return booking
            if page.next_cursor == (cursor or FIRST_CURSOR):
                return None
            cursor = page.next_cursor
        raise Retryable(
            f"The order was not among the last {self._settings.find_pages} pages of the feed and there are more; "
            "look it up again from a later cursor.",
            code="feed_too_long",
        )

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        reading = mapping.Reading(
            self._tables.meanings(version), self._settings.event_time_unit, self._account.customer_code
        )
        return mapping.normalise(raw, reading)

    def check(self) -> str:
        page = self.feed_page(None, limit=1)
        return (
            f"VNPost NGSP ({self._settings.variant}) answers for customer {self._account.customer_code}; "
            f"its feed holds {'events' if page.items else 'no events yet'}."
        )

    def _booking_in(self, items: tuple[FeedItem, ...], order_number: str) -> Booking | None:
        events = [e for e in self.normalise([item.raw for item in items]) if isinstance(e, TrackingEvent)]
        ours = [e for e in events if e.order_number == order_number and e.account_ref == self._account.customer_code]
        if not ours:
            return None
        waybills = [event.waybill for event in ours if event.waybill]
        return Booking(order_number, waybill=next(reversed(waybills), None), already_existed=True)
