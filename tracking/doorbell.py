"""Rings a lane from a thread of its own: the broker may be slow or away, and nobody who brought news waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

_REST = 0.05
"""Seconds between two rings. Whoever was woken takes all there is; what came in between is rung for afterwards."""
_PATIENCE = 2.0

log = structlog.get_logger()


class Doorbell:
    """``press`` returns at once; presses that come while it rings or rests become one ring."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._bell = threading.Condition()
        self._pressed = self._closed = False
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
        self._thread.start()

    def press(self) -> None:
        """Ask for a ring."""
        with self._bell:
            self._pressed = True
            self._bell.notify()

    def close(self) -> None:
        """Ring once more if somebody asked for it, and end; a broker that does not answer is not waited for long."""
        with self._bell:
            self._closed = True
            self._bell.notify()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while self._is_wanted():
            try:
                self._ring()
            except Exception as error:
                log.error("doorbell_broken", exc_info=error)
            with self._bell:
                self._bell.wait_for(lambda: self._closed, _REST)

    def _is_wanted(self) -> bool:
        with self._bell:
            self._bell.wait_for(lambda: self._pressed or self._closed)
            pressed, self._pressed = self._pressed, False
            return pressed
