"""What the interface's documentation says of the operators' addresses, which are no routes of FastAPI's."""

from __future__ import annotations

from typing import Any

ADDRESS = "/webhooks/{carrier}/{account}"
CARRIER_NAME, ACCOUNT_ID = "^[a-z][a-z0-9_]{0,39}$", "^[a-z0-9][a-z0-9-]{0,39}$"

_ANSWERS = {
    200: "Kept, or known already; in the operator's own words.",
    400: "No delivery, too long, or too old; in the operator's own words.",
    401: "Without the operator's proof (or 403); in the operator's own words.",
    404: "Nobody has this address.",
    408: "The body did not come in time.",
    422: "The address cannot be anybody's.",
    429: "Too much without proof from this sender; Retry-After tells when to come again.",
    503: "Nothing was kept: come again after Retry-After; in the operator's own words.",
}


def _parameter(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}


_OPERATION: dict[str, Any] = {
    "tags": ["webhooks"],
    "summary": "Deliver",
    "description": "Take a delivery of a postal operator: verified, kept once, answered in the operator's own words.",
    "operationId": "deliver",
    "parameters": [_parameter("carrier", CARRIER_NAME), _parameter("account", ACCOUNT_ID)],
    "responses": {str(status): {"description": said} for status, said in _ANSWERS.items()},
}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with the operators' addresses in it."""
    document["paths"][ADDRESS] = {"post": _OPERATION}
    return document
