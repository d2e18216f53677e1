"""What each kind of trouble is called, and how soon somebody has to act. The words are in ``kinds.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from tracking.watching.items import Attention


class Urgency(StrEnum):
    """How soon somebody has to act; the first is the most urgent."""

    NOW = "now"
    TODAY = "today"
    LATER = "later"


_ORDER = tuple(Urgency)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of trouble, as lists and filters show it."""

    name: str
    urgency: Urgency
    title_vi: str
    title_en: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name."""
    said = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8"))
    return {name: Kind(name, Urgency(one["urgency"]), one["title_vi"], one["title_en"]) for name, one in said.items()}


def by_urgency(items: list[Attention]) -> list[Attention]:
    """Return troubles with the most urgent first, and the oldest first among those that are equally urgent."""
    known = kinds()
    return sorted(items, key=lambda one: (_ORDER.index(known[one.kind].urgency), one.since, one.key))
