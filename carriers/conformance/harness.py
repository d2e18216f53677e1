"""One connector, the simulator it talks to, and what a check may do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from carriers.call_log import CallRecord
from carriers.capabilities import CanTrackFeed, CanTrackItems, ReceivesWebhooks
from carriers.contract import Booking, BookingRequest, Carrier, Normalised, OrderRef, TrackingEvent
from carriers.outcomes import CarrierError
from carriers.simulation import Event, Fault, FaultRule, OutgoingWebhook, SimulatedOperator
from carriers.webhooks import WebhookRequest

URL = "https://desk.example/webhooks/operator/account/path-secret-of-the-desk"
"""Where the checks' deliveries would be sent; nothing listens there."""


class NotConformingError(AssertionError):
    """A connector breaks the contract; the message says which part."""


@dataclass
class Harness:
    """What every check gets.

    Attributes:
        records: every call record so far.
        request: a valid request with an order number made from a check's name.
        renews_token: whether this connector fetches credentials, so that an expired one is no failure.
        path_secret: what the account expects behind its address; empty where it expects nothing.
    """

    carrier: Carrier
    operator: SimulatedOperator
    records: Sequence[CallRecord]
    request: Callable[[str], BookingRequest]
    renews_token: bool = True
    path_secret: str = ""

    def inject(self, fault: Fault, order_number: str, operation: str | None = None) -> None:
        """Let the next call about an order meet trouble; a throttled one with ``Retry-After: 1``."""
        # Zero cuts the connection at once; what a real time-out does is tried in the transport's own tests.
        seconds = 1.0 if fault is Fault.THROTTLED else 0.0
        rule = FaultRule(fault=fault, order=order_number, exact=True, operation=operation, times=1, seconds=seconds)
        self.operator.faults.replace([rule])

    def created(self, order_number: str) -> int:
        """Return how many orders of this number the operator ever made."""
        return int(self._books(order_number)["created"])

    def live(self, order_number: str) -> int:
        """Return how many orders of this number are live at the operator."""
        return int(self._books(order_number)["live"])

    def booked(self, check: str) -> OrderRef:
        """Book an order for a check; returns it by all its names."""
        request = self.request(check)
        return self.ref(request.order_number, self.carrier.book(request))

    def ref(self, order_number: str, booking: Booking) -> OrderRef:
        return OrderRef(order_number, booking.waybill, booking.operator_id)

    def happen(self, order_number: str, code: str, at: datetime | None = None) -> Event:
        """Let something happen to an order; returns it as the operator's books have it."""
        event_id = self.operator.push_event(order_number, code, at or self.operator.now())
        customer = self.operator.books.customer_of(order_number) or self.operator.default_customer
        return next(event for event in self.operator.books.events_of(customer, order_number) if event.id == event_id)

    def told(self, order: OrderRef) -> list[TrackingEvent]:
        """Return an order's events by whichever way this operator tells them: feed, question, or webhook."""
        events = [event for event in self._everything(order) if isinstance(event, TrackingEvent)]
        return [event for event in events if self._concerns(event, order)]

    def delivered(self, delivery: OutgoingWebhook | None) -> WebhookRequest:
        """Return a delivery as it arrives at our address."""
        expect(delivery is not None, "the simulator sends no webhook though the connector claims to receive them")
        assert delivery is not None  # noqa: S101 - for the type checker, after the check above
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        return WebhookRequest(headers, delivery.body, self.path_secret, "192.0.2.7", self.operator.now())

    def receiver(self) -> ReceivesWebhooks:
        if not isinstance(self.carrier, ReceivesWebhooks):
            raise lacks("webhook")
        return self.carrier

    def _everything(self, order: OrderRef) -> list[Normalised]:
        carrier = self.carrier
        if isinstance(carrier, CanTrackFeed):
            return feed_events(carrier, carrier)
        if isinstance(carrier, CanTrackItems):
            return [event for item in carrier.track([order]) for event in carrier.normalise(item.raw)]
        customer = self.operator.default_customer
        found: list[Normalised] = []
        for event in self.operator.books.events_of(customer, order.order_number):
            reading = self.receiver().read_webhook(self.delivered(self.operator.delivery(event, URL)))
            found += [one for document in reading.documents for one in carrier.normalise(document.raw)]
        return found

    def _concerns(self, event: TrackingEvent, order: OrderRef) -> bool:
        return event.order_number == order.order_number or (bool(event.waybill) and event.waybill == order.waybill)

    def _books(self, order_number: str) -> dict[str, Any]:
        rows = (row for row in self.operator.orders() if row["order_number"] == order_number)
        return next(rows, {"created": 0, "live": 0})


Check = Callable[[Harness], None]


def feed_events(carrier: Carrier, feed: CanTrackFeed) -> list[Normalised]:
    """Return every event of a feed, from its beginning to its end."""
    cursor: str | None = None
    events: list[Normalised] = []
    while (page := feed.feed_page(cursor)).items:
        events += carrier.normalise([item.raw for item in page.items])
        cursor = page.next_cursor
    return events


def refused(outcome: type[CarrierError], call: Callable[[], Any]) -> CarrierError:
    """Return the outcome that ``call`` must end with, in words for a clerk."""
    try:
        result = call()
    except outcome as error:
        expect(bool(str(error)), f"{outcome.__name__} says nothing to the clerk")
        return error
    raise NotConformingError(f"expected {outcome.__name__}, got {result!r}")


def lacks(capability: str) -> NotConformingError:
    """Return the breach of a connector that claims what it cannot do."""
    return NotConformingError(f"the connector claims the capability '{capability}' and does not have it")


def expect(kept: bool, breach: str) -> None:
    """Let a check go on while the contract is kept.

    Raises:
        NotConformingError: it is not.
    """
    if not kept:
        raise NotConformingError(breach)
