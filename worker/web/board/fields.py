"""The fields of a form that writes down a fact, and what is said beside the one that does not fit."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from starlette.datastructures import FormData

from dispatch.parties import Party
from dispatch.problems import Problem
from worker.web.board.counted import moment
from worker.web.board.refusals import MARKED, Faults, unfit

_ = str

WHEN = "at"
"""The field for the day and time, which every fact has."""

ONCE = "once"
"""The hidden field by which a form that is sent twice is one fact."""


class Shape(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    LINES = "lines"
    AMOUNT = "amount"
    CHOICE = "choice"
    CHECKS = "checks"
    DEBTS = "debts"
    WHEN = "when"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        options: value and label, where one or several are chosen; of debts the label is debtor, creditor and amount.
        said: labels are what people have typed, so nothing to translate.
        starts: what stands in it before anybody has typed.
    """

    name: str
    label: str
    shape: Shape = Shape.LINE
    hint: str = ""
    needed: bool = True
    options: Sequence[tuple[str, str | tuple[Party, Party, int]]] = ()
    said: bool = False
    starts: str = ""


AT = Field(WHEN, _("When it happened, if not now"), Shape.WHEN, needed=False)

NOT_YET = _("That moment has not come yet: write down what has happened.")
SENT_OTHERWISE = _(
    "This form was sent before with other words, and those stand. Send it once more if this is another fact."
)

_NUMBER = re.compile(r"[0-9a-f]{16}")
_FILL_IN = _("Fill this in.")
_CHOOSE = _("Choose one of them.")
_AMOUNT = _("Write whole đồng, more than nothing and at most 1.000.000.000, such as 50.000.")
_TEXT = _("It is too long, or holds characters that cannot be kept: type it again, and shorter.")
_TIME = _("Write the day and the time, or leave it empty for now.")
_KINDS = {
    "missing": _FILL_IN,
    "too_short": _FILL_IN,
    "string_too_short": _FILL_IN,
    "enum": _CHOOSE,
    "literal_error": _CHOOSE,
    "bool_parsing": _CHOOSE,
    "int_parsing": _AMOUNT,
    "int_parsing_size": _AMOUNT,
    "greater_than": _AMOUNT,
    "less_than_equal": _AMOUNT,
    "date_from_datetime_parsing": _TIME,
    "date_parsing": _TIME,
}
"""What is said of each kind of error that a form's model finds."""


def misfits(problem: Problem | None) -> dict[str, str]:
    """Return what is said beside each field that its form's model did not take."""
    named = problem.extra.get("fields", ()) if problem is not None else ()
    kinds: Mapping[str, str] = named if isinstance(named, Mapping) else dict.fromkeys(named, "missing")
    return {_field(place): _TIME if _field(place) == WHEN else _KINDS.get(kinds[place], _TEXT) for place in kinds}


def shown(problem: Problem | None, wrong: Mapping[str, str]) -> dict[str, Any]:
    """Return a refusal as a page shows it; ``wrong`` is what is said of each field, ``""`` being the whole form."""
    said = wrong.get("") or (MARKED if wrong else None)
    return {"problem": problem, "said": said, "faults": Faults({name: wrong[name] for name in wrong if name})}


def new_number() -> str:
    """Return the number of a form that has not been sent yet."""
    return secrets.token_hex(8)


def number_of(filled: FormData) -> str:
    """Return the number with which a form was made."""
    given = str(filled.get(ONCE) or "")
    return given if _NUMBER.fullmatch(given) else new_number()


def text_of(filled: FormData, name: str) -> str:
    """Return what was typed into a field."""
    return str(filled.get(name) or "").strip()


def moment_of(text: str, now: datetime) -> datetime:
    """Return when it happened by what was typed; left empty it is now.

    Raises:
        Problem: it is no day and time.
    """
    try:
        return moment(text, now)
    except Problem as problem:
        raise unfit(WHEN) from problem


def _field(place: str) -> str:
    """Return the field of a form that stands for a place in a model, such as ``papers`` for ``steps.0.papers.2``."""
    return next((part for part in reversed(place.split(".")) if not part.isdecimal()), "")
