"""What every operator's connector must do, whoever it is: one suite, run against the connector and its simulator.

Make a :class:`Harness` and run every check of :func:`checks_for`. A check raises :class:`NotConformingError`, so it
works under any test runner. Each check uses order numbers of its own, so they may share one simulator.
"""

from __future__ import annotations

from collections.abc import Collection

from carriers.conformance import booking, changes, inputs, tracking, webhooks
from carriers.conformance.harness import Check, Harness, NotConformingError

_EVERYBODY: tuple[Check, ...] = (*booking.CHECKS, *inputs.CHECKS, *tracking.CHECKS)
_BY_CAPABILITY: dict[str, tuple[Check, ...]] = {
    **changes.CHECKS,
    "refuses_duplicates": (booking.duplicate_is_success,),
    "quote": (inputs.price_is_positive,),
    "check": (inputs.connection_can_be_checked,),
    "find_by_reference": (booking.lost_booking_is_found,),
    "track_feed": (tracking.feed_ends_where_it_ended,),
    "track_items": (tracking.unknown_items_are_silent,),
    "webhook": webhooks.CHECKS,
}


def checks_for(capabilities: Collection[str]) -> list[Check]:
    """Return the checks for a connector with these capabilities (names as in ``capabilities.CAPABILITIES``)."""
    return [*_EVERYBODY, *(check for name in capabilities for check in _BY_CAPABILITY.get(name, ()))]


__all__ = ["Check", "Harness", "NotConformingError", "checks_for"]
