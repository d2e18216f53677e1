"""Credentials that are fetched: when they are needed, again when they are old, and again when they are refused."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carriers.outcomes import Retryable


@dataclass(frozen=True, slots=True)
class Fetched:
    """The headers that carry a credential, and until when it is good (monotonic seconds; for ever, unless said)."""

    headers: Mapping[str, str]
    good_until: float = float("inf")


def usable_token(value: object, whose: str) -> str:
    """Return a token of an answer, if it can stand in a header.

    Raises:
        Retryable: there is none in the answer of ``whose`` service.
    """
    if isinstance(value, str) and value and value.isascii() and value.isprintable():
        return value
    raise Retryable(f"{whose}'s answer holds no token; it is asked again by itself.", code="no_token")


class RenewedCredential(ABC):
    """An :class:`~carriers.transport.Authoriser`. Many threads may ask; one of them fetches."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._credential: Fetched | None = None

    @abstractmethod
    def fetch(self, deadline: float) -> Fetched:
        """Ask the operator for a credential, until ``deadline``.

        Raises:
            Unauthorized: it refuses what the account is configured with.
            Retryable: it gives no usable answer.
        """

    def headers(self, deadline: float) -> Mapping[str, str]:
        with self._lock:
            if self._credential is None or self._monotonic() >= self._credential.good_until:
                self._credential = self.fetch(deadline)
            return self._credential.headers

    def discard(self, refused: Mapping[str, str]) -> bool:
        with self._lock:
            # Another thread may have renewed it meanwhile: then the new one is kept and used.
            if self._credential is not None and self._credential.headers == refused:
                self._credential = None
        return True
