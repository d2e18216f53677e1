"""Booking: one order for one booking, whatever becomes of the answers."""

from __future__ import annotations

from carriers.capabilities import CanFindByReference
from carriers.conformance.harness import Check, Harness, expect, lacks, refused
from carriers.outcomes import OutcomeUnknown, Throttled
from carriers.simulation import Fault


def books_once(harness: Harness) -> None:
    """A booking makes one order, and says that it is new."""
    request = harness.request("books-once")
    booking = harness.carrier.book(request)
    expect(booking.order_number == request.order_number, "the booking names another order")
    expect(not booking.already_existed, "a first booking is reported as already existing")
    expect(harness.created(request.order_number) == 1, "one booking did not make one order")


def duplicate_is_success(harness: Harness) -> None:
    """Booking the same order again finds it there and makes no second one."""
    request = harness.request("duplicate")
    harness.carrier.book(request)
    again = harness.carrier.book(request)
    expect(again.already_existed, "the operator's refusal of a duplicate is not reported as an existing booking")
    expect(harness.created(request.order_number) == 1, "a duplicate made a second order")


def lost_answer_is_unknown(harness: Harness) -> None:
    """Booked, but nobody said so: unknown, and not sent again."""
    request = harness.request("lost-answer")
    harness.inject(Fault.TIMEOUT_AFTER, request.order_number)
    refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    expect(harness.created(request.order_number) == 1, "a booking whose answer was lost was sent more than once")


def lost_request_is_unknown(harness: Harness) -> None:
    """Not booked, but nobody said so either: the same unknown."""
    request = harness.request("lost-request")
    harness.inject(Fault.TIMEOUT_BEFORE, request.order_number)
    refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    expect(harness.created(request.order_number) == 0, "a booking without an answer was sent again by itself")


def server_error_is_unknown(harness: Harness) -> None:
    """A server error after a booking proves nothing."""
    request = harness.request("server-error")
    harness.inject(Fault.ERROR_AFTER, request.order_number)
    refused(OutcomeUnknown, lambda: harness.carrier.book(request))


def malformed_answer_is_unknown(harness: Harness) -> None:
    """An answer that cannot be read proves nothing."""
    request = harness.request("malformed")
    harness.inject(Fault.MALFORMED, request.order_number)
    refused(OutcomeUnknown, lambda: harness.carrier.book(request))


def lost_booking_is_found(harness: Harness) -> None:
    """An order whose answer was lost can be found by our number; one never sent cannot."""
    request, carrier = harness.request("adoption"), harness.carrier
    if not isinstance(carrier, CanFindByReference):
        raise lacks("find_by_reference")
    expect(carrier.find(request.order_number) is None, "an order that was never booked is found")
    harness.inject(Fault.TIMEOUT_AFTER, request.order_number)
    refused(OutcomeUnknown, lambda: harness.carrier.book(request))
    found = carrier.find(request.order_number)
    expect(found is not None and found.already_existed, "a booking whose answer was lost cannot be adopted")


def expired_token_is_renewed(harness: Harness) -> None:
    """A token that expires on the way costs a renewal, not the booking."""
    if not harness.renews_token:
        return
    request = harness.request("token")
    harness.inject(Fault.EXPIRED_TOKEN, request.order_number)
    harness.carrier.book(request)
    expect(harness.created(request.order_number) == 1, "an expired token kept the order from being made once")


def throttling_says_when(harness: Harness) -> None:
    """A request to slow down is passed on with its pause, and the pause is kept."""
    request = harness.request("throttled")
    harness.inject(Fault.THROTTLED, request.order_number)
    error = refused(Throttled, lambda: harness.carrier.book(request))
    expect(isinstance(error, Throttled) and error.retry_after == 1.0, "Retry-After is not passed on")
    paused = refused(Throttled, lambda: harness.carrier.book(request))
    expect(paused.code == "paused", "the pause that the operator asked for is not kept")
    expect(harness.created(request.order_number) == 0, "a throttled booking was made")


CHECKS: tuple[Check, ...] = (
    books_once,
    lost_answer_is_unknown,
    lost_request_is_unknown,
    server_error_is_unknown,
    malformed_answer_is_unknown,
    expired_token_is_renewed,
    throttling_says_when,
)
