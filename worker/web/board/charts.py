"""Charts as SVG that runs nothing and fetches nothing: readable on paper, with every value written beside its bar."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from pygal import Bar, Config, StackedBar
from pygal.etree import etree
from pygal.style import Style

# pygal puts something among what finds modules that is of no use without its plugins of maps and that Python 3.12 and
# newer refuse; every import after it would warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]


@dataclass(frozen=True, slots=True)
class Colours:
    """What a chart is painted with; ``value`` is the ink of the numbers on the bars."""

    ground: str
    ink: str
    soft: str
    guide: str
    value: str
    series: tuple[str, ...]


LIGHT = Colours(
    ground="white",
    ink="#17202b",
    soft="#505d6c",
    guide="#dde3ea",
    value="white",
    series=("#1a4f8b", "#c98500", "#17653a", "#a3121f", "#6b4fa0", "#505d6c"),
)
DARK = Colours(
    ground="#18202a",
    ink="#e8edf3",
    soft="#a9b6c4",
    guide="#37434f",
    value="#0c1b2b",
    series=("#8cbcf2", "#f0b849", "#7fd0a0", "#ff9d94", "#c4aef5", "#a9b6c4"),
)
"""For a page in the dark: ground and inks are those of the cards of its style sheet."""

Series = Mapping[str, Sequence[float | None]]
_FONT = "system-ui, 'Segoe UI', Roboto, Arial, sans-serif"


def stacked(title: str, labels: Sequence[str], series: Series, nothing: str, colours: Colours = LIGHT) -> bytes:
    """Draw counts on top of each other."""
    config = _config(nothing, colours)
    if series:  # a chart of nothing has no axis, and pygal none to label
        config.y_labels = _steps(max((sum(filter(None, one)) for one in zip(*series.values(), strict=True)), default=0))
    return _drawn(StackedBar(config), title, labels, series)


def shares(title: str, labels: Sequence[str], series: Series, nothing: str, colours: Colours = LIGHT) -> bytes:
    """Draw percentages beside each other, from nothing to a hundred."""
    config = _config(nothing, colours)
    config.range, config.value_formatter = (0, 100), "{:.0f}%".format
    return _drawn(Bar(config), title, labels, series)


def _config(nothing: str, colours: Colours) -> Config:
    return Config(
        no_data_text=nothing,
        js=[],
        width=900,
        height=420,
        legend_at_bottom=True,
        print_values=True,
        print_zeroes=False,
        value_formatter="{:.0f}".format,
        x_label_rotation=30,
        style=Style(
            background=colours.ground,
            plot_background=colours.ground,
            foreground=colours.ink,
            foreground_strong=colours.ink,
            foreground_subtle=colours.soft,
            colors=colours.series,
            value_colors=(colours.value,) * len(colours.series),
            font_family=_FONT,
            title_font_size=18,
            label_font_size=13,
            major_label_font_size=13,
            legend_font_size=14,
            value_font_size=12,
            no_data_font_size=20,
            opacity=1,
            guide_stroke_color=colours.guide,
            major_guide_stroke_color=colours.guide,
        ),
    )


def _steps(most: float) -> list[int]:
    """Return whole numbers from nothing to ``most`` or a little more, at most eleven."""
    step = next(step for size in range(12) for step in (10**size, 2 * 10**size, 5 * 10**size) if most <= 10 * step)
    return list(range(0, max(ceil(most / step), 1) * step + 1, step))


def _drawn(chart: Any, title: str, labels: Sequence[str], series: Series) -> bytes:
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)  # comments name another site, scripts are for pages that charts are part of
    root.find("{*}title").text = title
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written
