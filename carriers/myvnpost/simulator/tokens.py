"""The simulator's tokens."""

from __future__ import annotations

import secrets

from config.clock import wall_seconds


class TokenDesk:
    """Issues and checks tokens. They live in memory: after a restart every old one is refused."""

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._issued: dict[str, float] = {}

    def issue(self) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(24)
        self._issued[token] = wall_seconds() + self._lifetime
        return token

    def is_good(self, token: str) -> bool:
        """Whether a token was issued here and is not over."""
        return wall_seconds() < self._issued.get(token, 0.0)

    def expire_all(self) -> None:
        """Let every token that was issued be refused from now on."""
        self._issued.clear()
