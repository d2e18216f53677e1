"""In which language a page speaks: Vietnamese unless the reader chose English.

Messages are written in English in the code; ``worker/locale/vi`` holds a catalogue for each part of the pages. The
catalogues are read as text, so that no compiled file has to be kept beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from fastapi import Request

LOCALE = Path(__file__).parents[2] / "locale"
COOKIE = "lang"
PARAMETER = "lang"


class Language(StrEnum):
    """A language of the pages; the first is the one of whoever did not choose."""

    VI = "vi"
    EN = "en"

    @property
    def other(self) -> Language:
        return Language.EN if self is Language.VI else Language.VI


def language_of(request: Request) -> Language:
    """Return the language that the reader chose by the address (``?lang=en``) or earlier, else Vietnamese.

    What a browser says it prefers is not asked: an office's browsers speak English more often than its people.
    """
    for chosen in (request.query_params.get(PARAMETER), request.cookies.get(COOKIE)):
        if chosen in tuple(Language):
            return Language(chosen)
    return Language.VI


def chosen_now(request: Request) -> bool:
    """Whether this very request chooses the language, so that it has to be remembered."""
    return request.query_params.get(PARAMETER) in tuple(Language)


def catalogues() -> Iterator[Catalog]:
    """Read the Vietnamese catalogues, one for each part of the pages."""
    for file in sorted((LOCALE / Language.VI).glob("*.po")):
        with file.open("rb") as lines:
            yield read_po(lines, locale=Language.VI, abort_invalid=True)


@cache
def translations(language: Language) -> NullTranslations:
    """Return the translations into a language; English needs none, since the code speaks it."""
    if language is Language.EN:
        return NullTranslations()
    merged = Translations()
    for catalogue in catalogues():
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        part = Translations(compiled)
        merged.merge(part)
        merged.plural = part.plural  # merging leaves it at the English rule
    return merged
