"""Every kind of message: it has a short text that two segments hold, and its letter says what the law wants in it."""

from __future__ import annotations

import tomllib
import unicodedata
from copy import deepcopy
from importlib.resources import files
from string import Formatter

import pytest

from config.errors import ConfigurationError
from dispatch.channels.sms_length import Coding, measure
from tracking.incidents.facts import IncidentKind
from tracking.incidents.wording import kind_words
from tracking.telling import kinds as module
from tracking.telling.kinds import (
    MOST_SEGMENTS,
    check_texts,
    frame,
    framed_sms,
    in_short,
    kinds,
    longest,
    placeholders,
)
from tracking.telling.samples import LONGEST_CODE, SAMPLES

LOOKUP = "tracuu.dichvucong.caobang"
KINDS = sorted(kinds())
WANTED_BY_LAW = (
    *("papers_at_agency", "papers_rejected", "supplement_requested", "due_changed", "due_extended", "apology_late"),
    *("result_ready", "result_by_post", "papers_lost", "financial_duty", "withdrawn"),
)


@pytest.mark.parametrize("name", KINDS)
def test_a_short_text_fits_two_segments_with_the_longest_usual_code(name: str) -> None:
    kind = kinds()[name]
    length = longest(kind, LOOKUP)
    assert (length.coding, length.segments <= MOST_SEGMENTS) == (Coding.UCS_2, True), length
    assert kind.sms == unicodedata.normalize("NFC", kind.sms)
    text = framed_sms(in_short(kind, SAMPLES), LONGEST_CODE, LOOKUP)
    assert "{" not in text
    assert text.endswith(f"Tra cứu: {LOOKUP}")


@pytest.mark.parametrize("name", KINDS)
def test_a_short_text_needs_nothing_that_its_long_one_does_not_get(name: str) -> None:
    kind = kinds()[name]
    assert placeholders(kind.sms) <= placeholders(kind.vi)


@pytest.mark.parametrize("incident", IncidentKind)
def test_the_longest_name_of_an_incident_fits_too(incident: IncidentKind) -> None:
    filled = SAMPLES | {"kind_vi": kind_words(incident).vi}
    text = framed_sms(in_short(kinds()["incident_opened"], filled), LONGEST_CODE, LOOKUP)
    assert measure(text).segments <= MOST_SEGMENTS


@pytest.mark.parametrize("name", WANTED_BY_LAW)
def test_what_the_law_wants_told_names_its_law(name: str) -> None:
    assert kinds()[name].statutory
    assert "Điều" in kinds()[name].duty


def test_courtesies_are_none() -> None:
    assert not any(kinds()[name].statutory for name in ("result_delivered", "counter_reminder", "pickup_taken"))


def test_every_value_of_a_text_has_a_sample() -> None:
    texts = tomllib.loads((files("tracking") / "notices.toml").read_text(encoding="utf-8"))
    wanted = {
        name
        for kind in texts.values()
        for text in kind.values()
        for _, name, _, _ in Formatter().parse(text)
        if name is not None
    }
    assert wanted <= SAMPLES.keys()


def test_the_texts_are_whole() -> None:
    check_texts(LOOKUP)


def test_a_look_up_address_that_is_too_long_is_refused_at_boot() -> None:
    with pytest.raises(ConfigurationError, match=r"3 segments as an SMS; shorten citizen_channels\.lookup"):
        check_texts("x" * 80)


@pytest.mark.parametrize("line", ["unit", "person", "received", "limit", "due"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_letter_without_a_line_that_the_law_wants_is_refused_at_boot(
    line: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = deepcopy(frame())
    del without["email"][language][line]
    monkeypatch.setattr(module, "frame", lambda: without)
    with pytest.raises(ConfigurationError, match=f"the letter in '{language}' has no line '{line}'"):
        check_texts(LOOKUP)
