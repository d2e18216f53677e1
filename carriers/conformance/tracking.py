"""Tracking: every code is read by the table, the same fact is the same event, times have a zone."""

from __future__ import annotations

from datetime import timedelta

from carriers import registry
from carriers.capabilities import CanTrackFeed, CanTrackItems
from carriers.conformance.harness import Check, Harness, expect, lacks
from carriers.contract import Certainty, OrderRef


def every_code_is_read_by_the_table(harness: Harness) -> None:
    """Each listed code gives the state, the reason and the certainty that the table says."""
    order = harness.booked("every-code")
    meanings = registry.plugin(harness.carrier.name).tables.meanings()
    for place, code in enumerate(meanings, start=1):
        harness.happen(order.order_number, code, harness.operator.now() + timedelta(minutes=place))
    told = {event.code: event for event in harness.told(order)}
    missing = sorted(meanings.keys() - told.keys())
    expect(not missing, f"events with these codes are lost: {', '.join(missing)}")
    wrong = [code for code, meaning in meanings.items() if told[code].state is not meaning.state]
    expect(not wrong, f"these codes are not read as the table says: {', '.join(wrong)}")


def unknown_code_is_kept(harness: Harness) -> None:
    """A code that no table lists becomes an event without a state."""
    order = harness.booked("unknown-code")
    code = harness.operator.unlisted_code
    harness.happen(order.order_number, code)
    unknown = [event for event in harness.told(order) if event.code == code]
    expect(len(unknown) == 1, "an event with an unknown code is lost")
    expect(unknown[0].state is None and unknown[0].certainty is Certainty.UNKNOWN, "an unknown code is guessed")


def times_are_those_of_the_event(harness: Harness) -> None:
    """An event bears the instant at which it happened, with its zone."""
    order, happened = harness.booked("times"), harness.operator.now() - timedelta(days=2, hours=3)
    code = harness.operator.unlisted_code
    harness.happen(order.order_number, code, happened)
    (event,) = [event for event in harness.told(order) if event.code == code]
    expect(event.event_time.utcoffset() is not None, "an event time has no zone")
    expect(abs(event.event_time - happened) < timedelta(minutes=1), "an event bears another time than its own")


def same_fact_has_same_key(harness: Harness) -> None:
    """Reading an event twice gives it the same key, and two events have two."""
    order = harness.booked("same-key")
    for minutes in (1, 2):
        later = harness.operator.now() + timedelta(minutes=minutes)
        harness.happen(order.order_number, harness.operator.unlisted_code, later)
    first, second = ([event.key for event in harness.told(order)] for _ in range(2))
    expect(sorted(first) == sorted(second), "reading the events again gives them other keys")
    expect(len(set(first)) == len(first), "two events have one key")


def feed_ends_where_it_ended(harness: Harness) -> None:
    """Past the last event the cursor stays."""
    carrier = harness.carrier
    if not isinstance(carrier, CanTrackFeed):
        raise lacks("track_feed")
    harness.booked("feed-end")
    cursor: str | None = None
    while (page := carrier.feed_page(cursor, limit=3)).items:
        cursor = page.next_cursor
    expect(page.next_cursor == cursor, "an empty page moves the cursor")


def unknown_items_are_silent(harness: Harness) -> None:
    """Asking for an order that the operator does not have brings nothing, and hides none beside it."""
    carrier = harness.carrier
    if not isinstance(carrier, CanTrackItems):
        raise lacks("track_items")
    order = harness.booked("known-item")
    harness.happen(order.order_number, harness.operator.unlisted_code)
    stranger = OrderRef(harness.request("stranger").order_number, "EA000000000VN", "999999999")
    expect(carrier.items_at_once >= 1, "not one order may be asked for at once")
    if carrier.items_at_once > 1:
        both = [event for item in carrier.track([stranger, order]) for event in carrier.normalise(item.raw)]
        expect(bool(both), "an unknown order hides the known one beside it")
    events = [event for item in carrier.track([stranger]) for event in carrier.normalise(item.raw)]
    expect(not events, "an order that the operator does not have has events")


CHECKS: tuple[Check, ...] = (
    every_code_is_read_by_the_table,
    unknown_code_is_kept,
    times_are_those_of_the_event,
    same_fact_has_same_key,
)
