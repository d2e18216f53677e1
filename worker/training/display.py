"""A run as it happens: a live panel on a terminal, a line every few seconds anywhere else."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from config.clock import local
from worker.training.world import World

_REFRESH = 0.25
_LINE_EVERY = 4.0


class Display:
    """Shows how far a world has come. Call :meth:`glance` as often as you like."""

    def __init__(self, console: Console, world: World) -> None:
        self._console, self._world = console, world
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._next = 0.0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def glance(self) -> None:
        """Show the present state, unless that was done a moment ago."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_REFRESH if self._live else _LINE_EVERY)
        figures = self._figures()
        if self._live:
            self._live.update(_panel(figures), refresh=True)
        else:
            self._console.print(" · ".join(f"{name} {value}" for name, value in figures.items()), highlight=False)

    def say(self, text: str) -> None:
        """Print a line that stays."""
        (self._live.console if self._live else self._console).print(text, highlight=False)

    def _figures(self) -> dict[str, str]:
        world, now = self._world, self._world.clock.now()
        unfinished = world.stories.unfinished(now)
        done, planned = world.book.counts()
        return {
            "date in the story": f"{local(now):%a %Y-%m-%d %H:%M}",
            "dossiers finished": f"{len(world.cases) - len(unfinished)} of {len(world.cases)}",
            "orders at the post": str(sum(map(len, world.post.live_orders().values()))),
            "acts done": f"{done} ({planned} planned)",
            "callbacks to the one-stop": str(world.onestop.deliveries.count("callbacks")),
            "messages to citizens": str(world.onestop.deliveries.count("messages")),
        }


def _panel(figures: dict[str, str]) -> Panel:
    table = Table.grid(padding=(0, 2))
    for name, value in figures.items():
        table.add_row(f"[dim]{name}[/dim]", value)
    return Panel(table, title="onestop-postal · demo", expand=False)
