"""The link in a letter by which its reader stops the letters: no log-in, one click (RFC 8058).

It carries the address to which the letter went, sealed for this purpose alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.channels.sealed_link import BadLinkError, ExpiredLinkError, opened, sealed

__all__ = ["GOOD_FOR", "PATH", "BadLinkError", "ExpiredLinkError", "address_of", "link"]

PATH = "/ngung-thu"
"""Where the pages of these links are served."""

GOOD_FOR = timedelta(days=365)
_PURPOSE = b"opt-out link"


def link(base: str, address: str, now: datetime) -> str:
    """Return the link for letters to ``address``; ``base`` is where citizens reach our pages."""
    return f"{base.rstrip('/')}{PATH}/{sealed(address, _PURPOSE, now + GOOD_FOR)}"


def address_of(token: str, now: datetime) -> str:
    """Return the address for which a link was made.

    Raises:
        ExpiredLinkError: it is too old.
        BadLinkError: it is none of ours.
    """
    return opened(token, _PURPOSE, now)
