"""Charts of much, of little and of nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from worker.web.board import charts
from worker.web.board.figures import Series

Draw = Callable[..., bytes]


@pytest.fixture(params=[charts.stacked, charts.shares])
def draw(request: pytest.FixtureRequest) -> Draw:
    """What draws."""
    found: Draw = request.param
    return found


def test_how_modules_are_found_is_left_as_it_was() -> None:
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)


@pytest.mark.parametrize("series", [{}, {"public post": [None]}, {"public post": []}])
def test_a_system_in_which_nothing_has_happened_says_so(draw: Draw, series: Series) -> None:
    assert "Nothing to show yet" in draw("By week", ["2 March"], series, "Nothing to show yet").decode()


def test_names_are_text_and_nothing_runs(draw: Draw) -> None:
    svg = draw("<script>1</script>", ["<b>"], {"</text><script>alert(1)</script>": [3.0]}, "none").decode()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
