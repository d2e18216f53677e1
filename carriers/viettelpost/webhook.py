"""Viettel Post's webhooks: the shared secret in the body or in a header, and the words of our answers. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from carriers.viettelpost.mapping import document_id
from carriers.webhooks import Verdict, WebhookDocument, WebhookReading, WebhookReply, WebhookRequest

TokenPlace = Literal["body", "header", "either"]

# HTTP 200 or it comes again, five times by its own document; what stands in the body is ours to choose.
_REPLIES = {
    Verdict.TAKEN: WebhookReply(200, b'{"status":200,"error":false,"message":"OK"}'),
    Verdict.MALFORMED: WebhookReply(400, b'{"status":400,"error":true,"message":"Not a delivery"}'),
    Verdict.FORGED: WebhookReply(401, b'{"status":401,"error":true,"message":"Wrong secret"}'),
    Verdict.STALE: WebhookReply(400, b'{"status":400,"error":true,"message":"Too old"}'),
    Verdict.BUSY: WebhookReply(503, b'{"status":503,"error":true,"message":"Try again later"}'),
}
_TOKEN = "TOKEN"


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets in who knows ``secret`` and shows it where it has to be."""

    secret: str
    place: TokenPlace

    def read(self, request: WebhookRequest) -> WebhookReading:
        """Verify a delivery and take it apart. There is no time of sending in it, so none is ever too old."""
        try:
            body = json.loads(request.body)
            return self._judged(request, body)
        except (ValueError, RecursionError):
            return WebhookReading(Verdict.MALFORMED, reason="the body is not JSON")

    def _judged(self, request: WebhookRequest, body: Any) -> WebhookReading:
        if not isinstance(body, dict) or not isinstance(body.get("DATA"), dict):
            return WebhookReading(Verdict.MALFORMED, reason="the body holds no DATA")
        # Every comparison is made, so that the time it takes tells nothing.
        matches = [hmac.compare_digest(_bytes(shown), _bytes(self.secret)) for shown in self._shown(request, body)]
        if not any(matches):
            return WebhookReading(Verdict.FORGED, reason=f"the secret is wrong or missing (expected: {self.place})")
        raw = {**_without_token(body), "DATA": _without_token(body["DATA"])}
        document = WebhookDocument(document_id(raw["DATA"]), raw, confirmed=True)
        return WebhookReading(Verdict.TAKEN, (document,))

    def _shown(self, request: WebhookRequest, body: dict[str, Any]) -> Iterator[str]:
        if self.place != "header":
            token = body.get(_TOKEN)
            yield token if isinstance(token, str) else ""
        if self.place != "body":
            header = request.headers.get("authorization", "")
            yield header
            yield header.removeprefix("Bearer ")


def answer(verdict: Verdict) -> WebhookReply:
    """Return what Viettel Post is told."""
    return _REPLIES[verdict]


def _without_token(document: dict[str, Any]) -> dict[str, Any]:
    """What is kept holds no secret."""
    return {name: value for name, value in document.items() if name.upper() != _TOKEN}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
