"""The dossiers that a run plays, read from a file that people may have written by hand.

Only what the world itself needs is looked at here: who files what, and when. Everything else goes to the system as it
stands, because judging it is the system's work.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.clock import VIETNAM

_ORDER_FIELDS = ("service", "address", "contact", "carrier", "fee_by_post")
PACKAGED = files(__package__) / "dossiers.json"
"""The 24 dossiers that come with the package."""

_NO_TIME_GIVEN = datetime(2026, 2, 10, 8, 0, tzinfo=VIETNAM)


class MalformedFileError(Exception):
    """The file is not a list of dossiers; the message says where and what to do."""


@dataclass(frozen=True)
class Case:
    """One dossier of the file.

    Attributes:
        registration: body of ``PUT /v1/dossiers/{code}`` as the file has it.
        order: body of ``POST /v1/orders``.
        filed_at: when the citizen acts, aware. A time that cannot be read is left to the system to refuse, on the day
            on which the story begins.
    """

    code: str
    registration: dict[str, Any]
    order: dict[str, Any]
    filed_at: datetime

    @property
    def service(self) -> str:
        return str(self.order.get("service"))

    @property
    def first_order(self) -> str:
        """The number of the first order that the operator will get for this dossier."""
        return f"{self.code}-{'R' if self.service == 'receive' else 'S'}1"

    @property
    def agency(self) -> str:
        return str(_inside(self.registration, "agency", "code"))

    @property
    def phone(self) -> str:
        return str(_inside(self.registration, "applicant", "phone"))

    @property
    def procedure(self) -> str:
        return str(_inside(self.registration, "procedure", "name"))

    @property
    def term(self) -> tuple[int, str]:
        """Amount and unit of the procedure's time limit; ``(0, "")`` when the file has none that can be read."""
        amount, unit = (_inside(self.registration, "procedure", "time_limit", key) for key in ("amount", "unit"))
        return (amount, unit) if isinstance(amount, int) and isinstance(unit, str) else (0, "")

    @property
    def papers(self) -> list[str]:
        papers = self.registration.get("papers")
        return [str(_inside(paper, "name")) for paper in papers] if isinstance(papers, list) else []

    @property
    def filed_on(self) -> date:
        return self.filed_at.astimezone(VIETNAM).date()


def load_cases(path: Path | None) -> list[Case]:
    """Read the dossiers of ``path``, or those that come with the package, in order of filing.

    Raises:
        MalformedFileError: the file cannot be read, is not JSON, or is not a list of objects with a ``code`` each.
    """
    name = str(path or "the packaged dossiers.json")
    try:
        text = (path or PACKAGED).read_text(encoding="utf-8")
        entries = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedFileError(f"{name} cannot be read: {error}. Give the path of a JSON file in UTF-8.") from error
    except json.JSONDecodeError as error:
        raise MalformedFileError(f"{name} is not JSON: {error}. Correct it at that place.") from error
    if not isinstance(entries, list) or not entries:
        raise MalformedFileError(f"{name} must hold a list of at least one dossier: [ {{...}}, {{...}} ].")
    cases = [_case(name, number, entry) for number, entry in enumerate(entries, 1)]
    _check_codes(name, cases)
    return sorted(cases, key=lambda case: (case.filed_at, case.code))


def _case(name: str, number: int, entry: Any) -> Case:
    if not isinstance(entry, dict) or not isinstance(entry.get("code"), str) or not entry["code"].strip():
        raise MalformedFileError(f"{name}: entry {number} is not a dossier. Each needs at least a 'code' (text).")
    registration = {key: value for key, value in entry.items() if key not in ("code", *_ORDER_FIELDS)}
    order = {"dossier": entry["code"]} | {key: entry[key] for key in _ORDER_FIELDS if key in entry}
    return Case(entry["code"], registration, order, _filing_time(entry.get("filed_at")))


def _check_codes(name: str, cases: list[Case]) -> None:
    doubled = [code for code, times in Counter(case.code for case in cases).items() if times > 1]
    if doubled:
        raise MalformedFileError(f"{name}: code given twice: {', '.join(doubled)}. Remove or rename one of them.")


def _filing_time(text: Any) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return _NO_TIME_GIVEN
    return (read if read.tzinfo else read.replace(tzinfo=VIETNAM)).astimezone(UTC)


def _inside(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
