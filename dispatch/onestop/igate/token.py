"""The credential of an iGate client: Keycloak's client credentials, kept until shortly before the token ends."""

from __future__ import annotations

from carriers.exchange import Call
from config.accounts import OneStopSystem
from dispatch.onestop.igate.settings import IgateSettings, secret_of


def token_request(settings: IgateSettings, system: OneStopSystem) -> Call:
    """Return the request for a token, of which the answer says for how many seconds it is good."""
    url = f"{settings.sso.rstrip('/')}/auth/realms/{settings.realm}/protocol/openid-connect/token"
    form = {
        "grant_type": "client_credentials",
        "client_id": secret_of(system, "client_id"),
        "client_secret": secret_of(system, "client_secret"),
    }
    return Call("POST", url, form=form)
