"""How entries of the audit trail hang together, and what tells that they no longer do. Pure.

An entry's hash is SHA-256 over the hash before it and the entry's own fields as canonical JSON; whoever reads the trail
can recompute it. The seal beside it is made of the hash with a key that is not in the database: who can write to the
database alone cannot put a chain of his own in the place of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""What stands for the hash before the first entry."""

Seal = Callable[[str], str]
"""Makes the seal of a text with the key."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the chain sees it: ``fields`` are all that it says, ``seq`` and ``at`` among them."""

    seq: int
    fields: dict[str, Any]
    hash: str
    seal: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the trail at one moment, written down outside the database; ``where`` says in which place."""

    seq: int
    hash: str
    seal: str
    where: str = field(default="", compare=False)

    def written(self) -> str:
        """Return it as one line that a person can keep."""
        return f"{self.seq}:{self.hash}:{self.seal}"

    @classmethod
    def read(cls, text: str, where: str = "") -> Checkpoint:
        """Read the line that :meth:`written` gave.

        Raises:
            ValueError: it is none.
        """
        seq, hash_, seal = text.strip().split(":")
        if len(hash_) != len(START) or len(seal) != len(START):
            raise ValueError("a checkpoint is NUMBER:HASH:SEAL, as `postal audit verify` prints it")
        return cls(int(seq), hash_, seal, where)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which the trail is not as it was written."""

    seq: int
    what: str


def hash_of(previous: str, fields: dict[str, Any]) -> str:
    """Return the hash of an entry that follows the one with the hash ``previous``."""
    return hashlib.sha256(f"{previous}\n{canonical(fields)}".encode()).hexdigest()


def canonical(fields: dict[str, Any]) -> str:
    """Return fields as JSON of which there is but one form."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_instant)


def sealed(seq: int, hash_: str) -> str:
    """Return of what a seal is made."""
    return f"audit:{seq}:{hash_}"


def first_broken(
    links: Iterable[Link], seal: Seal, kept: Sequence[Checkpoint] = ()
) -> tuple[Broken | None, Link | None]:
    """Walk the whole trail; returns where it first breaks, and the last entry that was looked at.

    ``kept`` are checkpoints from outside: without one, entries that were cut off at the end are not missed.
    """
    of_entry: defaultdict[int, list[Checkpoint]] = defaultdict(list)
    for one in kept:
        of_entry[one.seq].append(one)
    last: Link | None = None
    for link in links:
        what = _fault(link, last, seal) or _differs(link, of_entry.pop(link.seq, ()))
        if what is not None:
            return Broken(link.seq, what), link
        last = link
    if of_entry:
        return _cut_off(last.seq if last else 0, of_entry[min(of_entry)][0]), last
    return None, last


def genuine(kept: Checkpoint, seal: Seal) -> bool:
    """Whether a checkpoint is one that this system gave."""
    return _same(kept.seal, seal(sealed(kept.seq, kept.hash)))


def _fault(link: Link, before: Link | None, seal: Seal) -> str | None:
    expected = before.seq + 1 if before else 1
    if link.seq != expected:
        return f"entry {expected} is missing or out of its place"
    if not _hangs_on(link, before):
        return "the entry, or the one before it, is not as it was written"
    if not _same(link.seal, seal(sealed(link.seq, link.hash))):
        return "the seal is not ours: the chain was made anew without the key"
    return None


def _hangs_on(link: Link, before: Link | None) -> bool:
    try:
        return link.hash == hash_of(before.hash if before else START, link.fields)
    except (TypeError, ValueError):  # there is something in it that was never written
        return False


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(str(given).encode("utf-8", "replace"), known.encode())


def _differs(link: Link, kept: Iterable[Checkpoint]) -> str | None:
    other = next((one for one in kept if one.hash != link.hash), None)
    return f"it is another entry than the checkpoint's{_in_brackets(other)}" if other else None


def _cut_off(reached: int, kept: Checkpoint) -> Broken:
    what = f"cut off: the trail ends at {reached}, and the checkpoint is of {kept.seq}{_in_brackets(kept)}"
    return Broken(reached + 1, what)


def _in_brackets(kept: Checkpoint) -> str:
    return f" ({kept.where})" if kept.where else ""


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in the audit trail")
    return value.astimezone(UTC).isoformat(timespec="microseconds")
