"""The kinds of messages to citizens: texts, short forms, and which the law wants told; checked at boot. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from config.errors import ConfigurationError
from dispatch.channels.sms_length import Length, measure
from tracking.telling.samples import LONGEST_CODE, SAMPLES

MOST_SEGMENTS = 2
MINIMUM = {"unit": "agency", "person": "officer", "received": "received", "limit": "limit", "due": "due"}
"""The lines of a letter that the law wants, each with what it has to say (Decree 224/2026/NĐ-CP Art. 15(1)(g))."""

_TEXTS = Path(__file__).parents[1] / "notices.toml"
_LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Kind:
    """``duty``: the law that wants it told; empty for a courtesy. ``asked``: the citizen waits for it."""

    name: str
    vi: str
    en: str
    sms: str
    duty: str
    asked: bool

    @property
    def statutory(self) -> bool:
        """Whether it goes even to who opted out."""
        return bool(self.duty) or self.asked

    @property
    def ground(self) -> str:
        """Why it is told, whatever the citizen wishes; empty for a courtesy."""
        return self.duty or ("asked for by the citizen at that moment" if self.asked else "")


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by name.

    Raises:
        ConfigurationError: a kind has texts but no short text, or the other way round.
    """
    texts, short = _read(_TEXTS), _read(Path(__file__).with_name("kinds.toml"))
    if odd := sorted(texts.keys() ^ short.keys()):
        raise ConfigurationError(f"notices.toml and telling/kinds.toml do not name the same kinds: {', '.join(odd)}")
    return {
        name: Kind(
            name, one["vi"], one["en"], short[name]["sms"], short[name].get("duty", ""), short[name].get("asked", False)
        )
        for name, one in texts.items()
    }


@cache
def frame() -> dict[str, Any]:
    """Return what stands around the texts (``frame.toml``)."""
    return _read(Path(__file__).with_name("frame.toml"))


def in_short(kind: Kind, filled: Mapping[str, object]) -> str:
    """Return the text of an SMS without its frame."""
    return kind.sms.format_map(filled)


def framed_sms(text: str, code: str, lookup: str) -> str:
    """Return the whole text of an SMS, with the dossier's code and where more is to be found."""
    return str(frame()["sms"]["vi"]).format(code=code, text=text, lookup=lookup)


def longest(kind: Kind, lookup: str) -> Length:
    """Return how long a kind's SMS is, with sample values and a dossier code of the longest usual form."""
    return measure(framed_sms(in_short(kind, SAMPLES), LONGEST_CODE, lookup))


def check_texts(lookup: str) -> None:
    """See that every text says what the law wants it to say and fits where it goes.

    Raises:
        ConfigurationError: a text lacks something, or is too long beside this look-up address.
    """
    troubles = [*_letter_troubles(), *(trouble for kind in kinds().values() for trouble in _troubles(kind, lookup))]
    if troubles:
        raise ConfigurationError("Messages to citizens cannot be used:\n  " + "\n  ".join(troubles))


def _letter_troubles() -> list[str]:
    letters = frame()["email"]
    return [
        f"the letter in '{language}' has no line '{line}' that says {{{needed}}}"
        for language in _LANGUAGES
        for line, needed in MINIMUM.items()
        if needed not in placeholders(letters[language].get(line, ""))
    ]


def _troubles(kind: Kind, lookup: str) -> list[str]:
    found = [f"{kind.name}: a text without {{code}}" for text in (kind.vi, kind.en) if "code" not in placeholders(text)]
    if strange := placeholders(kind.sms) - placeholders(kind.vi):
        found.append(f"{kind.name}: the short text wants {', '.join(sorted(strange))}, which nobody gives")
    elif (segments := longest(kind, lookup).segments) > MOST_SEGMENTS:
        found.append(f"{kind.name}: {segments} segments as an SMS; shorten citizen_channels.lookup")
    return found


def placeholders(text: str) -> set[str]:
    """Return the names that a text wants to be filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
