"""Postage rules as data: who may claim less, by how much, and by which rule. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from config.accounts import PostageReduction


@dataclass(frozen=True, slots=True)
class Group:
    """People who may be entitled to pay less."""

    id: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """Whether a tariff of the state's is known here, and what to tell whoever asks."""

    found: bool
    source: str
    text_vi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Relief:
    """How much less is paid of a price, and why; nothing less where no reduction is in force for the group."""

    reduction_vnd: int
    legal_source: str


@cache
def groups() -> dict[str, Group]:
    """Return the groups by id."""
    return {one["id"]: Group(**one) for one in _table()["groups"]}


@cache
def tariff() -> Tariff:
    """Return what is known of the state's tariff."""
    return Tariff(**_table()["tariff"])


def relief(agreed: Sequence[PostageReduction], group: str | None, price_vnd: int, on: date) -> Relief:
    """Return the reduction of a price for a group on a day; the largest of those in force.

    Parts of a đồng are in the payer's favour.
    """
    in_force = [
        one
        for one in agreed
        if one.group == group and one.valid_from <= on and (one.valid_until is None or on <= one.valid_until)
    ]
    best = max(in_force, key=lambda one: one.percent_off, default=None)
    if best is None:
        return Relief(0, "")
    return Relief(price_vnd - price_vnd * (100 - best.percent_off) // 100, best.legal_source)


def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))
