"""The ways in which an address can be read: which words are the province, the district and the commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dispatch.gazetteer import Place, Register
from dispatch.place_names import Name, Span, Word, mentions_commune, names_ending, split

_COUNTRY = frozenset({"vietnam", "vn"})
_POSTAL_CODE_DIGITS = (5, 6)


@dataclass(frozen=True, slots=True)
class Reading:
    """A place of the register, and the words of the address that name it.

    Attributes:
        district: the words that name the old district; ``None`` also where the address leaves it out.
        starts_at: where the commune begins in the text, in characters.
    """

    place: Place
    province: Span | None
    district: Span | None
    commune: Span
    starts_at: int

    @property
    def complete(self) -> bool:
        """Whether every level below the province is named that the place has."""
        return bool(self.district) == bool(self.place.district)

    @property
    def names_district(self) -> bool:
        """Whether a district is set apart in the text, by its kind or a comma.

        The last words of "Phường 1 Bảo Lộc", a ward of today, are not: they would be read as the old city.
        """
        return self.district is not None and (self.district.kind is not None or self.district.at_edge)

    @property
    def exact(self) -> bool:
        """Whether every level is named, with its kind and all accents (the province: in whatever spelling)."""
        return bool(
            self.province
            and self.complete
            and _same(self.commune, self.place.commune)
            and (self.district is None or _same(self.district, self.place.district))
        )


def read(text: str, register: Register) -> list[Reading]:
    """Return every reading of an address that names a place of the register, the most literal ones alone.

    A commune written with its kind excludes those without; one written with all its accents excludes those that only
    look alike. A place found in two ways is given once, with its district if one of them names it.
    """
    words = _without_country(split(text))
    readings = list(_readings(words, register))
    readings = [reading for reading in readings if reading.commune.kind] or readings
    if not text.isascii():
        readings = [reading for reading in readings if _accents_agree(reading)] or readings
    found: dict[Place, Reading] = {}
    for reading in readings:
        found.setdefault(reading.place, reading)
    return list(found.values())


def _readings(words: tuple[Word, ...], register: Register) -> Iterator[Reading]:
    for province in _provinces(words, register):
        end = province.start if province else len(words)
        for district in _districts(words, end, province, register):
            communes = names_ending(words, district.start if district else end, register.communes)
            for commune in communes:
                if _plausible(words, commune):
                    yield from _matches(words, register, (province, district, commune))


def _matches(
    words: tuple[Word, ...], register: Register, spans: tuple[Span | None, Span | None, Span]
) -> Iterator[Reading]:
    province, district, commune = spans
    for place in register.named(commune.key):
        in_district = district is None or (place.district and district.fits(place.district))
        if in_district and commune.fits(place.commune) and _fits_any(province, place.provinces):
            yield Reading(place, province, district, commune, words[commune.start].start)


def _provinces(words: tuple[Word, ...], register: Register) -> list[Span | None]:
    """Return the province at the end, if any.

    Both answers are kept where the last words of a commune's name could be one: "Xã Nguyễn Huệ" is not in Huế.
    """
    longest = next(names_ending(words, len(words), register.provinces), None)
    if longest is None or longest.kind or longest.at_edge:
        return [longest]
    return [longest, None]


def _districts(words: tuple[Word, ...], end: int, province: Span | None, register: Register) -> Iterator[Span | None]:
    """Yield the districts that may stand before word ``end``, and at last that there is none.

    Where no province is written, a name alone is hardly evidence: "Cao Bằng" is a province before it is a city.
    """
    for span in names_ending(words, end, register.districts):
        if province or span.kind or (span.at_edge and span.key not in register.provinces):
            yield span
    yield None


def _plausible(words: tuple[Word, ...], commune: Span) -> bool:
    """Whether a name without a kind may be the commune: it begins a part, and no part before it says it is one."""
    return bool(commune.kind) or (commune.at_edge and not mentions_commune(words[: commune.start]))


def _fits_any(span: Span | None, names: Iterable[Name]) -> bool:
    return span is None or any(span.fits(name) for name in names)


def _accents_agree(reading: Reading) -> bool:
    return reading.commune.accented == reading.place.commune.accented


def _same(span: Span, name: Name | None) -> bool:
    return name is not None and span.kind == name.kind and span.accented == name.accented


def _without_country(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Drop a postal code and the country from the end."""
    if words and _is_postal_code(words[-1]):
        words = words[:-1]
    for length in (2, 1):
        if "".join(word.plain for word in words[-length:]) in _COUNTRY:
            return _without_country(words[:-length])
    return words


def _is_postal_code(word: Word) -> bool:
    return word.plain.isdigit() and len(word.accented) in _POSTAL_CODE_DIGITS
