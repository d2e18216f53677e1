"""Secrets that we make: 256 random bits, of which the database keeps the SHA-256. Nobody can guess what was hashed."""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_urlsafe

_BYTES = 32


def new_token() -> str:
    """Return a new secret, in letters that an address may hold."""
    return token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """Return by what a secret is known."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(token: str, purpose: str) -> str:
    """Return another secret that only whoever has ``token`` can tell, and that does not give it away."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def same(given: str, known: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), known.encode())
