"""What an operator may be able to do beyond booking: each capability is a small Protocol of its own.

Callers narrow with ``isinstance(carrier, CanCancel)`` and do without what is not there; no method answers
"not supported". Methods raise the outcomes of :mod:`carriers.outcomes` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from carriers.contract import (
    Booking,
    Carrier,
    Change,
    FeedItem,
    FeedPage,
    Label,
    OrderRef,
    Party,
    PickupWindow,
    Quote,
    QuoteRequest,
)
from carriers.webhooks import Verdict, WebhookReading, WebhookReply, WebhookRequest


@runtime_checkable
class CanCancel(Protocol):
    """The operator takes cancellations. Cancelling twice is harmless."""

    @property
    def cancels_by_reference(self) -> bool:
        """Whether our order number is enough, so that an order whose answer was lost can be cancelled to be sure."""
        ...

    def cancel(self, order: OrderRef) -> Change: ...


@runtime_checkable
class CanChangeAddress(Protocol):
    """The operator takes another receiver or address for an order it already holds."""

    def change_address(self, order: OrderRef, receiver: Party) -> Change: ...


@runtime_checkable
class CanRecall(Protocol):
    """The operator brings back papers that it has collected (Postal Law Art. 16(2)). Asking twice is harmless."""

    def recall(self, order: OrderRef) -> Change: ...


@runtime_checkable
class OffersPickupWindows(Protocol):
    """The citizen may choose when on the day the postman comes (Decision 45/2016/QĐ-TTg Art. 6(1))."""

    @property
    def pickup_windows(self) -> tuple[PickupWindow, ...]:
        """The windows of a working day, in order."""
        ...


@runtime_checkable
class CanLabel(Protocol):
    """The operator draws the label."""

    def label(self, order: OrderRef) -> Label: ...


@runtime_checkable
class CanQuote(Protocol):
    """The operator tells prices before booking."""

    def quote(self, request: QuoteRequest) -> Quote | None:
        """Return the price, or None when this account has no price service: show the published tariff."""
        ...


@runtime_checkable
class CanTrackFeed(Protocol):
    """Tracking is one feed for the whole account, read with a cursor that the caller keeps."""

    def feed_page(self, cursor: str | None, limit: int = 1000) -> FeedPage:
        """Return what comes after ``cursor`` (None: from the beginning)."""
        ...


@runtime_checkable
class CanTrackItems(Protocol):
    """Orders are tracked by asking for them, a few at a time."""

    @property
    def items_at_once(self) -> int:
        """How many orders one question may name."""
        ...

    def track(self, orders: Sequence[OrderRef]) -> tuple[FeedItem, ...]:
        """Return what the operator says of ``orders`` now, as documents for the inbox; none of an unknown one."""
        ...


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """The operator tells us of events by itself, over HTTP, and expects an answer in its own words."""

    def read_webhook(self, request: WebhookRequest) -> WebhookReading:
        """Verify and take apart a delivery; never raises, whatever came in."""
        ...

    def answer_webhook(self, request: WebhookRequest, verdict: Verdict) -> WebhookReply:
        """Return the answer in the operator's dialect, byte for byte."""
        ...


@runtime_checkable
class CanAskForWebhooks(Protocol):
    """The operator tells a journey again when asked, for orders that have been silent or whose reports were lost."""

    def resend_journey(self, order: OrderRef) -> None: ...


@runtime_checkable
class RefusesDuplicates(Protocol):
    """The operator never makes a second order of the same number, so a booking may be sent again to be sure."""

    @property
    def refuses_duplicates(self) -> bool: ...


@runtime_checkable
class CanFindByReference(Protocol):
    """An order can be looked up by our number after a call whose answer was lost."""

    def find(self, order_number: str, since: str | None = None) -> Booking | None:
        """Return the booking, or None: not seen so far, which is not proof that it does not exist.

        ``since`` is a feed cursor from before the booking, for operators that can only be asked by feed.
        """
        ...


@runtime_checkable
class UsesWaybillPool(Protocol):
    """Waybills may come from a range that the operator gave us beforehand."""

    @property
    def needs_waybill(self) -> bool:
        """Whether this account's bookings must carry one."""
        ...


@runtime_checkable
class KnowsItsProvinces(Protocol):
    """Only the provinces of a table of the account's can be booked. Not among the names below: it is a setting."""

    def serves(self, province_code: str) -> bool:
        """Whether an order from or to a province (GSO code) can be written down for the operator at all."""
        ...


@runtime_checkable
class CanCheck(Protocol):
    """Credentials and connection can be tried without changing anything."""

    def check(self) -> str:
        """Return one line for the person who runs ``postal doctor``; raises an outcome when it does not work."""
        ...


CAPABILITIES: dict[str, type] = {
    "cancel": CanCancel,
    "change_address": CanChangeAddress,
    "recall": CanRecall,
    "quote": CanQuote,
    "label": CanLabel,
    "pickup_windows": OffersPickupWindows,
    "track_items": CanTrackItems,
    "track_feed": CanTrackFeed,
    "webhook": ReceivesWebhooks,
    "resend_journey": CanAskForWebhooks,
    "find_by_reference": CanFindByReference,
    "refuses_duplicates": RefusesDuplicates,
    "waybill_pool": UsesWaybillPool,
    "check": CanCheck,
}


def capabilities_of(carrier: Carrier) -> Sequence[str]:
    """Return the names of the capabilities that ``carrier`` has."""
    return [name for name, protocol in CAPABILITIES.items() if isinstance(carrier, protocol)]
