"""An address as people write it: house and street, place, and which place is meant where there are several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from dispatch.citizens import resolve
from dispatch.forms import AddressForm
from dispatch.problems import Problem

_MARK = "|"
_LONGEST = 300


class AddressFields(BaseModel):
    """What was typed. ``which`` is the place that was chosen of several, as ``era|text``."""

    detail: str = ""
    place: str = ""
    which: str = ""

    @property
    def address(self) -> AddressForm:
        """The address that was meant.

        Raises:
            Problem: it is empty, too long, or holds what cannot be printed.
        """
        era, _, chosen = self.which.partition(_MARK)
        place, known = (chosen, era) if chosen and era in ("new2", "legacy3") else (self.place, None)
        if not place.strip():
            raise _missing()
        try:
            return AddressForm.model_validate({"text": _joined(self.detail, place), "era": known})
        except ValidationError as error:
            raise _unusable() from error


@dataclass(frozen=True, slots=True)
class Place:
    """A place to choose: what the form sends for it, how it reads, and whether it is an address of before July 2025."""

    value: str
    name: str
    old: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a form cannot be taken, in both languages; ``places`` are those that an address could mean."""

    vi: str
    en: str
    places: tuple[Place, ...] = ()

    @classmethod
    def of(cls, problem: Problem) -> Wrong:
        """Say a problem to a citizen."""
        # What was typed wrongly has advice for the clerk as its next step; the citizen has the form before him.
        english = problem.detail if "field" in problem.extra else f"{problem.detail} {problem.next_step}"
        return cls(problem.next_step_vi or english, english, tuple(map(_choice, problem.extra.get("candidates", ()))))


def checked(fields: AddressFields) -> AddressForm:
    """Return the address of a form when there is one commune of today that it means, whatever it was called before.

    Raises:
        Problem: there is none, or several; then they are listed.
    """
    address = fields.address
    try:
        resolve(address)
    except Problem as problem:
        if not _is_one_commune(problem):
            raise
        address = address.model_copy(update={"era": "new2"})
        resolve(address)
    return address


def _is_one_commune(problem: Problem) -> bool:
    """Whether an address of two eras lies in the same commune of today by both: then nobody need be asked."""
    candidates = problem.extra.get("candidates", ())
    return len({one["new_commune_code"] for one in candidates}) == 1 and any(one["era"] == "new2" for one in candidates)


def _choice(candidate: dict[str, Any]) -> Place:
    old = ", ".join(filter(None, (candidate["old_commune"], candidate["old_district"])))
    today = f"{candidate['new_commune']}, {candidate['new_province']}"
    name = f"{old} → {today}" if old else today
    return Place(f"{candidate['era']}{_MARK}{candidate['text']}", name, bool(old))


def _joined(detail: str, place: str) -> str:
    return ", ".join(part for part in (detail.strip().strip(","), place.strip()) if part)


def _missing() -> Problem:
    return Problem(
        "address",
        "The address is missing",
        "Commune and province are not filled in.",
        "Write the commune or ward and the province.",
        next_step_vi="Vui lòng ghi xã, phường và tỉnh, thành phố.",
    )


def _unusable() -> Problem:
    return Problem(
        "address",
        "The address cannot be used",
        f"It is longer than {_LONGEST} characters, or holds characters that cannot be printed.",
        "Write it shorter, and type it instead of pasting it.",
        next_step_vi=f"Địa chỉ dài quá {_LONGEST} ký tự hoặc có ký tự không in được. Vui lòng gõ lại ngắn hơn.",
    )
