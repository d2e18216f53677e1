"""The token of an account: fetched when it is needed, renewed when it is old or refused, sent without "Bearer"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carriers.credentials import Fetched, RenewedCredential
from carriers.exchange import Call
from carriers.outcomes import Rejected, Retryable, Unauthorized
from carriers.transport import NoCredentials, Transport

HEADER = "token"


class AccessToken(RenewedCredential):
    """The token for a user name and password.

    Args:
        lifetime: how long a token is used, in seconds; MyVNPost does not say how long it is good.
    """

    def __init__(self, transport: Transport, request: Call, lifetime: float, monotonic: Callable[[], float]) -> None:
        super().__init__(monotonic)
        self._transport = transport
        self._request = request
        self._lifetime = lifetime

    def fetch(self, deadline: float) -> Fetched:
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
        return Fetched({HEADER: _token_in(answer.body)}, asked_at + self._lifetime)


def _token_in(body: Any) -> str:
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise Retryable("MyVNPost's answer holds no token; it is asked again by itself.", code="no_token")
    return token
