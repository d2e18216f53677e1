"""How many runs of one job a process lets in at once; whoever rings meanwhile is not forgotten and does not wait."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Turnstile:
    """Lets ``at_once`` runs in. A ring that comes while all places are taken makes one of them run once more.

    Doorbells ring by the hundred when much comes in. Without this they would take every thread of a worker for the one
    lane that is busy, and the others would starve behind it.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._again = False
        self._lock = threading.Lock()

    def run(self, work: Callable[[], None]) -> None:
        """Run ``work``, and again as long as somebody has rung meanwhile; return at once when no place is free."""
        if not self._enter():
            return
        while True:
            try:
                work()
            except BaseException:
                self._leave()
                raise
            if self._left():
                return

    def _enter(self) -> bool:
        with self._lock:
            if self._free == 0:
                self._again = True
                return False
            self._free -= 1
            return True

    def _left(self) -> bool:
        """Leave, unless somebody has rung since; in one step, so that no ring falls between looking and leaving."""
        with self._lock:
            if self._again:
                self._again = False
                return False
            self._free += 1
            return True

    def _leave(self) -> None:
        with self._lock:
            self._free += 1
