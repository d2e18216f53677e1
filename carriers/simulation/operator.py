"""What every simulated operator has in common, so that one director can drive any of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

import httpx

from carriers.simulation.books import Books, Event
from carriers.simulation.faults import Fault, FaultPlan
from carriers.simulation.webhooks import OutgoingWebhook, WebhookSender
from carriers.states import ShipmentState
from carriers.status_table import StatusTables


@runtime_checkable
class ProvesContent(Protocol):
    """The proof of a webhook stands beside its content and covers all of it."""

    def content(self, event: Event) -> Any:
        """Return what a delivery says of an event."""
        ...

    def proven(self, content: Any, url: str) -> OutgoingWebhook:
        """Return a delivery of any ``content`` with a proof of its own, as a mistake of the operator's would arrive."""
        ...


class SimulatedOperator(ABC):
    """One operator. Drive its postmen with :meth:`report`, read its books with :meth:`orders`.

    Args:
        now: the time on the operator's clock, aware; it dates orders.
        books: where everything is written down.
        tables: what its codes mean; the first code of a state is the one its postmen use.
        faults: what goes wrong.
    """

    unlisted_code: ClassVar[str]
    """A code that no table lists, for news that nobody can explain."""

    first_place: ClassVar[str] = "BC Cao Bằng"

    def __init__(
        self, *, now: Callable[[], datetime], books: Books, tables: StatusTables, faults: FaultPlan | None = None
    ) -> None:
        self.now = now
        self.books = books
        books.now = now
        self.faults = faults or FaultPlan()
        self.webhooks: WebhookSender | None = None
        self._codes: dict[ShipmentState, str] = {}
        for code, meaning in tables.meanings().items():
            if meaning.state is not None:
                self._codes.setdefault(meaning.state, code)

    def close(self) -> None:
        """Stop sending and close the books."""
        if self.webhooks is not None:
            self.webhooks.close()
        self.books.close()

    def send_webhooks_to(self, url: str) -> None:
        """Register the customer's address: from now on its events are told there, those of the past included."""
        self.webhooks = WebhookSender(
            self.books,
            self.faults,
            write=lambda event: self.delivery(event, url),
            forge=lambda event: self.forgery(event, url),
            accepted=self.satisfied,
        )

    def delivery(self, event: Event, url: str) -> OutgoingWebhook | None:
        """Return the delivery that tells of an event, proof included; None at an operator without webhooks."""
        return None

    def forgery(self, event: Event, url: str) -> OutgoingWebhook | None:
        """Return what somebody without the operator's secrets would send; None where nothing could tell it apart."""
        return None

    def satisfied(self, event: Event, answer: httpx.Response) -> bool:
        """Whether an answer is the one that this operator wants; else the delivery comes again."""
        return answer.status_code == 200

    def orders(self) -> list[dict[str, Any]]:
        """Return per order number: state, live, created, item_codes, and every call with what was decided.

        ``create_calls`` counts calls that arrived, ``created`` those that made an order.
        """
        return self.books.summary()

    def code_of(self, state: ShipmentState) -> str:
        """Return the code under which this operator reports a state.

        Raises:
            KeyError: it has none for it.
        """
        return self._codes[state]

    def knows(self, state: ShipmentState) -> bool:
        """Whether this operator has a code for a state."""
        return state in self._codes

    def report(self, order_number: str, state: ShipmentState, at: datetime) -> int:
        """Let a postman do something; returns the event's id."""
        return self.push_event(order_number, self.code_of(state), at)

    def push_event(
        self, order_number: str, code: str | int, event_time: datetime, place: str | None = None, message: str = ""
    ) -> int:
        """Let something happen to an item, under any code; returns the event's id.

        Raises:
            ValueError: ``event_time`` has no time zone.
        """
        if event_time.tzinfo is None:
            raise ValueError(f"naive time {event_time.isoformat()}: every instant needs a time zone")
        customer = self.books.customer_of(order_number) or self.default_customer
        order = self.books.order(customer, order_number)
        item_code = order.item_code if order and self.tells_item_code(str(code)) else None
        event = Event(customer, order_number, str(code), event_time, place or self.first_place, item_code, message)
        return self._append(event)

    @property
    @abstractmethod
    def default_customer(self) -> str:
        """Whose event it is when nobody ordered the number."""

    def tells_item_code(self, code: str) -> bool:
        """Whether news under this code carries the waybill."""
        return True

    def _append(self, event: Event) -> int:
        event_id = self.books.append(event)
        if self.faults.strike(Fault.DUPLICATE_EVENTS, "tracking", event.number):
            self.books.append(event)
        if self.faults.strike(Fault.UNKNOWN_CODES, "tracking", event.number):
            later = event.happened + timedelta(seconds=1)
            self.books.append(
                Event(event.customer, event.number, self.unlisted_code, later, event.place, event.item_code)
            )
        if self.webhooks is not None:
            self.webhooks.wake()
        return event_id
