"""Names of places in running text: words without accents, kinds and their abbreviations, names at the end of a text.

Nothing here knows which places exist; that is told by :mod:`dispatch.gazetteer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from unicodedata import combining, normalize


class Kind(StrEnum):
    """What sort of unit a name belongs to; the value is the Vietnamese word without accents and spaces."""

    PROVINCE = "tinh"
    CITY = "thanhpho"
    DISTRICT = "huyen"
    URBAN_DISTRICT = "quan"
    TOWN = "thixa"
    COMMUNE = "xa"
    WARD = "phuong"
    TOWNSHIP = "thitran"
    SPECIAL_ZONE = "dackhu"


LONGEST_NAME = 8
"""In words; the longest in the register has six."""

COMMUNE_KINDS = frozenset({Kind.COMMUNE, Kind.WARD, Kind.TOWNSHIP, Kind.SPECIAL_ZONE})

_ABBREVIATIONS = {
    "t": Kind.PROVINCE,
    "tp": Kind.CITY,
    "h": Kind.DISTRICT,
    "q": Kind.URBAN_DISTRICT,
    "tx": Kind.TOWN,
    "x": Kind.COMMUNE,
    "p": Kind.WARD,
    "tt": Kind.TOWNSHIP,
    "dk": Kind.SPECIAL_ZONE,
}
_KINDS = {kind.value: kind for kind in Kind} | _ABBREVIATIONS

_APOSTROPHES = "'’ʼ`"
_WORD = re.compile(rf"(?:[^\W\d_]|[\u0300-\u036f{_APOSTROPHES}])+|\d+")
_HARD_GAP = re.compile(r"[,;|()\[\]]")
_DROPPED = str.maketrans("", "", _APOSTROPHES)
# Icelandic eth looks the same as Đ, and some keyboards and old fonts write it instead.
_D_WITH_STROKE = str.maketrans({"đ": "d", "ð": "d"})


class Gap(IntEnum):
    """What stands after a word: nothing, a sign that names may contain (a hyphen), or one that always ends a name."""

    NONE = 0
    SOFT = 1
    HARD = 2


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number: without accents for finding, with accents for comparing, and where it starts in the text."""

    plain: str
    accented: str
    start: int
    gap: Gap


@dataclass(frozen=True, slots=True)
class Name:
    """The official name of a unit: ``Xã Hưng Đạo`` has the key ``hungdao``, accented ``hưngđạo``."""

    full: str
    key: str
    accented: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Span:
    """A name found in a text. ``start`` and ``end`` count words; ``start`` includes the kind, if one was written."""

    key: str
    accented: str
    kind: Kind | None
    start: int
    end: int
    at_edge: bool

    def fits(self, name: Name) -> bool:
        """Whether this may stand for the official ``name``: same letters, and no other kind was written."""
        return self.key == name.key and self.kind in (None, name.kind)


@cache
def official(full: str) -> Name:
    """Take an official name such as ``Thị trấn Tà Lùng`` apart."""
    words = split(normalize("NFC", full))
    kind, length = next(_kinds_at(words, 0), (None, 0))
    return Name(normalize("NFC", full), *_joined(words[length:]), kind)


def split(text: str) -> tuple[Word, ...]:
    """Return the words of a text in composed Unicode; letters and digits are apart, so ``P5`` is two words."""
    found = [match for match in _WORD.finditer(text) if match.group().strip(_APOSTROPHES)]
    ends = [*(match.start() for match in found), len(text)][1:]
    return tuple(_word(match, text[match.end() : end]) for match, end in zip(found, ends, strict=True))


def names_ending(words: Sequence[Word], end: int, known: Mapping[str, Set[Kind | None]]) -> Iterator[Span]:
    """Yield the known names that end before word ``end``, longest first.

    A name is yielded without a kind, or with one that a unit of this name has. A bare number is no name.
    """
    for first in range(_earliest(words, end), end):
        key, accented = _joined(words[first:end])
        kind, start = _kind_before(words, first)
        if kind in known.get(key, ()) or (key in known and kind is None and not key.isdigit()):
            yield Span(key, accented, kind, start, end, is_edge(words, start))


def is_edge(words: Sequence[Word], index: int) -> bool:
    """Whether a new part of the text begins at this word: after a comma or hyphen, or at the very start."""
    return index == 0 or words[index - 1].gap != Gap.NONE


def mentions_commune(words: Sequence[Word]) -> bool:
    """Whether some part of these words begins like a commune: ``Xã …``, ``P. …``."""
    return any(
        kind in COMMUNE_KINDS
        for index in range(len(words))
        if is_edge(words, index)
        for kind, _ in _kinds_at(words, index)
    )


def _earliest(words: Sequence[Word], end: int) -> int:
    """Return the first word that a name ending before word ``end`` may have: names do not reach across a comma."""
    first = end
    while first > max(end - LONGEST_NAME, 0) and (first == end or words[first - 1].gap != Gap.HARD):
        first -= 1
    return first


def _word(match: re.Match[str], after: str) -> Word:
    accented = normalize("NFKC", match.group()).casefold().translate(_DROPPED)
    bare = "".join(char for char in normalize("NFKD", accented) if not combining(char)).translate(_D_WITH_STROKE)
    plain = bare.lstrip("0") or "0" if bare.isdigit() else bare
    return Word(plain, accented, match.start(), _gap(after))


def _gap(after: str) -> Gap:
    if _HARD_GAP.search(after):
        return Gap.HARD
    return Gap.SOFT if after.strip(" .") else Gap.NONE


def _joined(words: Sequence[Word]) -> tuple[str, str]:
    return "".join(word.plain for word in words), "".join(word.accented for word in words)


def _kinds_at(words: Sequence[Word], index: int) -> Iterator[tuple[Kind, int]]:
    """Yield the kind that is written from this word on, with its length in words (``thị xã`` before ``xã``)."""
    for length in (2, 1):
        part = words[index : index + length]
        kind = _KINDS.get(_joined(part)[0])
        if kind and len(part) == length and all(word.gap != Gap.HARD for word in part):
            yield kind, length


def _kind_before(words: Sequence[Word], index: int) -> tuple[Kind | None, int]:
    """Return the kind that is written just before this word, and where it starts."""
    for length in (2, 1):
        for kind, found in _kinds_at(words[:index], index - length) if index >= length else ():
            if found == length:
                return kind, index - length
    return None, index
