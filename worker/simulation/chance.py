"""Chance, all of it from one seed, and each draw under a name of its own.

What is drawn under one name moves nothing that is drawn under another: a story with one fault less stays the same
story as far as it can.
"""

from __future__ import annotations

import hashlib
import random

_RANGE = 2**64


class Chance:
    """The tree of draws that grows from ``seed``."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *name: object) -> random.Random:
        """Return a generator for everything that is drawn under ``name``."""
        return random.Random(f"{self.seed}/{_joined(name)}")

    def share(self, *name: object) -> float:
        """Return one number from 0 up to 1."""
        drawn = hashlib.blake2b(f"{self.seed}/{_joined(name)}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn) / _RANGE

    def between(self, least: float, most: float, *name: object) -> float:
        """Return one number in a range."""
        return least + (most - least) * self.share(*name)


def _joined(name: tuple[object, ...]) -> str:
    return "/".join(map(str, name))
