"""How much each sender may send that has no proof, until it is told to slow down. Pure but for the clock.

What is proven is never counted: an operator sends everything from one address.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

_MOST_SENDERS = 10_000
_NETWORK_BITS = 64
"""Whoever has one address of IPv6 has a network of so many bits."""


class Allowance:
    """A bucket of refusals for each sender: full at first, filled again evenly; the longest silent are forgotten."""

    def __init__(
        self, a_minute: int, monotonic: Callable[[], float] = time.monotonic, most_senders: int = _MOST_SENDERS
    ) -> None:
        self._a_minute = a_minute
        self._monotonic = monotonic
        self._most_senders = most_senders
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def spend(self, sender: str) -> int:
        """Count a refusal; returns 0, or after how many seconds the sender may be answered in full again."""
        name, now = network_of(sender), self._monotonic()
        left, since = self._left.pop(name, (float(self._a_minute), now))
        left = min(float(self._a_minute), left + (now - since) * self._a_minute / 60)
        spent = left >= 1
        self._left[name] = (left - 1 if spent else left, now)
        if len(self._left) > self._most_senders:
            self._left.popitem(last=False)
        return 0 if spent else max(1, math.ceil((1 - left) * 60 / self._a_minute))


def network_of(sender: str) -> str:
    """Return by which name a sender is counted."""
    try:
        address = ip_address(sender)
    except ValueError:
        return sender
    if not isinstance(address, IPv6Address):
        return str(address)
    # A socket for both families shows callers of the old one in the new one's words.
    return str(address.ipv4_mapped or IPv6Network((address, _NETWORK_BITS), strict=False))
