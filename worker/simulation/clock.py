"""Time as the simulation moves it: domain time and "real" time at once, because nothing in here waits."""

from __future__ import annotations

from datetime import datetime, timedelta


class VirtualClock:
    """Stands until somebody moves it, and never goes back."""

    def __init__(self, start: datetime) -> None:
        self._instant = start

    def now(self) -> datetime:
        return self._instant

    def pass_by(self, seconds: float) -> None:
        """Let some seconds pass."""
        self._instant += timedelta(seconds=seconds)

    def advance_to(self, instant: datetime) -> None:
        """Move forward to ``instant``; an earlier one is ignored."""
        self._instant = max(self._instant, instant)
