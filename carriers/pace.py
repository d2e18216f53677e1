"""How fast an account may be spoken to: the rate that was agreed, the pauses the operator asks for, calls at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from carriers.outcomes import CarrierError, Retryable, Throttled
from carriers.transport_settings import TransportSettings


class Pace:
    """One account's pace. Never waits: it says how long to wait, so that no worker sleeps with a row in its hands."""

    def __init__(self, account_id: str, settings: TransportSettings, monotonic: Callable[[], float]) -> None:
        self._account_id = account_id
        self._rate = parse(settings.rate) if settings.rate else None
        self._limiter = MovingWindowRateLimiter(storage_from_string(settings.rate_storage, wrap_exceptions=True))
        self._monotonic = monotonic
        self._paused_until = monotonic()

    @property
    def paused_for(self) -> float:
        """What is left of a pause the operator asked for, in seconds."""
        return max(self._paused_until - self._monotonic(), 0.0)

    @property
    def calls_a_minute(self) -> float | None:
        """The rate that was agreed, None where there is none."""
        return None if self._rate is None else self._rate.amount * 60 / self._rate.get_expiry()

    def permit(self) -> None:
        """Count one call.

        Raises:
            Throttled: it has to wait; nothing was sent.
            Retryable: the calls of all processes cannot be counted now; nothing was sent.
        """
        if self.paused_for:
            raise Throttled(
                "The operator asked for a pause that is not over; this is tried again by itself.",
                code="paused",
                retry_after=self.paused_for,
            )
        if self._rate is None:
            return
        try:
            self._count(self._rate)
        except StorageError as error:
            # Sending without counting would break the agreement just when nobody can see it.
            raise Retryable(
                f"The store that counts calls does not answer ({type(error.storage_error).__name__}), so nothing was "
                "sent; this is tried again by itself. If it lasts, check the server that the account's "
                "options.transport.rate_storage names.",
                code="rate_storage",
            ) from error

    def heed(self, refusal: CarrierError) -> None:
        """Take an operator's request for a pause to heart: it is for the whole account, not for one call."""
        if isinstance(refusal, Throttled) and refusal.retry_after is not None:
            self._paused_until = max(self._paused_until, self._monotonic() + refusal.retry_after)

    def _count(self, rate: RateLimitItem) -> None:
        if self._limiter.hit(rate, self._account_id):
            return
        reset = self._limiter.get_window_stats(rate, self._account_id).reset_time
        raise Throttled(
            f"The agreed rate ({rate}) is used up for now; this is tried again by itself.",
            code="own_rate",
            retry_after=max(reset - time.time(), 0.0),
        )


class Slots:
    """How many calls are under way at once. Thread-safe; never waits, like :class:`Pace`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        return self._taken

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a slot for as long as a call lasts.

        Raises:
            Throttled: all are taken; nothing was sent.
        """
        with self._lock:
            if self._taken >= self._most:
                raise Throttled(
                    f"{self._most} calls to this operator are under way; this is tried again by itself.",
                    code="own_concurrency",
                    retry_after=1.0,
                )
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1
