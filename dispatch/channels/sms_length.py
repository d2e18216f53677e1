"""How long a text is as an SMS: which alphabet it needs and how many segments are paid for (3GPP TS 23.038). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("^{}\\[~]|€\f")
_LAST_OF_ONE_UNIT = 0xFFFF


class Coding(StrEnum):
    """The two alphabets of the short message service. Vietnamese with its marks needs the second."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_ROOM = {Coding.GSM_7: (160, 153), Coding.UCS_2: (70, 67)}
"""Units in a message that stands alone, and in each part of one that is longer."""


@dataclass(frozen=True, slots=True)
class Length:
    """``units`` are septets, or UTF-16 units."""

    coding: Coding
    units: int
    segments: int


def measure(text: str) -> Length:
    """Return how long a text is; a sign of two units is never cut in two by the end of a segment."""
    coding, costs = _costs(text)
    return Length(coding, sum(costs), _segments(costs, *_ROOM[coding]))


def _costs(text: str) -> tuple[Coding, list[int]]:
    if all(char in _BASIC or char in _ESCAPED for char in text):
        return Coding.GSM_7, [2 if char in _ESCAPED else 1 for char in text]
    return Coding.UCS_2, [2 if ord(char) > _LAST_OF_ONE_UNIT else 1 for char in text]


def _segments(costs: Sequence[int], alone: int, each: int) -> int:
    if sum(costs) <= alone:
        return 1
    segments, used = 1, 0
    for cost in costs:
        if used + cost > each:
            segments, used = segments + 1, 0
        used += cost
    return segments
