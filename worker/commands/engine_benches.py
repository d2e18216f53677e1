"""``postal bench`` of the engine's parts: ours, the naive way and the ceiling, in turns in one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module

from rich.table import Table

from worker.bench.figures import Figures, Setting
from worker.commands.output import console, say_json

ENGINE: Mapping[str, str] = {
    "apply": "worker.bench.apply",
    "book": "worker.bench.book",
    "intake": "worker.bench.intake",
    "poll": "worker.bench.poll",
}
"""Every bench of the engine by its name, and its module: read when it is run, or every command would start later."""


def measure(name: str, setting: Setting, *, as_json: bool) -> None:
    """Run one bench and print its figures."""
    figures: Figures = import_module(ENGINE[name]).run(setting)
    if as_json:
        say_json(asdict(figures))
    else:
        _print(figures)


def _print(figures: Figures) -> None:
    where = " · ".join(part for part in (figures.database, figures.broker) if part)
    title = f"{figures.name}: {figures.unit}, of {figures.n:,}, {figures.rounds} rounds, {where}"
    table = Table(title=title, title_justify="left")
    table.add_column("Way")
    table.add_column("Median", justify="right")
    table.add_column("ours over it", justify="right")
    table.add_row("ours", f"{figures.ours:,.2f}", "1")
    if figures.naive is not None and figures.ours_over_naive is not None:
        table.add_row("naive", f"{figures.naive:,.2f}", f"{figures.ours_over_naive:,.3f}")
    table.add_row("ceiling", f"{figures.ceiling:,.2f}", f"{figures.ours_over_ceiling:,.3f}")
    console.print(table)
    for goal, met in figures.goals.items():
        console.print(f"{'[green]met[/green]' if met else '[red]missed[/red]'} {goal}", highlight=False)
    for what, value in figures.more.items():
        console.print(f"- {what} {value:,g}", highlight=False)
