"""EMS's webhooks: unsigned, so the way they come by is all the proof there is. Pure.

Each message bears its own number in the header ``ems-transaction``, and wants it back in the answer.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from carriers.ems.settings import Network
from carriers.webhooks import Verdict, WebhookDocument, WebhookReading, WebhookReply, WebhookRequest

TRANSACTION = "ems-transaction"

_LONGEST_TRANSACTION = 100
_STATUS = {
    Verdict.TAKEN: 200,
    Verdict.STALE: 200,
    Verdict.MALFORMED: 400,
    Verdict.FORGED: 403,
    Verdict.BUSY: 503,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Who is let in. What is configured must hold, all of it; nobody comes in where nothing is.

    Attributes:
        path_secret: the end of the address that was registered at EMS; empty where there is none.
        networks: from where EMS calls; empty where that is not known.
        trusted: what came this way is EMS's own word; else it is a hint.
    """

    path_secret: str
    networks: tuple[Network, ...]
    trusted: bool

    def read(self, request: WebhookRequest) -> WebhookReading:
        """Verify and take apart a delivery; never raises."""
        if (doubt := self._doubt(request)) is not None:
            return WebhookReading(Verdict.FORGED, reason=doubt)
        transaction = _transaction(request)
        if transaction is None:
            return WebhookReading(Verdict.MALFORMED, reason=f"the header {TRANSACTION} is missing or no short text")
        body = _object(request.body)
        if body is None:
            return WebhookReading(Verdict.MALFORMED, reason="the body is not a JSON object")
        return WebhookReading(Verdict.TAKEN, (WebhookDocument(f"{TRANSACTION}:{transaction}", body, self.trusted),))

    def _doubt(self, request: WebhookRequest) -> str | None:
        if not self.path_secret and not self.networks:
            return "this account has neither a path secret nor networks that webhooks may come from"
        if self.path_secret and not _same(request.path_secret, self.path_secret):
            return "the end of the address is not the account's path secret"
        if self.networks and not _lies_in(request.sender, self.networks):
            return "the sender is in none of the networks that webhooks may come from"
        return None


def reply(request: WebhookRequest, verdict: Verdict) -> WebhookReply:
    """Return the answer that EMS wants, byte for byte; a transaction that is none is not given back."""
    said = {
        "code": "success" if _STATUS[verdict] == 200 else "error",
        "transaction": _transaction(request) or "",
    }
    return WebhookReply(_STATUS[verdict], json.dumps(said, separators=(",", ":")).encode("ascii"))


def _transaction(request: WebhookRequest) -> str | None:
    value = request.headers.get(TRANSACTION, "")
    usable = value.strip() and value.isascii() and value.isprintable() and len(value) <= _LONGEST_TRANSACTION
    return value if usable else None


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def _lies_in(sender: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(sender)
    except ValueError:
        return False
    # A socket for both families shows callers of the old one in the new one's words.
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
