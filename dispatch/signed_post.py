"""Messages over HTTP that their receiver can trust: Standard Webhooks, signed, under an id that stays the same."""

from __future__ import annotations

import time

import httpx
from standardwebhooks import Webhook

from carriers.exchange import retry_after
from config.clock import SystemClock
from config.tls import system_trust
from dispatch.outbox_rows import Delivery, OutboxMessage

_PAGE = ", with a page instead of an answer: correct the address, or let the gateway in front of it through"


class SignedPost:
    """Delivers messages to any address. Thread-safe; one per process.

    Args:
        timeout: longest silence of a receiver, in seconds.
        network: what carries the requests, where it is not httpx's own; the simulation has its own.
    """

    def __init__(self, timeout: float, network: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            transport=network, verify=system_trust(), timeout=timeout, follow_redirects=False, trust_env=False
        )

    def deliver(self, message: OutboxMessage, url: str, secret: str) -> Delivery:
        """Deliver one message and say what came of it.

        Its id goes along unchanged on every attempt, so that the receiver can take it once. The signature's time is
        real time, whatever clock the process runs under: receivers hold it against their own.
        """
        started = time.monotonic()
        try:
            response = self._client.post(url, content=message.payload.encode(), headers=_headers(message, secret))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Delivery(False, None, f"{type(error).__name__}: {error}", _since(started))
        page = _is_page(response)
        return Delivery(
            delivered=response.is_success and not page,
            status=response.status_code,
            answer=f"HTTP {response.status_code}{_PAGE if page and response.is_success else ''}",
            duration_ms=_since(started),
            retry_after=retry_after(response.headers),
            gone=response.status_code == httpx.codes.GONE,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _headers(message: OutboxMessage, secret: str) -> dict[str, str]:
    now = SystemClock().now()
    cause = {"x-request-id": message.trace} if message.trace else {}
    return {
        **cause,
        "content-type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message.id, now, message.payload),
    }


def _is_page(response: httpx.Response) -> bool:
    """Whether a page came, for instance a gateway's to log in, which says nothing about the message."""
    return "html" in response.headers.get("content-type", "") and response.content.lstrip().startswith(b"<")


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
