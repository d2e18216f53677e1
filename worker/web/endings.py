"""Lets answers that have no end of their own know that their server was told to stop.

A server waits for answers under way; one that goes on for ever would hold it up until it loses patience.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakKeyDictionary

_ENDINGS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Event] = WeakKeyDictionary()


def ending_of(loop: asyncio.AbstractEventLoop) -> asyncio.Event:
    """Return what is set when the server of a loop begins to stop."""
    return _ENDINGS.setdefault(loop, asyncio.Event())


async def ends_within(seconds: float) -> bool:
    """Wait so long, or until the server of this loop begins to stop; tells whether it does."""
    ending = ending_of(asyncio.get_running_loop())
    with suppress(TimeoutError):
        await asyncio.wait_for(ending.wait(), seconds)
    return ending.is_set()
