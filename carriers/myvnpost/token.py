"""The token of an account: fetched when it is needed, renewed when it is old or refused, sent without "Bearer"."""

from __future__ import annotations

from collections.abc import Callable

from carriers.credentials import Fetched, RenewedCredential, usable_token
from carriers.exchange import Call
from carriers.outcomes import Rejected, Unauthorized
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
        told = answer.body.get("token") if isinstance(answer.body, dict) else None
        return Fetched({HEADER: usable_token(told, "MyVNPost")}, asked_at + self._lifetime)
