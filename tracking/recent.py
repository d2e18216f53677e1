"""What was committed lately, so that an operator that repeats itself a million times costs no million statements."""

from __future__ import annotations

from collections.abc import Iterable

from tracking.inbox_rows import Incoming


class Recent:
    """Remembers the last ``most`` documents that are known to be committed; one thread adds, any may ask."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._names: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return len(self._names)

    def add(self, committed: Iterable[Incoming]) -> None:
        """Remember documents, and forget as many that were remembered first."""
        for one in committed:
            self._names[one.source, one.key] = None
        while len(self._names) > self._most:
            del self._names[next(iter(self._names))]

    def has_all(self, incoming: Iterable[Incoming]) -> bool:
        """Whether every one of them is known to be committed."""
        names = self._names
        return all((one.source, one.key) in names for one in incoming)
