"""How receivers are doing: one that fails is tried by one message at a time, then left alone for a while.

A thousand messages to a dead system cost the attempts of a handful, and the first that gets through opens the way.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch.outbox_rows import Delivery, OutboxDestination

_PATIENCE = 5
"""Failures in a row after which a receiver is left alone."""

_PAUSES = tuple(timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 600))
# Refusals that are about the address, our signature or the load, and not about the one message.
_OF_THE_RECEIVER = frozenset({401, 403, 404, 405, 408, 410, 429})


def room_at(receiver: OutboxDestination | None, under_way: int, at_once: int, now: datetime) -> int:
    """Return how many more deliveries a receiver may get now, with ``under_way`` on the way to it."""
    if receiver is None:
        return at_once - under_way
    if receiver.paused_until is not None and receiver.paused_until > now:
        return 0
    return (1 if receiver.failures else at_once) - under_way


def is_news(receiver: OutboxDestination | None, deliveries: Sequence[Delivery]) -> bool:
    """Whether deliveries change what is known of a receiver."""
    failing = receiver is not None and receiver.failures > 0
    return any(_is_receivers_fault(one) or (failing and one.delivered) for one in deliveries)


def note(receiver: OutboxDestination, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Take note of deliveries that came to an end at about the same time."""
    if any(one.delivered for one in deliveries):
        receiver.failures, receiver.paused_until, receiver.trouble = 0, None, None
    failed = [one for one in deliveries if _is_receivers_fault(one)]
    if not failed:
        return
    if not receiver.paused_until or receiver.paused_until <= now:  # else they began before the pause and say nothing
        tried_alone = receiver.failures >= _PATIENCE
        receiver.failures = receiver.failures + 1 if tried_alone else min(receiver.failures + len(failed), _PATIENCE)
    receiver.trouble = failed[-1].answer[:1000]
    asked = max((one.retry_after or 0.0 for one in failed), default=0.0)
    until = now + max(_pause(receiver.failures), timedelta(seconds=asked))
    if until > now:
        receiver.paused_until = max(receiver.paused_until or until, until)


def _pause(failures: int) -> timedelta:
    if failures < _PATIENCE:
        return timedelta()
    return _PAUSES[min(failures - _PATIENCE, len(_PAUSES) - 1)] * random.uniform(0.8, 1.2)


def _is_receivers_fault(delivery: Delivery) -> bool:
    if delivery.delivered or delivery.about_message:
        return False
    status = delivery.status
    return status is None or status >= 500 or status in _OF_THE_RECEIVER
