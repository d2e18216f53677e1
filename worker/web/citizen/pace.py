"""How often somebody may guess: dossier codes, telephone digits, one-time codes. Pure but for the clock.

An address has a bucket that fills again evenly; whoever empties it waits, and waits twice as long each time after that.
Beside it stands one bucket for everybody together, so that many addresses do not guess in turns. Each process counts
for itself.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from worker.web.senders import network_of

_MOST_SENDERS = 20_000
_FORGIVEN_AFTER = 3600.0
"""Seconds without a refusal after which the next one is a first one again."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much may be guessed: so many points at once and so many more a minute; who is refused waits so long."""

    at_once: int
    a_minute: int
    first_wait: int = 15
    longest_wait: int = 3600


@dataclass(slots=True)
class _Bucket:
    left: float
    since: float
    refusals: int = 0
    until: float = 0.0


class Pace:
    """The buckets of one kind of guess.

    Args:
        each: what one address may do.
        together: what all addresses may do together.
    """

    def __init__(
        self,
        each: Allowed,
        together: Allowed,
        monotonic: Callable[[], float] = time.monotonic,
        most_senders: int = _MOST_SENDERS,
    ) -> None:
        self._each, self._together = each, together
        self._monotonic, self._most = monotonic, most_senders
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._all = _Bucket(float(together.at_once), monotonic())

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, sender: str, points: int = 1) -> int:
        """Count a guess; returns 0, or for how many seconds no guess of this sender is looked at."""
        name, now = network_of(sender), self._monotonic()
        bucket = self._buckets.pop(name, None) or _Bucket(float(self._each.at_once), now)
        self._buckets[name] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return _spend(bucket, self._each, points, now) or _spend(self._all, self._together, points, now, grows=False)


def _spend(bucket: _Bucket, allowed: Allowed, points: int, now: float, *, grows: bool = True) -> int:
    if now < bucket.until:
        return math.ceil(bucket.until - now)
    filled = bucket.left + (now - bucket.since) * allowed.a_minute / 60
    bucket.left, bucket.since = min(float(allowed.at_once), filled), now
    if bucket.left >= points:
        bucket.left -= points
        return 0
    if now - bucket.until > _FORGIVEN_AFTER:
        bucket.refusals = 0
    wait = min(allowed.longest_wait, allowed.first_wait * 2**bucket.refusals) if grows else allowed.first_wait
    bucket.refusals = min(bucket.refusals + 1, 16)
    bucket.until = now + wait
    return wait
