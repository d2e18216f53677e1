"""Which list of papers counts for a dossier: pure choice among the editions that were published.

A procedure's papers stand in the national list of procedures and on the authority's own portal. Where the two differ,
the portal wins (Decision 45/2016/QĐ-TTg Art. 6(2)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

RULE = "Decision 45/2016/QĐ-TTg Art. 6(2)"


class ListSource(StrEnum):
    """Where a list of papers is published; the later one here wins."""

    NATIONAL = "national"
    PORTAL = "portal"


_RANK = {source: place for place, source in enumerate(ListSource)}


@dataclass(frozen=True, slots=True)
class Item:
    """One paper that a procedure asks for; what is not ``required`` is asked for only in some cases."""

    name: str
    originals: int
    copies: int
    required: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """One published version of a procedure's list.

    Attributes:
        id: grows with every publication.
        valid_from: the first day (in Vietnam) on which it counts.
    """

    id: int
    source: ListSource
    version: str
    valid_from: date
    items: tuple[Item, ...]


def in_force(editions: Iterable[Edition], on: date) -> Edition | None:
    """Return the edition that counts on a day: the newest of each source, and of those the portal's."""
    begun = [edition for edition in editions if edition.valid_from <= on]
    return max(begun, key=lambda edition: (_RANK[edition.source], edition.valid_from, edition.id), default=None)


def same_name(one: str, other: str) -> bool:
    """Whether two people mean the same paper: capitals and outer spaces do not count."""
    return one.strip().casefold() == other.strip().casefold()
