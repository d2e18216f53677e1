"""The link in a letter by which its reader stops the letters: no log-in, one click (RFC 8058).

It carries the address to which the letter went, sealed with the data key for this purpose alone: nobody can make one
for another's address, and whoever finds one reads nothing in it.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag

from config.database import keyring

PATH = "/ngung-thu"
"""Where the pages of these links are served."""

GOOD_FOR = timedelta(days=365)
_PURPOSE = b"opt-out link"


class BadLinkError(ValueError):
    """Not a link of ours, or one that was changed or cut off on its way."""


class ExpiredLinkError(BadLinkError):
    """A link of ours that is too old."""


def link(base: str, address: str, now: datetime) -> str:
    """Return the link for letters to ``address``; ``base`` is where citizens reach our pages."""
    content = f"{int((now + GOOD_FOR).timestamp())} {address}".encode()
    return f"{base.rstrip('/')}{PATH}/{_written(keyring.seal(content, _PURPOSE))}"


def _written(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def address_of(token: str, now: datetime) -> str:
    """Return the address for which a link was made.

    Raises:
        ExpiredLinkError: it is too old.
        BadLinkError: it is none of ours.
    """
    try:
        sealed = b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
        if _written(sealed) != token:  # the decoder reads some letters as others
            raise ValueError(token)
        until, _, address = keyring.unseal(sealed, _PURPOSE).decode().partition(" ")
    except (InvalidTag, ValueError) as error:
        raise BadLinkError("this is no link of ours") from error
    if now >= datetime.fromtimestamp(int(until), UTC):
        raise ExpiredLinkError("this link is too old")
    return address
