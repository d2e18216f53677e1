"""Charts as SVG that runs nothing and fetches nothing: readable on paper, with every value written beside its bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pygal import Bar, Config, StackedBar
from pygal.etree import etree
from pygal.style import Style

_COLOURS = ("#1a4f8b", "#c98500", "#17653a", "#a3121f", "#6b4fa0", "#505d6c")
_FONT = "system-ui, 'Segoe UI', Roboto, Arial, sans-serif"


def stacked(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]], nothing: str) -> bytes:
    """Draw counts on top of each other."""
    return _drawn(StackedBar(_config(title, nothing)), labels, series)


def shares(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]], nothing: str) -> bytes:
    """Draw percentages beside each other, from nothing to a hundred."""
    config = _config(title, nothing)
    config.range, config.value_formatter = (0, 100), "{:.0f}%".format
    return _drawn(Bar(config), labels, series)


def _config(title: str, nothing: str) -> Config:
    return Config(
        title=title,
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
            background="white",
            plot_background="white",
            foreground="#17202b",
            foreground_strong="#17202b",
            foreground_subtle="#505d6c",
            colors=_COLOURS,
            value_colors=("white",) * len(_COLOURS),
            font_family=_FONT,
            title_font_size=18,
            label_font_size=13,
            major_label_font_size=13,
            legend_font_size=14,
            value_font_size=12,
            no_data_font_size=20,
            opacity=1,
        ),
    )


def _drawn(chart: Any, labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> bytes:
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)  # comments name another site, scripts are for pages that charts are part of
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written
