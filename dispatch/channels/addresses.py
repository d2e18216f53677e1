"""E-mail addresses of citizens: checked before they are written to, masked, kept out of what servers say. Pure."""

from __future__ import annotations

import re

from config.logging import cleaned

_LONGEST = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""A dot-atom and a domain (RFC 5322, 3.4.1). The standard library's parser breaks on what people type into a field."""


def usable_email(text: str | None) -> str | None:
    """Return an address that can be written to, or None: one address, of plain letters, with a domain of two parts."""
    address = (text or "").strip()
    return address if len(address) <= _LONGEST and _PLAIN.fullmatch(address) else None


def same_email(address: str) -> str:
    """Return the form in which two ways of writing one address are equal."""
    return address.strip().casefold()


def mask_email(address: str) -> str:
    """Return an address as others may see it: ``b***@example.vn``."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part[:1]}***@{domain}"


def without_people(answer: str) -> str:
    """Return what a server said without the addresses and numbers in it: it is kept in clear and shown."""
    return cleaned(" ".join(answer.split()))[:400]
