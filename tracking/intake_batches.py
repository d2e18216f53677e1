"""How deliveries that wait are committed together, and how one that cannot be kept is found among them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Load(Protocol):
    """What is known of a delivery here: how many rows it makes, and how many bytes they have."""

    @property
    def rows(self) -> int: ...

    @property
    def size(self) -> int: ...


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much there may be of something; a single delivery is never too much."""

    rows: int
    size: int

    def hold(self, rows: int, size: int) -> bool:
        """Whether so many rows of so many bytes stay within."""
        return rows <= self.rows and size <= self.size


def first_batch(waiting: Iterable[Load], bounds: Bounds) -> int:
    """Return how many of those that wait, from the first on, belong in the next transaction: at least one."""
    count = rows = size = 0
    for delivery in waiting:
        rows += delivery.rows
        size += delivery.size
        if count and not bounds.hold(rows, size):
            break
        count += 1
    return count


def commit_apart(
    batch: Sequence[_T], commit: Callable[[Sequence[_T]], None], is_to_blame: Callable[[Exception], bool]
) -> list[Exception | None]:
    """Commit a batch, and return for each of its members why it was not kept, or None.

    A batch that fails for what is in it (``is_to_blame``) is halved until the guilty stand alone; any other failure is
    everybody's. ``commit`` keeps all or nothing, so nobody is kept twice.
    """
    try:
        commit(batch)
    except Exception as error:  # noqa: BLE001 - whatever it was, somebody waits for an answer to each of them
        if not is_to_blame(error) or len(batch) == 1:
            return [error] * len(batch)
        middle = len(batch) // 2
        return commit_apart(batch[:middle], commit, is_to_blame) + commit_apart(batch[middle:], commit, is_to_blame)
    return [None] * len(batch)
