"""Whoever reads a refusal on a page is told what a person can do; whoever calls the interface may be told of calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.desk import AGENCY
from tests.support.web import problem
from tests.worker.web.board.conftest import As

ROOT = Path(__file__).parents[4]
CALL = re.compile(r"\b(?:GET|PUT|POST|DELETE|PATCH) (?:/|\.\.\.)")
WRITTEN = sorted(
    path
    for part in ("dispatch", "tracking", "worker/access", "worker/web")
    for path in (ROOT / part).rglob("*.py")
    if "simulator" not in path.name and "simulator" not in path.parts
)


def said(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module that may reach a reader, without docstrings and what is for callers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.keyword) and node.arg == "next_step_api":
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from said(node)


def test_no_text_that_a_page_may_show_names_a_call() -> None:
    texts = {path: said(ast.parse(path.read_text("utf-8"))) for path in WRITTEN}
    found = {f"{path.relative_to(ROOT)}: {text}" for path, all_ in texts.items() for text in all_ if CALL.search(text)}
    assert found == set()


@pytest.mark.parametrize("words", sorted((ROOT / "tracking").rglob("*.toml")), ids=lambda path: path.stem)
def test_no_list_of_words_does_either(words: Path) -> None:
    assert CALL.findall(words.read_text("utf-8")) == []


def test_one_refusal_says_to_each_reader_what_that_one_can_do(web: httpx.Client, colleague: As) -> None:
    called = problem(web.get("/v1/dossiers/H14.10-260302-9999"), 404, "unknown-dossier")
    assert called["next_step"].startswith("Register it first with PUT /v1/dossiers/{code}")
    page = colleague().get("/board/dossiers/H14.10-260302-9999")
    assert page.status_code == 404
    assert "ask the one-stop to send the dossier here" in page.text
    assert "/v1" not in page.text
    record = colleague().get("/board/handovers/999999")
    assert "choose it from the records that wait for signatures" in record.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/board/figures", 405), ("GET", f"/board/handovers?agency={AGENCY}&direction=up", 422)],
)
def test_a_page_that_was_called_wrongly_speaks_of_no_fields_and_paths(
    colleague: As, method: str, path: str, status: int
) -> None:
    page = colleague().http.request(method, path)
    assert page.status_code == status
    assert not re.search(r"/docs|JSON|Remove the field|/v1", page.text)
