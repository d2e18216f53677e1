"""What the house needs from every postal operator, and the values that go to it and come from it.

Whatever an operator can do beyond that is a capability (:mod:`carriers.capabilities`). Methods raise the outcomes of
:mod:`carriers.outcomes` and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Protocol

from carriers.breaker import BreakerState
from carriers.states import ShipmentState
from config.accounts import CarrierAccount


class Certainty(StrEnum):
    """How well the meaning of an operator's code is known, from signed off to not at all."""

    CONFIRMED = "confirmed"
    DOCUMENTED = "documented"
    INFERRED = "inferred"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver. Province and district are General Statistics Office codes with leading zeros (``04``)."""

    name: str
    phone: str
    address: str
    province_code: str
    district_code: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class PickupWindow:
    """When on a day the postman comes for papers, Vietnam local time."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One order for the operator.

    ``order_number`` is ours and the same on every retry. ``waybill`` comes from the pre-allocated pool, where there is
    one. ``pickup_on`` is a day in Vietnam's calendar; operators without a field for it are told in the note.
    ``pickup_window`` is one of those that the operator offers. ``weight_grams`` is what papers are taken to weigh.
    """

    order_number: str
    sender: Party
    receiver: Party
    contents: tuple[str, ...]
    note: str = ""
    cod_vnd: int = 0
    waybill: str | None = None
    pickup_on: date | None = None
    pickup_window: PickupWindow | None = None
    weight_grams: int = 200


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order by all the names under which its operator may know it.

    ``operator_id`` is the operator's own id of the order where that is not the waybill.
    """

    order_number: str
    waybill: str | None = None
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """The operator holds the order.

    ``waybill`` is None until the operator tells it, usually in the first tracking event. ``already_existed`` is true
    when it refused a duplicate or was found to hold the order from an earlier call. ``operator_id`` as in
    :class:`OrderRef`.
    """

    order_number: str
    waybill: str | None
    already_existed: bool
    operator_id: str | None = None


class ChangeOutcome(StrEnum):
    """What the operator said to a change of an order: a cancellation, or another address."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """The operator's answer to a change of an order, with its own words for the clerk."""

    outcome: ChangeOutcome
    operator_words: str


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What a price depends on; areas are General Statistics Office codes as in :class:`Party`."""

    weight_grams: int
    sender_province: str
    receiver_province: str
    sender_district: str | None = None
    receiver_district: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Postage in whole Vietnamese đồng."""

    vnd: int


@dataclass(frozen=True, slots=True)
class Label:
    """What is stuck on the parcel, as the operator draws it: a document, or the address of one."""

    content: bytes
    media_type: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One document from an operator, untouched. ``id`` is the operator's, or a digest where it has none."""

    id: str
    raw: Any


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Documents after a cursor, in the operator's order. An empty page leaves the cursor where it was."""

    items: tuple[FeedItem, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One thing that happened to a shipment, as the operator tells it.

    Attributes:
        account_ref: the operator's customer code the event belongs to.
        state: None when the code is unknown or the event is about money only.
        reason: why, in our vocabulary (``receiver_absent``), where the status table knows it.
        moves_custody: the papers change hands with this event.
        event_time: when it happened, UTC; never when we heard of it.
        key: digest of the fact itself, so the same event under another feed id is the same event.
    """

    carrier: str
    account_ref: str
    order_number: str
    waybill: str | None
    code: str
    state: ShipmentState | None
    reason: str | None
    money_only: bool
    moves_custody: bool
    certainty: Certainty
    event_time: datetime
    location: str | None
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A document that is not an event, kept with the reason so that its neighbours are not lost with it."""

    carrier: str
    reason: str
    raw: Any


Normalised = TrackingEvent | Undecodable


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How an account's connection stands.

    Attributes:
        paused_for: the rest of a pause the operator asked for, in seconds.
        breaker_enforced: false while the breaker only shows what it would do.
        under_way: calls of this process that have no answer yet.
        calls_a_minute: the rate that was agreed; None where there is none.
        at_once: how many there may be.
    """

    breaker: BreakerState
    paused_for: float
    breaker_enforced: bool = True
    under_way: int = 0
    calls_a_minute: float | None = None
    at_once: int = 16


class Carrier(Protocol):
    """Every operator can do this much."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> CarrierAccount: ...

    def book(self, request: BookingRequest) -> Booking:
        """Book ``request``; a duplicate that the operator refuses is a booking too.

        Raises:
            Retryable: certainly not booked; ``Throttled`` and ``CircuitOpen`` say when to come back.
            Unauthorized: the account must be corrected first.
            Rejected: the operator, or a check of ours before the call, says no.
            OutcomeUnknown: perhaps booked.
        """
        ...

    def status(self) -> ConnectionStatus:
        """Return how the connection stands, for staff; asks nobody."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...

    def normalise(self, raw: Any, version: str | None = None) -> list[Normalised]:
        """Translate anything the operator sent into events, by status table ``version`` (None: the current one).

        Never raises on any JSON value.

        Raises:
            KeyError: there is no such version.
        """
        ...
