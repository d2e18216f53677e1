"""Which commune of today an address means. Where more than one could be meant, the citizen is asked, never guessed for.

On 1 July 2025 districts were abolished and communes merged. Papers carry the old addresses for years, and most new
communes have the name of an old one but not its area, so the same words mean different places in the two eras.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from dispatch import address_advice as advice
from dispatch.address_reading import Reading, read
from dispatch.gazetteer import Commune, Era, Place, register
from dispatch.written import Advice, Refusal, tidy

_FIELD = "address"
_LONGEST_ADDRESS = 300
_LINE_ENDS = re.compile(r"[\r\n]+")
_BETWEEN = " ,;|.-–("


class Confidence(StrEnum):
    """How an address was matched.

    ``EXACT``: every unit is written with its kind and accents. ``INFERRED``: something was left out (accents, kinds,
    the province), but only one commune fits.
    """

    EXACT = "exact"
    INFERRED = "inferred"


@dataclass(frozen=True)
class ResolvedAddress:
    """An address and the commune of today it lies in.

    Attributes:
        raw: as written, in composed Unicode on one line.
        era: the system of units in which it is written.
        commune_code: code of the statistics office, like ``province_code`` text with zeros at the front.
        legacy_district: the old units as named in the register, for an address of the old system.
        detail: what stands before the commune: house, street, hamlet. May be empty.
    """

    raw: str
    era: Era
    province_code: str
    province_name: str
    commune_code: str
    commune_name: str
    legacy_district: str | None
    legacy_commune: str | None
    confidence: Confidence
    detail: str


@dataclass(frozen=True)
class Candidate:
    """One place that an address could mean. Resolving ``text`` with ``era`` gives its new commune, without question."""

    era: Era
    text: str
    old_district: str | None
    old_commune: str | None
    new_commune: str
    new_commune_code: str
    new_province: str


class AmbiguousAddress(Refusal):
    """The address could mean each of ``candidates``, or means one of them in a way that must be confirmed."""

    def __init__(self, question: Advice, candidates: tuple[Candidate, ...]) -> None:
        super().__init__(_FIELD, question)
        self.candidates = candidates


class UnknownAddress(Refusal):
    """No commune of either era fits the address."""


def resolve_address(text: str, era: Era | None) -> ResolvedAddress:
    """Find the commune of today that an address means.

    Args:
        text: the address as written, units from small to large, with or without accents and commas.
        era: the system it is written in, if known. An address that names a district is of the old system.

    Raises:
        AmbiguousAddress: several communes fit, or an address of the old system comes without a district.
        UnknownAddress: none fits.
    """
    refuse = partial(UnknownAddress, _FIELD)
    raw = tidy(_one_line(text), _LONGEST_ADDRESS, refuse)
    readings = read(raw, register())
    if not readings:
        raise refuse(advice.UNKNOWN)
    possible = _of_era(readings, era)
    if len(possible) > 1 or not _settles(possible[0], era):
        raise _ask([reading.place for reading in possible], era)
    return _resolved(raw, possible[0])


def _one_line(text: str) -> str:
    lines = (line.strip(" \t,") for line in _LINE_ENDS.split(text))
    return ", ".join(line for line in lines if line)


def _of_era(readings: list[Reading], era: Era | None) -> list[Reading]:
    """Keep what the declared era allows; a written district is never overlooked, whatever was declared.

    Where nothing is left the declaration is wrong, and all that fits is shown.
    """
    if era is None:
        return readings
    return [reading for reading in readings if reading.place.era == era or reading.names_district] or readings


def _settles(reading: Reading, era: Era | None) -> bool:
    return reading.complete and era in (None, reading.place.era) and len(reading.place.today) == 1


def _resolved(raw: str, reading: Reading) -> ResolvedAddress:
    place, (commune,) = reading.place, reading.place.today
    old = place.era == "legacy3"
    return ResolvedAddress(
        raw=raw,
        era=place.era,
        province_code=commune.province_code,
        province_name=commune.province_name,
        commune_code=commune.code,
        commune_name=commune.name,
        legacy_district=place.district.full if place.district else None,
        legacy_commune=place.commune.full if old else None,
        confidence=Confidence.EXACT if reading.exact else Confidence.INFERRED,
        detail=raw[: reading.starts_at].strip(_BETWEEN),
    )


def _ask(places: list[Place], era: Era | None) -> AmbiguousAddress:
    candidates = tuple(_candidate(place, commune) for place in places for commune in place.today)
    return AmbiguousAddress(advice.question(places, era), candidates)


def _candidate(place: Place, commune: Commune) -> Candidate:
    old = place.era == "legacy3"
    # Where an old commune was divided, only the name of the new one says which part is meant.
    by_old_name = old and len(place.today) == 1
    units = (place.commune, place.district, place.provinces[0])
    old_text = ", ".join(unit.full for unit in units if unit)
    return Candidate(
        era="legacy3" if by_old_name else "new2",
        text=old_text if by_old_name else f"{commune.name}, {commune.province_name}",
        old_district=place.district.full if place.district else None,
        old_commune=place.commune.full if old else None,
        new_commune=commune.name,
        new_commune_code=commune.code,
        new_province=commune.province_name,
    )
