"""What every operator's connector must do, whoever it is: one suite, run against the connector and its simulator.

Provide a :class:`Harness` and run every check of :func:`checks_for`. A check raises :class:`NotConformingError`, so it
works under any test runner. Each check uses order numbers of its own, so they may share one simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import Any, Protocol

from carriers.call_log import CallRecord
from carriers.capabilities import CanCancel, CanCheck, CanFindByReference, CanQuote, CanTrackFeed
from carriers.contract import (
    BookingRequest,
    Carrier,
    Certainty,
    ChangeOutcome,
    Normalised,
    OrderRef,
    QuoteRequest,
    TrackingEvent,
    Undecodable,
)
from carriers.outcomes import CarrierError, OutcomeUnknown, Throttled


class NotConformingError(AssertionError):
    """A connector breaks the contract; the message says which part."""


class Trouble(StrEnum):
    """What a harness must be able to make the simulator do to the next call about an order."""

    ANSWER_LOST = "answer_lost"
    REQUEST_LOST = "request_lost"
    SERVER_ERROR_AFTER = "server_error_after"
    MALFORMED = "malformed"
    TOKEN_EXPIRED = "token_expired"
    THROTTLED = "throttled"


class Harness(Protocol):
    """One connector and the simulator it talks to."""

    @property
    def carrier(self) -> Carrier: ...

    @property
    def records(self) -> Sequence[CallRecord]:
        """Every call record so far."""
        ...

    @property
    def renews_token(self) -> bool:
        """Whether this connector fetches tokens, so that an expired one is no failure."""
        ...

    def request(self, check: str) -> BookingRequest:
        """Return a valid request with an order number made from ``check``."""
        ...

    def inject(self, trouble: Trouble, order_number: str) -> None:
        """Let the next call about ``order_number`` meet ``trouble``; a throttled one with ``Retry-After: 1``."""
        ...

    def created(self, order_number: str) -> int:
        """Return how many orders of this number the operator ever made."""
        ...

    def live(self, order_number: str) -> int:
        """Return how many orders of this number are live at the operator."""
        ...

    def push_unknown_code(self, order_number: str) -> str:
        """Let the operator report something with a code that no table lists; returns the code."""
        ...


Check = Callable[[Harness], None]

_HOSTILE: tuple[Any, ...] = (
    *(None, True, 7, 1.5, "x", "", [], {}),
    *([None, [], {"a": {}}], {"data": [None]}, {"x": "\ud800\x00"}),
)


def books_once(harness: Harness) -> None:
    """A booking makes one order, and says that it is new."""
    request = harness.request("books-once")
    booking = harness.carrier.book(request)
    _expect(booking.order_number == request.order_number, "the booking names another order")
    _expect(not booking.already_existed, "a first booking is reported as already existing")
    _expect(harness.created(request.order_number) == 1, "one booking did not make one order")


def duplicate_is_success(harness: Harness) -> None:
    """Booking the same order again finds it there and makes no second one."""
    request = harness.request("duplicate")
    harness.carrier.book(request)
    again = harness.carrier.book(request)
    _expect(again.already_existed, "the operator's refusal of a duplicate is not reported as an existing booking")
    _expect(harness.created(request.order_number) == 1, "a duplicate made a second order")


def lost_answer_is_unknown(harness: Harness) -> None:
    """Booked, but nobody said so: unknown, and not sent again."""
    request = harness.request("lost-answer")
    harness.inject(Trouble.ANSWER_LOST, request.order_number)
    _refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    _expect(harness.created(request.order_number) == 1, "a booking whose answer was lost was sent more than once")


def lost_request_is_unknown(harness: Harness) -> None:
    """Not booked, but nobody said so either: the same unknown."""
    request = harness.request("lost-request")
    harness.inject(Trouble.REQUEST_LOST, request.order_number)
    _refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    _expect(harness.created(request.order_number) == 0, "a booking without an answer was sent again by itself")


def server_error_is_unknown(harness: Harness) -> None:
    """A server error after a booking proves nothing."""
    request = harness.request("server-error")
    harness.inject(Trouble.SERVER_ERROR_AFTER, request.order_number)
    _refused(OutcomeUnknown, lambda: harness.carrier.book(request))


def malformed_answer_is_unknown(harness: Harness) -> None:
    """An answer that cannot be read proves nothing."""
    request = harness.request("malformed")
    harness.inject(Trouble.MALFORMED, request.order_number)
    _refused(OutcomeUnknown, lambda: harness.carrier.book(request))


def lost_booking_is_found(harness: Harness) -> None:
    """An order whose answer was lost can be found by our number; one never sent cannot."""
    request, carrier = harness.request("adoption"), harness.carrier
    if not isinstance(carrier, CanFindByReference):
        raise _lacks("find_by_reference")
    _expect(carrier.find(request.order_number) is None, "an order that was never booked is found")
    harness.inject(Trouble.ANSWER_LOST, request.order_number)
    _refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    found = carrier.find(request.order_number)
    _expect(found is not None and found.already_existed, "a booking whose answer was lost cannot be adopted")


def expired_token_is_renewed(harness: Harness) -> None:
    """A token that expires on the way costs a renewal, not the booking."""
    if not harness.renews_token:
        return
    request = harness.request("token")
    harness.inject(Trouble.TOKEN_EXPIRED, request.order_number)
    harness.carrier.book(request)
    _expect(harness.created(request.order_number) == 1, "an expired token kept the order from being made once")


def throttling_says_when(harness: Harness) -> None:
    """A request to slow down is passed on with its pause, and the pause is kept."""
    request = harness.request("throttled")
    harness.inject(Trouble.THROTTLED, request.order_number)
    error = _refused(Throttled, lambda: harness.carrier.book(request))
    _expect(isinstance(error, Throttled) and error.retry_after == 1.0, "Retry-After is not passed on")
    paused = _refused(Throttled, lambda: harness.carrier.book(request))
    _expect(paused.code == "paused", "the pause that the operator asked for is not kept")
    _expect(harness.created(request.order_number) == 0, "a throttled booking was made")


def cancelling_twice_is_harmless(harness: Harness) -> None:
    """The first cancellation works, the second one hurts nobody."""
    request = harness.request("cancel")
    carrier = harness.carrier
    if not isinstance(carrier, CanCancel):
        raise _lacks("cancel")
    harness.carrier.book(request)
    first, second = carrier.cancel(OrderRef(request.order_number)), carrier.cancel(OrderRef(request.order_number))
    _expect(first.outcome in (ChangeOutcome.ACCEPTED, ChangeOutcome.PENDING), "a live order cannot be cancelled")
    _expect(isinstance(second.outcome, ChangeOutcome), "a second cancellation has no outcome")
    _expect(harness.live(request.order_number) == 0, "an order lives on after its cancellation")


def cancelling_nothing_is_no_success(harness: Harness) -> None:
    """An order the operator never had is not reported as cancelled."""
    carrier = harness.carrier
    if not isinstance(carrier, CanCancel):
        raise _lacks("cancel")
    outcome = carrier.cancel(OrderRef(harness.request("never-booked").order_number)).outcome
    _expect(outcome in (ChangeOutcome.NOT_FOUND, ChangeOutcome.REFUSED), "cancelling an unknown order is a success")


def lost_cancellation_is_unknown(harness: Harness) -> None:
    """A cancellation without an answer may have worked."""
    request = harness.request("lost-cancel")
    carrier = harness.carrier
    if not isinstance(carrier, CanCancel):
        raise _lacks("cancel")
    harness.carrier.book(request)
    harness.inject(Trouble.ANSWER_LOST, request.order_number)
    _refused(OutcomeUnknown, lambda: carrier.cancel(OrderRef(request.order_number)))


def price_is_positive(harness: Harness) -> None:
    """A price is a positive sum in đồng, or absent."""
    carrier, sender = harness.carrier, harness.request("price").sender
    if not isinstance(carrier, CanQuote):
        raise _lacks("quote")
    quote = carrier.quote(QuoteRequest(200, sender.province_code, sender.province_code))
    _expect(quote is None or quote.vnd > 0, "the price is not a positive sum")


def unknown_code_is_kept(harness: Harness) -> None:
    """A code that no table lists becomes an event without a state."""
    request = harness.request("unknown-code")
    harness.carrier.book(request)
    code = harness.push_unknown_code(request.order_number)
    events = [event for event in _feed_events(harness) if event.order_number == request.order_number]
    unknown = [event for event in events if event.code == code]
    _expect(len(unknown) == 1, "an event with an unknown code is lost")
    _expect(unknown[0].state is None and unknown[0].certainty is Certainty.UNKNOWN, "an unknown code is guessed")
    _expect(unknown[0].event_time.utcoffset() is not None, "an event time has no zone")


def feed_ends_where_it_ended(harness: Harness) -> None:
    """Past the last event the cursor stays."""
    carrier = harness.carrier
    if not isinstance(carrier, CanTrackFeed):
        raise _lacks("track_feed")
    harness.carrier.book(harness.request("feed-end"))
    cursor: str | None = None
    while (page := carrier.feed_page(cursor, limit=3)).items:
        cursor = page.next_cursor
    _expect(page.next_cursor == cursor, "an empty page moves the cursor")


def same_fact_has_same_key(harness: Harness) -> None:
    """Reading an event twice gives it the same key."""
    harness.carrier.book(harness.request("same-key"))
    first, second = ({event.key for event in _feed_events(harness)} for _ in range(2))
    _expect(first == second, "reading the feed again gives the same events other keys")


def any_input_is_survived(harness: Harness) -> None:
    """Whatever JSON comes in, something that can be kept comes out."""
    for raw in _HOSTILE:
        results = harness.carrier.normalise(raw)
        kinds_are_right = all(isinstance(result, TrackingEvent | Undecodable) for result in results)
        _expect(kinds_are_right, f"normalise({raw!r}) gives something that is neither an event nor undecodable")


def log_holds_nothing_personal(harness: Harness) -> None:
    """The call log names the order, and neither persons nor secrets."""
    request = harness.request("privacy")
    harness.carrier.book(request)
    hidden = [
        value for party in (request.sender, request.receiver) for value in (party.name, party.phone, party.address)
    ]
    hidden += [secret.get_secret_value() for secret in harness.carrier.account.secrets.values()]
    log = "\n".join(repr(record) for record in harness.records)
    _expect(request.order_number in log, "the call log does not name the order")
    _expect(not any(value in log for value in hidden), "the call log holds personal data or a secret")


def connection_can_be_checked(harness: Harness) -> None:
    """The check says what it found."""
    carrier = harness.carrier
    if not isinstance(carrier, CanCheck):
        raise _lacks("check")
    _expect(bool(carrier.check()), "the check says nothing")


_EVERYBODY: tuple[Check, ...] = (
    books_once,
    duplicate_is_success,
    lost_answer_is_unknown,
    lost_request_is_unknown,
    server_error_is_unknown,
    malformed_answer_is_unknown,
    expired_token_is_renewed,
    throttling_says_when,
    any_input_is_survived,
    log_holds_nothing_personal,
)
_BY_CAPABILITY: dict[str, tuple[Check, ...]] = {
    "cancel": (cancelling_twice_is_harmless, cancelling_nothing_is_no_success, lost_cancellation_is_unknown),
    "quote": (price_is_positive,),
    "track_feed": (unknown_code_is_kept, feed_ends_where_it_ended, same_fact_has_same_key),
    "find_by_reference": (lost_booking_is_found,),
    "check": (connection_can_be_checked,),
}


def checks_for(capabilities: Collection[str]) -> list[Check]:
    """Return the checks that concern a connector with these capabilities (names as in ``contract.CAPABILITIES``)."""
    return [*_EVERYBODY, *(check for name in capabilities for check in _BY_CAPABILITY.get(name, ()))]


def _feed_events(harness: Harness) -> list[TrackingEvent]:
    carrier = harness.carrier
    if not isinstance(carrier, CanTrackFeed):
        raise _lacks("track_feed")
    cursor: str | None = None
    events: list[Normalised] = []
    while (page := carrier.feed_page(cursor)).items:
        events += carrier.normalise([item.raw for item in page.items])
        cursor = page.next_cursor
    return [event for event in events if isinstance(event, TrackingEvent)]


def _refused(outcome: type[CarrierError], call: Callable[[], Any]) -> CarrierError:
    try:
        result = call()
    except outcome as error:
        _expect(bool(str(error)), f"{outcome.__name__} says nothing to the clerk")
        return error
    raise NotConformingError(f"expected {outcome.__name__}, got {result!r}")


def _lacks(capability: str) -> NotConformingError:
    return NotConformingError(f"the connector claims the capability '{capability}' and does not have it")


def _expect(kept: bool, breach: str) -> None:
    if not kept:
        raise NotConformingError(breach)
