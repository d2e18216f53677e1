"""A difference in words, Vietnamese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from tracking.reconciliation.rows import ReconciliationDifference


def worded(one: ReconciliationDifference) -> dict[str, str]:
    """Return ``what_vi``, ``what_en``, ``why_vi`` and ``why_en``."""
    values = {"ours": one.ours, "theirs": one.theirs, "peer": one.peer, "detail": one.detail or "-"}
    said = {"what": _words()["kinds"][one.kind], "why": _words()["causes"][one.cause]}
    return {f"{name}_{tongue}": text[tongue].format_map(values) for name, text in said.items() for tongue in text}


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
