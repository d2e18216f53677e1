"""The simulator's customer, its tokens, and what to write into the configuration of an account there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from config.clock import wall_seconds


@dataclass(frozen=True, slots=True)
class Client:
    """A customer of the simulated operator; ``webhook_token`` is the secret it entered for its webhook."""

    customer_code: str
    username: str
    password: str
    webhook_token: str


def account_options(base_url: str) -> dict[str, Any]:
    """Return the ``options`` of an account at a simulator that is served at ``base_url``."""
    return {
        "base_url": base_url,
        "order_service": "VCN",
        "label_url": f"{base_url}/DigitalizePrint/report.do?type=1&bill={{code}}&showPostage=0",
        "pickup_windows": [{"opens": "08:00", "closes": "11:30"}, {"opens": "13:30", "closes": "17:00"}],
    }


def account_secrets(client: Client) -> dict[str, str]:
    """Return the ``secrets`` of an account of ``client``."""
    return {"username": client.username, "password": client.password, "webhook_token": client.webhook_token}


class TokenDesk:
    """Issues and checks tokens; the short one only buys the long one. They live in memory, and for real seconds."""

    def __init__(self, client: Client, lifetime: float) -> None:
        self._client = client
        self._lifetime = lifetime
        self._short: dict[str, float] = {}
        self._long: dict[str, float] = {}

    def login(self, body: dict[str, Any]) -> str | None:
        """Return a short token for the right password, or None."""
        return self._issue(self._short) if self._proves(body) else None

    def connect(self, token: str, body: dict[str, Any]) -> str | None:
        """Return a long token for a good short one and the right password, or None."""
        good = wall_seconds() < self._short.get(token, 0.0)
        return self._issue(self._long) if good and self._proves(body) else None

    def admits(self, token: str) -> bool:
        """Whether this is a long token that is still good."""
        return wall_seconds() < self._long.get(token, 0.0)

    def expire_all(self) -> None:
        """Let every token that was issued be refused from now on."""
        self._short.clear()
        self._long.clear()

    def _proves(self, body: dict[str, Any]) -> bool:
        shown = (str(body.get("USERNAME")), str(body.get("PASSWORD")))
        return shown == (self._client.username, self._client.password)

    def _issue(self, tokens: dict[str, float]) -> str:
        token = secrets.token_urlsafe(24)
        tokens[token] = wall_seconds() + self._lifetime
        return token
