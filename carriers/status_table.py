"""Versioned tables that say what an operator's codes mean, and how sure we are of each line.

Tables are data beside each operator (``statuses.toml``). They lie now and then, so raw events are kept and a corrected
version can be held against them; a code that is not listed stays unknown instead of being guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from carriers.contract import Certainty
from carriers.states import ShipmentState


class StatusMeaning(BaseModel):
    """One line: what a code says about the papers, or that it is about money only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    state: ShipmentState | None = None
    reason: str | None = None
    moves_custody: bool = False
    money_only: bool = False
    certainty: Certainty
    source: str

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.money_only and (self.state is not None or self.moves_custody):
            raise ValueError(f"code {self.code}: a code about money only cannot move the papers")
        return self


class StatusVersion(BaseModel):
    """One issue of a table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    issued: date
    codes: tuple[StatusMeaning, ...]

    @model_validator(mode="after")
    def _each_code_once(self) -> Self:
        codes = [meaning.code for meaning in self.codes]
        if doubled := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"status table {self.name}: code given twice: {', '.join(doubled)}")
        return self


@dataclass(frozen=True, slots=True)
class StatusTables:
    """All versions of one operator's table, oldest first; the last is the current one."""

    issues: tuple[StatusVersion, ...]

    @property
    def current(self) -> str:
        return self.issues[-1].name

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(issue.name for issue in self.issues)

    def meanings(self, version: str | None = None) -> dict[str, StatusMeaning]:
        """Return the lines of ``version`` by code.

        Raises:
            KeyError: there is no such version.
        """
        return {meaning.code: meaning for meaning in self._issue(version or self.current).codes}

    def confirmed_by(self, operator: StatusVersion) -> StatusTables:
        """Return tables whose current version is ``operator``'s own lines, with ours where it says nothing."""
        merged = {**self.meanings(), **{meaning.code: meaning for meaning in operator.codes}}
        newest = operator.model_copy(update={"codes": tuple(merged.values())})
        return StatusTables((*self.issues, newest))

    def _issue(self, version: str) -> StatusVersion:
        for issue in self.issues:
            if issue.name == version:
                return issue
        raise KeyError(f"no status table '{version}'; there are: {', '.join(self.versions)}")


def unknown(code: str) -> StatusMeaning:
    """Return the meaning of a code that no table lists: none, and that is said."""
    return StatusMeaning(code=code, certainty=Certainty.UNKNOWN, source="not in the status table")


def load_status_tables(file: Traversable) -> StatusTables:
    """Read a ``statuses.toml`` that ships with an operator's package."""
    return _ordered(StatusVersion.model_validate(issue) for issue in tomllib.loads(file.read_text("utf-8"))["versions"])


def _ordered(issues: Iterable[StatusVersion]) -> StatusTables:
    return StatusTables(tuple(sorted(issues, key=lambda issue: issue.issued)))
