"""Credentials for an NGSP adapter: a token that is fetched and renewed before its end, or a fixed one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from carriers.account_options import secret_of
from carriers.credentials import Fetched, RenewedCredential
from carriers.exchange import Call
from carriers.outcomes import Rejected, Retryable, Unauthorized
from carriers.transport import Authoriser, NoCredentials, Transport
from carriers.vnpost_ngsp.dialects import Credential
from carriers.vnpost_ngsp.settings import NgspSettings
from config.accounts import CarrierAccount

_LONGEST_MARGIN = 60.0


class FixedToken:
    """A token that somebody wrote into the configuration: when it is refused there is no other."""

    def __init__(self, header: str, token: str) -> None:
        self._headers = {header: _value(header, token)}

    def headers(self, deadline: float) -> Mapping[str, str]:
        return self._headers

    def discard(self, refused: Mapping[str, str]) -> bool:
        return False


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
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise Retryable("The token service's answer holds no token; it is asked again by itself.", code="no_token")
        lifetime = self._lifetime(body.get("expires_in"))
        good_until = asked_at + lifetime - min(_LONGEST_MARGIN, lifetime / 10)
        return Fetched({"Authorization": f"Bearer {token}"}, good_until)

    def _lifetime(self, value: Any) -> float:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:12])
        known = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        # Without a lifetime the token is used until it is refused, which renews it as well.
        return float(value) / self._per_second if known else float("inf")


def make_authoriser(
    settings: NgspSettings, account: CarrierAccount, transport: Transport, monotonic: Callable[[], float]
) -> Authoriser:
    """Return the credentials that the account's adapter asks for."""
    dialect = settings.dialect
    if dialect.credential is Credential.STATIC:
        return FixedToken(dialect.auth_header, secret_of(account, "access_token"))
    return RenewedToken(transport, _token_request(settings, account), settings.expires_in_unit, monotonic)


def _token_request(settings: NgspSettings, account: CarrierAccount) -> Call:
    if settings.urls.token is None:
        raise LookupError("the account has no token address")
    grant = {"grant_type": "client_credentials"}
    headers: dict[str, str] = {}
    if settings.dialect.credential is Credential.KEY:
        grant["keyToken"] = secret_of(account, "key_token")
    else:
        pair = f"{secret_of(account, 'consumer_key')}:{secret_of(account, 'consumer_secret')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if settings.grant_in == "query":
        return Call("POST", settings.urls.token, params=grant, headers=headers)
    return Call("POST", settings.urls.token, headers=headers, form=grant)


def _value(header: str, token: str) -> str:
    return f"Bearer {token}" if header == "Authorization" else token
