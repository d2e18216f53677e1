"""Signed callbacks (Standard Webhooks) to the one-stop systems and to the agency's message gateway."""

from __future__ import annotations

import time

import httpx
from standardwebhooks import Webhook

from carriers.exchange import retry_after
from config.accounts import Accounts
from config.clock import SystemClock
from config.settings import Settings
from dispatch.outbox import Delivery, OutboxMessage

CITIZEN = "citizen"
NO_RECEIVER = "no receiver is configured"
_ONESTOP = "onestop:"


class Callbacks:
    """Delivers outbox messages over HTTP. Thread-safe; one per process.

    Args:
        network: what carries the requests, where it is not httpx's own; the simulation has its own.
    """

    def __init__(self, accounts: Accounts, settings: Settings, network: httpx.BaseTransport | None = None) -> None:
        self._accounts = accounts
        self._client = httpx.Client(
            transport=network, timeout=settings.call_timeout, follow_redirects=False, trust_env=False
        )

    def send(self, message: OutboxMessage) -> Delivery:
        """Deliver one message and say what came of it; a receiver that is not configured is a failed delivery.

        The message's id goes along unchanged on every attempt, so that the receiver can take it once. The signature's
        time is real time, whatever clock the process runs under: receivers hold it against their own.
        """
        receiver = self._receiver(message.destination)
        if receiver is None:
            return Delivery(False, None, f"{NO_RECEIVER} for '{message.destination}'", 0)
        url, secret = receiver
        started = time.monotonic()
        try:
            response = self._client.post(url, content=message.payload.encode(), headers=_headers(message, secret))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Delivery(False, None, f"{type(error).__name__}: {error}", _since(started))
        return Delivery(
            delivered=response.is_success,
            status=response.status_code,
            answer=f"HTTP {response.status_code}",
            duration_ms=_since(started),
            retry_after=retry_after(response.headers),
            gone=response.status_code == httpx.codes.GONE,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _receiver(self, destination: str) -> tuple[str, str] | None:
        if destination == CITIZEN:
            gateway = self._accounts.message_gateway
            return (gateway.url, gateway.signing_secret.get_secret_value()) if gateway else None
        wanted = destination.removeprefix(_ONESTOP)
        for onestop in self._accounts.onestops:
            if wanted == onestop.id or wanted in onestop.source_systems:
                return onestop.callback_url, onestop.signing_secret.get_secret_value()
        return None


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


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
