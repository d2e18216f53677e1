"""The table of hard cases names tests: each of them is there, and no row goes without."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "docs" / "hard-cases.md").read_text(encoding="utf-8")
STORIES = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
_NAMED = re.compile(r"`((?:tests/[\w/]+(?:\.py)?(?:::)?)?(?:test_\w+)?(?:…)?/?)`")


def named_in(row: str) -> list[str]:
    """Return the tests that the last cell of a row names."""
    return [name for name in _NAMED.findall(row.rstrip(" |").rpartition("|")[2]) if "test" in name]


def rows() -> list[str]:
    part = TABLE.partition("| --- | --- | --- | --- |\n")[2].partition("\n\n")[0]
    return part.splitlines()


def is_there(name: str) -> bool:
    path, _, test = name.partition("::") if name.startswith("tests/") else ("", "", name)
    if path and not (ROOT / path).exists():
        return False
    text = (ROOT / path).read_text(encoding="utf-8") if path.endswith(".py") else STORIES
    ending = "" if test.endswith("…") else r"\("
    return not test or re.search(rf"def {test.rstrip('…')}{ending}", text) is not None


def test_every_row_names_a_test_and_every_test_is_there() -> None:
    assert len(rows()) >= 25
    assert [row for row in rows() if not named_in(row)] == []
    assert [name for row in rows() for name in named_in(row) if not is_there(name)] == []
