"""Credentials for an NGSP adapter: a token that is fetched and renewed before its end, or a fixed one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from carriers.account_options import secret_of
from carriers.exchange import Call
from carriers.oauth import RenewedToken
from carriers.transport import Authoriser, Transport
from carriers.vnpost_ngsp.dialects import Credential
from carriers.vnpost_ngsp.settings import NgspSettings
from config.accounts import CarrierAccount


class FixedToken:
    """A token that somebody wrote into the configuration: when it is refused there is no other."""

    def __init__(self, header: str, token: str) -> None:
        self._headers = {header: _value(header, token)}

    def headers(self, deadline: float) -> Mapping[str, str]:
        return self._headers

    def discard(self, refused: Mapping[str, str]) -> bool:
        return False


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
