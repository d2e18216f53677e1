"""A circuit breaker per account: leave a failing operator alone, probe it gently, come back by itself."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from carriers.outcomes import CircuitOpen


class BreakerState(StrEnum):
    """Closed lets calls through, open lets none, half-open lets one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerPolicy(BaseModel):
    """When to stop and when to come back; times in seconds, ``failure_share`` of all calls in the window.

    With ``dry_run`` nothing is ever stopped: the state only shows when it would have been, to tune the numbers by.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    window: float = Field(default=60.0, gt=0)
    min_failures: int = Field(default=5, ge=1)
    failure_share: float = Field(default=0.5, gt=0, le=1)
    cool_down: float = Field(default=30.0, gt=0)
    probes_to_close: int = Field(default=2, ge=1)
    dry_run: bool = False


class CircuitBreaker:
    """Thread-safe. Every permitted call must be followed by exactly one :meth:`record`, or :meth:`give_back`."""

    def __init__(self, policy: BreakerPolicy, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._good_probes = 0

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._cooling() > 0 else BreakerState.HALF_OPEN

    def permit(self) -> bool:
        """Let a call through, and say whether it is a probe.

        Raises:
            CircuitOpen: the operator is to be left alone; ``retry_after`` says how long.
        """
        with self._lock:
            if self._opened_at is None:
                return False
            cooling = self._cooling()
            if self._policy.dry_run:
                return cooling <= 0
            if cooling > 0 or self._probing:
                raise CircuitOpen(
                    "The operator has been failing and is left alone for the moment; this is tried again by itself.",
                    code="circuit_open",
                    retry_after=max(cooling, 1.0),
                )
            self._probing = True
            return True

    def record(self, *, probe: bool, healthy: bool) -> None:
        """Take note of a permitted call: ``healthy`` when the operator answered sensibly, whatever it said."""
        with self._lock:
            if probe:
                self._judge_probe(healthy)
            elif self._opened_at is None:
                self._note(healthy)
            # Else the call began before the breaker opened: it says nothing about the present.

    def give_back(self, *, probe: bool) -> None:
        """A permitted call is not made after all: somebody else may be the probe."""
        if probe:
            with self._lock:
                self._probing = False

    def _note(self, healthy: bool) -> None:
        now = self._monotonic()
        self._calls.append((now, healthy))
        self._failures += not healthy
        while self._calls[0][0] < now - self._policy.window:
            _, good = self._calls.popleft()
            self._failures -= not good
        enough = self._failures >= self._policy.min_failures
        if enough and self._failures / len(self._calls) >= self._policy.failure_share:
            self._open(now)

    def _judge_probe(self, healthy: bool) -> None:
        self._probing = False
        if not healthy:
            self._open(self._monotonic())
            return
        self._good_probes += 1
        if self._good_probes >= self._policy.probes_to_close:
            self._opened_at = None

    def _open(self, now: float) -> None:
        self._opened_at = now
        self._good_probes = 0
        self._calls.clear()
        self._failures = 0

    def _cooling(self) -> float:
        if self._opened_at is None:
            return 0.0
        return self._opened_at + self._policy.cool_down - self._monotonic()
