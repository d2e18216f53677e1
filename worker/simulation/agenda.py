"""What people have in mind to do, and when."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Act = Callable[[], None]


class Agenda:
    """Acts by the time at which they are due; those of one moment in the order in which they were thought of."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._number = count()

    def add(self, at: datetime, act: Act) -> None:
        """Plan an act."""
        heapq.heappush(self._acts, (at, next(self._number), act))

    def next_at(self) -> datetime | None:
        """Return when the next act is due, or None when nobody plans anything."""
        return self._acts[0][0] if self._acts else None

    def take_due(self, now: datetime) -> Act | None:
        """Take the next act that is due."""
        return heapq.heappop(self._acts)[2] if self._acts and self._acts[0][0] <= now else None
