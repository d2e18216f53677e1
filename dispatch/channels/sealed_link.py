"""What stands in the links of our letters: sealed with the data key for one purpose, and good until a day.

Nobody can make one for somebody else, and whoever finds one reads nothing in it.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag

from config.database import keyring


class BadLinkError(ValueError):
    """Not a link of ours, or one that was changed or cut off on its way."""


class ExpiredLinkError(BadLinkError):
    """A link of ours that is too old."""


def sealed(content: str, purpose: bytes, until: datetime) -> str:
    """Return what stands in a link, in letters that an address may hold."""
    return _written(keyring.seal(f"{int(until.timestamp())} {content}".encode(), purpose))


def opened(token: str, purpose: bytes, now: datetime) -> str:
    """Return the content of a link that was made for the same purpose.

    Raises:
        ExpiredLinkError: it is too old.
        BadLinkError: it is none of ours.
    """
    try:
        content = b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
        if _written(content) != token:  # the decoder reads some letters as others
            raise ValueError(token)
        until, _, said = keyring.unseal(content, purpose).decode().partition(" ")
    except (InvalidTag, ValueError) as error:
        raise BadLinkError("this is no link of ours") from error
    if now >= datetime.fromtimestamp(int(until), UTC):
        raise ExpiredLinkError("this link is too old")
    return said


def _written(content: bytes) -> str:
    return urlsafe_b64encode(content).decode("ascii").rstrip("=")
