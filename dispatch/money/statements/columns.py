"""Which column of a statement is which, by its heading in Vietnamese or English. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

from config.accounts import StatementColumn
from dispatch.money.statements.cells import Cell, text_of
from dispatch.parties import Party

Columns = Mapping[StatementColumn, int]
"""Where each column stands, counted from 0."""


def plain(text: str) -> str:
    """Return words as headings are compared: small letters without marks, single spaces, nothing else."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def find_columns(row: Sequence[Cell], more: Mapping[StatementColumn, Sequence[str]]) -> Columns | None:
    """Return the columns if this row has their headings: an order or a waybill, and something about money."""
    found: dict[StatementColumn, int] = {}
    for place, cell in enumerate(row):
        name = _known(more).get(_without_unit(plain(text_of(cell))))
        if name is not None:
            found.setdefault(name, place)
    whose = found.keys() & {"order", "waybill"}
    return found if whose and found.keys() & {"collected", "postage", "remitted", "refund"} else None


def payer_of(cell: Cell) -> Party | None:
    """Return who pays the postage by this cell; None where it is empty.

    Raises:
        ValueError: it names nobody whom we know.
    """
    said = plain(text_of(cell))
    if not said:
        return None
    for party, words in _table()["payers"].items():
        if said in words:
            return Party(party)
    raise ValueError(f"'{text_of(cell)[:40]}' is nobody who pays postage: citizen, agency or post")


def _without_unit(heading: str) -> str:
    return re.sub(r" (d|dong|vnd)$", "", heading)


def _known(more: Mapping[StatementColumn, Sequence[str]]) -> dict[str, StatementColumn]:
    own = {_without_unit(plain(heading)): name for name, headings in more.items() for heading in headings}
    return {**_headings(), **own}


@cache
def _headings() -> dict[str, StatementColumn]:
    columns = get_args(StatementColumn)
    return {heading: name for name in columns for heading in _table()[name]}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
