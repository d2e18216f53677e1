"""An incident in words, Vietnamese and English; the words themselves are in ``words.toml``. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dispatch.parties import Party
from tracking.incidents import facts as f
from tracking.incidents.deadlines import NextKind, NextStep
from tracking.incidents.fold import Incident


@dataclass(frozen=True, slots=True)
class Words:
    """The same said twice."""

    vi: str
    en: str


def kind_words(kind: f.IncidentKind) -> Words:
    """Return what a kind of incident is called."""
    return _words("kinds", kind.value)


def party_words(party: Party) -> Words:
    """Return what a party is called."""
    return _words("parties", party.value)


def next_words(step: NextStep, incident: Incident) -> Words:
    """Return what has to be done next, with its last day."""
    papers = ", ".join(paper for one in incident.open_steps for paper in one.papers)
    said = _words("next", step.kind.value, amount=dong(incident.outstanding_vnd), papers=papers)
    if step.due is None:
        return said
    by = {NextKind.COMPLAIN: ("hạn cuối", "last day")}.get(step.kind, ("chậm nhất", "by"))
    return Words(f"{said.vi} ({by[0]} {step.due:%d/%m/%Y})", f"{said.en} ({by[1]} {step.due:%d/%m/%Y})")


def fact_words(fact: f.Said) -> Words:
    """Return what a fact says."""
    name = "not_found" if isinstance(fact, f.Found) and not fact.found else fact.type
    said = _words("facts", name, **_spoken(fact))
    return Words(said.vi[:1].upper() + said.vi[1:], said.en[:1].upper() + said.en[1:])


def dong(amount: int) -> str:
    """Write an amount as people in Vietnam do."""
    return f"{amount:,}".replace(",", ".")


def _spoken(fact: f.Said) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in fact:
        if isinstance(value, Party):
            said |= _both(name, party_words(value))
        elif isinstance(value, f.IncidentKind):
            said |= _both(name, kind_words(value))
        elif name == "amount_vnd":
            said["amount"] = dong(value)
        else:
            said[name] = str(value)
    return said | _spoken_lists(fact)


def _spoken_lists(fact: f.FactForm) -> dict[str, str]:
    if isinstance(fact, f.Evidence):
        return {"short": fact.sha256[:12]}
    if isinstance(fact, f.Inventory):
        again = Words("có", "yes") if fact.wrapped_again else Words("không", "no")
        return {"inside": "; ".join(fact.found_inside), **_both("again", again)}
    if isinstance(fact, f.ReissuePlanned):
        steps = [(", ".join(one.papers), party_words(one.applicant)) for one in fact.steps]
        vi = "; ".join(f"{papers} ({who.vi} đề nghị)" for papers, who in steps)
        return _both("steps", Words(vi, "; ".join(f"{papers} ({who.en} applies)" for papers, who in steps)))
    return {}


def _both(name: str, words: Words) -> dict[str, str]:
    return {f"{name}_vi": words.vi, f"{name}_en": words.en}


def _words(table: str, name: str, **values: str) -> Words:
    texts = _texts()[table][name]
    return Words(texts["vi"].format_map(values), texts["en"].format_map(values))


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
