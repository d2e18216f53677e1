"""How the simulator's seven adapters recognise a call and a caller.

Written from the interface's description and not from our client's tables, so that a mistake there is caught here.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from carriers.vnpost_ngsp.dialects import Variant
from config.clock import wall_seconds

_PATHS = {"/order/post": "order", "/order/cancel": "cancel", "/order/tracking": "tracking"} | {
    "/order/price": "price",
    "/document": "document",
}
_HEADER_NAMES = {"vnpost_post_order": "order", "vnpost_cancel_order": "cancel"} | {
    "vnpost_get_order_tracking": "tracking",
    "vnpost_get_price": "price",
}
_QUERY_NAMES = {"OrderPost": "order", "OrderCancel": "cancel", "OrderTracking": "tracking", "GetPrice": "price"}
_SERVICE_NAMES = {
    "lgsp_vnpost_orderpost": "order",
    "lgsp_vnpost_ordercancel": "cancel",
    "lgsp_vnpost_ordertracking": "tracking",
    "lgsp_vnpost_getprice": "price",
    "lgsp_vnpost_document": "document",
}
# Adapters that say success with HTTP alone.
HTTP_JUDGED = frozenset({Variant.SERVICE_CODE_HEADER, Variant.QUERY_NAMED})
_BODY_CANCEL = {
    Variant.SERVICE_CODE_HEADER: ("makhachhang", "sodonhang"),
    Variant.QUERY_NAMED: ("customercode", "ordernumber"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """A customer of the simulated operator: its code and the key pair (or, in ``secret``, the fixed token)."""

    customer_code: str
    key: str
    secret: str


def operation_of(request: Request, variant: Variant) -> str | None:
    """Return which call this is in the words of ``variant``, or None."""
    query = request.query_params
    if variant is Variant.SERVICE_CODE_HEADER:
        return _HEADER_NAMES.get(request.headers.get("service-code", ""))
    if variant is Variant.QUERY_NAMED:
        return _QUERY_NAMES.get(query.get("serviceName", "")) if query.get("serviceType") == "VNPost" else None
    if variant is Variant.LGSP_SERVICE:
        return _SERVICE_NAMES.get(query.get("service", ""))
    return _PATHS.get(request.url.path)


def cancelled_order(request: Request, body: Mapping[str, Any], variant: Variant) -> tuple[str, str]:
    """Return customer code and order number of a cancellation, by names in any case: callers misspell them."""
    given: Mapping[str, Any] = body if variant in _BODY_CANCEL else request.query_params
    folded = {name.lower(): str(value) for name, value in given.items()}
    names = _BODY_CANCEL.get(variant, ("customercode", "ordernumber"))
    customer, number = (folded.get(name, "") for name in names)
    return customer, number


class TokenDesk:
    """Issues and checks tokens. They live in memory: after a restart every old one is refused, as at a real gateway."""

    def __init__(self, clients: Sequence[Client], variant: Variant, lifetime: float) -> None:
        self._clients = clients
        self._variant = variant
        self._lifetime = lifetime
        self._issued: dict[str, tuple[Client, float]] = {}

    @property
    def lifetime(self) -> float:
        """How long a token is good, in seconds."""
        return self._lifetime

    def issue(self, request: Request, form: Mapping[str, str]) -> str | None:
        """Return a new token for whoever proves to be a client, or None."""
        grant = {**request.query_params, **form}
        if grant.get("grant_type") != "client_credentials":
            return None
        by_key = self._variant is Variant.KEY_TOKEN
        proof = grant.get("keyToken", "") if by_key else request.headers.get("authorization", "")
        for client in self._clients:
            if secrets.compare_digest(proof, client.secret if by_key else _basic(client)):
                token = secrets.token_urlsafe(24)
                self._issued[token] = (client, wall_seconds() + self._lifetime)
                return token
        return None

    def client_of(self, request: Request) -> Client | None:
        """Return whose good token the request carries, or None."""
        if self._variant is Variant.STATIC_TOKEN:
            return self._fixed(request.headers.get("access_token", ""))
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if self._variant is Variant.MTLS:
            return self._fixed(token)
        client, good_until = self._issued.get(token, (None, 0.0))
        return client if wall_seconds() < good_until else None

    def expire_all(self) -> None:
        """Let every token that was issued be refused from now on."""
        self._issued.clear()

    def _fixed(self, token: str) -> Client | None:
        return next((client for client in self._clients if secrets.compare_digest(client.secret, token)), None)


def _basic(client: Client) -> str:
    return f"Basic {base64.b64encode(f'{client.key}:{client.secret}'.encode()).decode()}"
