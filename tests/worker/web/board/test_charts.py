"""Charts of much, of little and of nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest

from tests.support.contrast import contrast
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


def test_a_chart_for_the_dark_is_not_the_white_one_and_its_numbers_can_be_read(draw: Draw) -> None:
    light, dark = (
        draw("By week", ["2 March"], {"post": [3.0]}, "none", c).decode() for c in (charts.LIGHT, charts.DARK)
    )
    assert ".graph &gt; .background{fill:white}" in light
    assert ".graph &gt; .background{fill:#18202a}" in dark
    assert "white" not in re.sub(r"\.bg-lines{[^}]*}", "", dark)


@pytest.mark.parametrize("colours", [charts.LIGHT, charts.DARK], ids=["light", "dark"])
def test_inks_and_bars_stand_out_from_their_ground(colours: charts.Colours) -> None:
    assert min(contrast(ink, colours.ground) for ink in (colours.ink, colours.soft)) >= 4.5
    assert min(contrast(bar, colours.ground) for bar in colours.series) >= 3
