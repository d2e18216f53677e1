"""No word of a page is left in English for a Vietnamese reader, and none is left over in the catalogues."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir

from worker.web.pages.languages import Language, catalogues, translations

WORKER = Path(__file__).parents[4] / "worker"
TEMPLATES = WORKER / "web" / "templates"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
IN_BOTH_LANGUAGES = {"optout.html", "docs.html"}
"""Pages that say everything in both languages at once, and the one for programmers."""

BRAND = re.compile(r"English|Tiếng Việt")
NO_TEXT = re.compile(r"{#.*?#}|{%-?\s*trans.*?endtrans\s*-?%}|{%.*?%}|{{.*?}}|<[^>]*>|&[a-z]+;", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-label)="([^"]*)"')
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]")


def used() -> dict[Any, str]:
    """Every message of the pages, and where it is used."""
    options = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
    found = extract_from_dir(WORKER, METHODS, options, keywords={"_": None, "gettext": None, "ngettext": (1, 2)})
    return {message: f"{file}:{line}" for file, line, message, _, _ in found}


def translated() -> dict[Any, Any]:
    return {entry.id: entry.string for catalogue in catalogues() for entry in catalogue if entry.id}


def test_every_message_has_its_vietnamese() -> None:
    missing = {where: message for message, where in used().items() if not translated().get(message)}
    assert missing == {}


def test_no_translation_is_left_over_or_doubtful() -> None:
    assert translated().keys() - used().keys() == set()
    assert [e.id for catalogue in catalogues() for e in catalogue if e.id and e.fuzzy] == []


def test_one_message_is_translated_in_one_way() -> None:
    ways: dict[object, set[object]] = {}
    for catalogue in catalogues():
        for entry in catalogue:
            ways.setdefault(entry.id, set()).add(entry.string)
    assert {message: said for message, said in ways.items() if message and len(said) > 1} == {}


def test_a_translation_keeps_the_places_for_values() -> None:
    def places(text: str | tuple[str, ...]) -> set[str]:
        return set(PLACEHOLDER.findall(text if isinstance(text, str) else text[-1]))

    assert {m: t for m, t in translated().items() if places(m) != places(t)} == {}


def test_the_catalogues_are_what_a_vietnamese_page_speaks_and_english_needs_none() -> None:
    assert translations(Language.VI).gettext("Postal desk") == "Bưu chính một cửa"
    assert translations(Language.EN).gettext("Postal desk") == "Postal desk"


PAGES = [file for file in sorted(TEMPLATES.rglob("*.html")) if file.name not in IN_BOTH_LANGUAGES]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_a_template_says_nothing_beside_its_messages(file: Path) -> None:
    text = re.sub(
        r"{#.*?#}|{%-?\s*trans.*?endtrans\s*-?%}|{%.*?%}|{{.*?}}|<[^>]*>|&[a-z]+;", " ", file.read_text(), flags=re.S
    )
    assert re.findall(r"[^\W\d_]{2,}", BRAND.sub(" ", text)) == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_no_attribute_that_is_read_aloud_is_left_untranslated(file: Path) -> None:
    spoken = re.findall(
        r'\b(?:aria-label|title|placeholder|alt|data-label)="([^"]*)"', file.read_text(encoding="utf-8")
    )
    assert [text for text in spoken if re.search(r"[^\W\d_]{2,}", re.sub(r"{{.*?}}|{%.*?%}", "", text))] == []
