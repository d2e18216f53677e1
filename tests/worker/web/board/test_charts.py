"""Charts of much, of little and of nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.web.board.figures import Series

Draw = Callable[..., bytes]


@pytest.fixture(params=["stacked", "shares"])
def draw(request: pytest.FixtureRequest) -> Draw:
    """What draws; pygal is loaded late here, too, as it changes how modules are found."""
    from worker.web.board import charts

    found: Draw = getattr(charts, request.param)
    return found


@pytest.mark.parametrize("series", [{}, {"public post": [None]}, {"public post": []}])
def test_a_system_in_which_nothing_has_happened_says_so(draw: Draw, series: Series) -> None:
    assert "Nothing to show yet" in draw("By week", ["2 March"], series, "Nothing to show yet").decode()


def test_names_are_text_and_nothing_runs(draw: Draw) -> None:
    svg = draw("<script>1</script>", ["<b>"], {"</text><script>alert(1)</script>": [3.0]}, "none").decode()
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
