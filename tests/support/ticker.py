"""A monotonic clock that moves when a test says so."""

from __future__ import annotations


class Ticker:
    """Callable like ``time.monotonic``; ``pass_(seconds)`` moves it on."""

    def __init__(self) -> None:
        self._now = 1000.0

    def __call__(self) -> float:
        return self._now

    def pass_(self, seconds: float) -> None:
        """Let ``seconds`` go by."""
        self._now += seconds
