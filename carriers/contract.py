"""What the house needs from a postal operator: few required methods, and optional capabilities apart.

Callers narrow with ``isinstance(carrier, CanCancel)`` and do without what is not there; no method answers
"not supported". Methods raise the outcomes of :mod:`carriers.outcomes` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

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
class BookingRequest:
    """One order for the operator.

    ``order_number`` is ours and the same on every retry. ``waybill`` comes from the pre-allocated pool, where there is
    one. ``pickup_on`` is a day in Vietnam's calendar; operators without a field for it are told in the note.
    """

    order_number: str
    sender: Party
    receiver: Party
    contents: tuple[str, ...]
    note: str = ""
    cod_vnd: int = 0
    waybill: str | None = None
    pickup_on: date | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """The operator holds the order.

    ``waybill`` is None until the operator tells it, usually in the first tracking event. ``already_existed`` is true
    when it refused a duplicate or was found to hold the order from an earlier call.
    """

    order_number: str
    waybill: str | None
    already_existed: bool


class CancelOutcome(StrEnum):
    """What the operator said to a cancellation."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The operator's answer to a cancellation, with its own words for the clerk."""

    outcome: CancelOutcome
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
class FeedItem:
    """One document of an operator's feed, untouched. ``id`` is the operator's, or a digest where it has none."""

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
    """How an account's connection stands; ``paused_for`` is the rest of a pause the operator asked for, in seconds."""

    breaker: BreakerState
    paused_for: float


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


@runtime_checkable
class CanCancel(Protocol):
    """The operator takes cancellations. Cancelling twice is harmless."""

    def cancel(self, order_number: str) -> Cancellation: ...


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
class CanCheck(Protocol):
    """Credentials and connection can be tried without changing anything."""

    def check(self) -> str:
        """Return one line for the person who runs ``postal doctor``; raises an outcome when it does not work."""
        ...


CAPABILITIES: dict[str, type] = {
    "cancel": CanCancel,
    "quote": CanQuote,
    "track_feed": CanTrackFeed,
    "find_by_reference": CanFindByReference,
    "waybill_pool": UsesWaybillPool,
    "check": CanCheck,
}


def capabilities_of(carrier: Carrier) -> Sequence[str]:
    """Return the names of the capabilities that ``carrier`` has."""
    return [name for name, protocol in CAPABILITIES.items() if isinstance(carrier, protocol)]
