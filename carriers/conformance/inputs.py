"""What comes in is survived, and what goes out into the log is harmless."""

from __future__ import annotations

from typing import Any

from carriers.capabilities import CanCheck, CanQuote
from carriers.conformance.harness import Check, Harness, expect, lacks
from carriers.contract import QuoteRequest, TrackingEvent, Undecodable

_HOSTILE: tuple[Any, ...] = (
    *(None, True, 7, 1.5, "x", "", [], {}),
    *([None, [], {"a": {}}], {"data": [None]}, {"data": {}}, {"DATA": 7}, {"x": "\ud800\x00"}, [[[[]]]]),
)


def any_input_is_survived(harness: Harness) -> None:
    """Whatever JSON comes in, something that can be kept comes out."""
    for raw in _HOSTILE:
        results = harness.carrier.normalise(raw)
        kinds_are_right = all(isinstance(result, TrackingEvent | Undecodable) for result in results)
        expect(kinds_are_right, f"normalise({raw!r}) gives something that is neither an event nor undecodable")


def log_holds_nothing_personal(harness: Harness) -> None:
    """The call log names the order, and neither persons nor secrets."""
    request = harness.request("privacy")
    harness.carrier.book(request)
    hidden = [
        value for party in (request.sender, request.receiver) for value in (party.name, party.phone, party.address)
    ]
    hidden += [secret.get_secret_value() for secret in harness.carrier.account.secrets.values()]
    log = "\n".join(repr(record) for record in harness.records)
    expect(request.order_number in log, "the call log does not name the order")
    expect(not any(value in log for value in hidden), "the call log holds personal data or a secret")


def price_is_positive(harness: Harness) -> None:
    """A price is a positive sum in đồng, or absent."""
    carrier, sender = harness.carrier, harness.request("price").sender
    if not isinstance(carrier, CanQuote):
        raise lacks("quote")
    quote = carrier.quote(QuoteRequest(200, sender.province_code, sender.province_code))
    expect(quote is None or quote.vnd > 0, "the price is not a positive sum")


def connection_can_be_checked(harness: Harness) -> None:
    """The check says what it found."""
    carrier = harness.carrier
    if not isinstance(carrier, CanCheck):
        raise lacks("check")
    expect(bool(carrier.check()), "the check says nothing")


CHECKS: tuple[Check, ...] = (any_input_is_survived, log_holds_nothing_personal)
