"""Who answers our calls: each operator and the one-stop, by host, with the times at which they are away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from starlette.types import ASGIApp

from carriers.simulation import SimulatedOperator


@dataclass
class Station:
    """Somebody whom the system calls.

    Attributes:
        operator: None for the one-stop.
        away: from when to when nobody answers at all, or only with server errors.
        failing_until: the end of a short burst of server errors.
        heard: told of each request that reached it, with its answer.
    """

    name: str
    app: ASGIApp
    operator: SimulatedOperator | None = None
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    failing_until: datetime | None = None
    heard: Callable[[httpx.Request, httpx.Response], None] = lambda _request, _response: None

    def is_away(self, now: datetime) -> bool:
        """Whether nobody is there now."""
        return any(begin <= now < end for begin, end in self.away)

    def is_failing(self, now: datetime) -> bool:
        """Whether everything ends in an error now."""
        return self.failing_until is not None and now < self.failing_until
