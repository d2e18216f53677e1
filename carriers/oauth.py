"""A bearer token from a token service, as OAuth 2 answers (RFC 6749 section 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carriers.credentials import Fetched, RenewedCredential, usable_token
from carriers.exchange import Call
from carriers.outcomes import Rejected, Unauthorized
from carriers.transport import NoCredentials, Transport

_LONGEST_MARGIN = 60.0


class RenewedToken(RenewedCredential):
    """A token from the token service."""

    def __init__(self, transport: Transport, request: Call, lifetime_unit: str, monotonic: Callable[[], float]) -> None:
        super().__init__(monotonic)
        self._transport = transport
        self._request = request
        self._per_second = 1000.0 if lifetime_unit == "ms" else 1.0

    def fetch(self, deadline: float) -> Fetched:
        asked_at = self._monotonic()
        try:
            answer = self._transport.read(self._request, NoCredentials(), operation="token", deadline=deadline)
        except Rejected as error:
            # Token services say 400 "invalid_client" as often as 401.
            raise Unauthorized(
                "The token service refuses our key; correct the account's secrets.",
                code=error.code,
                operator_words=error.operator_words,
            ) from error
        return self._read(answer.body, asked_at)

    def _read(self, body: Any, asked_at: float) -> Fetched:
        told = body if isinstance(body, dict) else {}
        token = usable_token(told.get("access_token"), "The token service")
        lifetime = self._lifetime(told.get("expires_in"))
        good_until = asked_at + lifetime - min(_LONGEST_MARGIN, lifetime / 10)
        return Fetched({"Authorization": f"Bearer {token}"}, good_until)

    def _lifetime(self, value: Any) -> float:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:12])
        known = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        # Without a lifetime the token is used until it is refused, which renews it as well.
        return float(value) / self._per_second if known else float("inf")
