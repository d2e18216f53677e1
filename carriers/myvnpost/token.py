"""The token of an account: fetched when it is needed, renewed when it is old or refused, sent without "Bearer"."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carriers.exchange import Call
from carriers.outcomes import Rejected, Retryable, Unauthorized
from carriers.transport import NoCredentials, Transport

HEADER = "token"


@dataclass(frozen=True, slots=True)
class _Token:
    headers: Mapping[str, str]
    good_until: float


class AccessToken:
    """Many threads may ask for the token; one of them fetches it.

    Args:
        lifetime: how long a token is used, in seconds; MyVNPost does not say how long it is good.
    """

    def __init__(self, transport: Transport, request: Call, lifetime: float, monotonic: Callable[[], float]) -> None:
        self._transport = transport
        self._request = request
        self._lifetime = lifetime
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: _Token | None = None

    def headers(self, deadline: float) -> Mapping[str, str]:
        with self._lock:
            if self._token is None or self._monotonic() >= self._token.good_until:
                self._token = self._fetch(deadline)
            return self._token.headers

    def discard(self, refused: Mapping[str, str]) -> bool:
        with self._lock:
            # Another thread may have renewed it meanwhile: then the new one is kept and used.
            if self._token is not None and self._token.headers == refused:
                self._token = None
        return True

    def _fetch(self, deadline: float) -> _Token:
        asked_at = self._monotonic()
        try:
            answer = self._transport.read(self._request, NoCredentials(), operation="token", deadline=deadline)
        except Rejected as error:
            raise Unauthorized(
                f"MyVNPost gives no token: {error.operator_words or 'no reason given'}. "
                "Correct the account's customer_code and secrets.",
                code=error.code,
                operator_words=error.operator_words,
            ) from error
        return _Token({HEADER: _token_in(answer.body)}, asked_at + self._lifetime)


def _token_in(body: Any) -> str:
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise Retryable("MyVNPost's answer holds no token; it is asked again by itself.", code="no_token")
    return token
