"""What a report looks like: its headings, its columns, and how each column comes from others. Pure.

Leaf columns are counted; every other column follows from them, so that a figure is traced by its leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from tracking.reports.periods import Rhythm


class Words(NamedTuple):
    """One text in both languages."""

    vi: str
    en: str

    def __str__(self) -> str:
        return f"{self.vi} / {self.en}"


class Unit(StrEnum):
    """What a leaf column counts."""

    DOSSIERS = "dossiers"
    ITEMS = "items"
    VND = "vnd"
    WORKING_DAYS = "working_days"


class Entry(NamedTuple):
    """One line of evidence: it adds ``amount`` to one leaf column of one row.

    Attributes:
        row: the codes that make the row, one for each of the report's keys.
        names: what these codes are called.
        item: the shipment, incident or payment it is about; empty where it is about the dossier itself.
    """

    row: tuple[str, ...]
    names: tuple[str, ...]
    column: str
    dossier: str
    item: str = ""
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column that is counted; ``how`` says what counts. ``band`` is the heading above it and its neighbours."""

    key: str
    title: Words
    how: Words
    unit: Unit = Unit.DOSSIERS
    band: Words | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A column that adds up others."""

    key: str
    title: Words
    of: tuple[str, ...]
    band: Words | None = None
    unit: Unit = Unit.DOSSIERS


@dataclass(frozen=True, slots=True)
class Share:
    """A column that says which part of ``whole`` is ``part``; both are sums of leaves."""

    key: str
    title: Words
    part: tuple[str, ...]
    whole: tuple[str, ...]
    band: Words | None = None


@dataclass(frozen=True, slots=True)
class Mean:
    """A column that says how much of ``total`` falls to each of ``over``; both are sums of leaves."""

    key: str
    title: Words
    total: tuple[str, ...]
    over: tuple[str, ...]
    band: Words | None = None


Column = Leaf | Sum | Share | Mean


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of words before the figures: the code or the name of one part of a row's key."""

    title: Words
    key: int
    width: int
    code: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One report.

    Attributes:
        name: what the command line calls it.
        counted: what its figures count, as the sheet says it.
        groups: how many of a row's keys make its group, which gets a line of sums; 0 where there are no groups.
        source: which text asks for it, or who uses it.
        notes: what a reader has to know.
    """

    name: str
    title: Words
    source: Words
    counted: Words
    rhythm: Rhythm
    headings: tuple[Heading, ...]
    columns: tuple[Column, ...]
    groups: int = 0
    notes: tuple[Words, ...] = ()

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(column for column in self.columns if isinstance(column, Leaf))


Values = Mapping[str, int]
"""The leaves of one row; what is not there is nothing."""


def value(column: Column, leaves: Values) -> int | Fraction | None:
    """Return what stands in a column; None where there is nothing to divide by."""
    if isinstance(column, Leaf):
        return leaves.get(column.key, 0)
    if isinstance(column, Sum):
        return added(column.of, leaves)
    above, below = (column.part, column.whole) if isinstance(column, Share) else (column.total, column.over)
    whole = added(below, leaves)
    return Fraction(added(above, leaves), whole) if whole else None


def added(keys: tuple[str, ...], leaves: Values) -> int:
    """Return the sum of some leaves."""
    return sum(leaves.get(key, 0) for key in keys)


def total(rows: list[Values]) -> dict[str, int]:
    """Return the leaves of a line that adds up others."""
    summed: dict[str, int] = {}
    for leaves in rows:
        for key, amount in leaves.items():
            summed[key] = summed.get(key, 0) + amount
    return summed
