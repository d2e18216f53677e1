"""How J&T knows who calls: a digest of what is sent, and the customer's password inside it.

MD5 is J&T's choice. The digest covers ``bizContent`` alone: neither the address nor the time of a call.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from config.clock import wall_now

DIGEST, TIMESTAMP = "digest", "timestamp"


def digest_of(biz_content: bytes, private_key: str) -> str:
    """Return the proof of the very bytes of ``bizContent``: base64 of the MD5 itself, not of its hexadecimal text."""
    return base64.b64encode(_md5(biz_content + private_key.encode())).decode("ascii")


def proves(shown: str, biz_content: bytes, private_key: str) -> bool:
    """Whether a digest is that of ``biz_content``; the time it takes to say so tells nothing."""
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), digest_of(biz_content, private_key).encode())


def password_of(key: str, suffix: str) -> str:
    """Return the customer's password as it goes over the wire."""
    return _md5(f"{key}{suffix}".encode()).hex().upper()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The headers that say who calls and when: made anew for each attempt, and never to be renewed by asking."""

    api_account: str

    def headers(self, deadline: float) -> Mapping[str, str]:
        return {"apiAccount": self.api_account, TIMESTAMP: str(int(wall_now().timestamp() * 1000))}

    def discard(self, refused: Mapping[str, str]) -> bool:
        return False


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()
