"""``postal notice arrived``: the telephones of the training world's citizens, which nobody can pick up."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

import typer
from rich.table import Table

from config.errors import ConfigurationError
from config.settings import load_settings
from dispatch.onestop.deliveries import Deliveries
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import training_home
from worker.training.plot import Plot
from worker.training.world import ONESTOP_BOOKS


def arrived(
    dossier: Annotated[str | None, typer.Argument(metavar="CODE", help="Of this dossier alone.")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Show what citizens of the training world were sent, one-time codes as well; the newest last."""
    with clear_errors():
        messages = [one for one in _messages() if dossier is None or one["subject"] == dossier.strip().upper()][-most:]
    if as_json:
        say_json({"messages": messages})
        return
    table = Table("Sent", "To", "Text")
    for one in messages:
        table.add_row(f"{one['time'][:16]}".replace("T", " "), one["data"]["to"], one["data"]["text_vi"])
    console.print(table if messages else "Nothing has been sent.")


def _messages() -> list[dict[str, Any]]:
    """Return what the training world's message gateway took, in order of arrival.

    Raises:
        ConfigurationError: there is no training world: the messages are on real telephones.
    """
    settings = load_settings()
    home = training_home(settings)
    if settings.config or settings.database_url or Plot.read(home) is None:
        raise ConfigurationError(
            "only the training world shows what citizens are sent; begin one with `postal up --sample`, "
            "or ask the agency's message gateway"
        )
    with closing(Deliveries(home / ONESTOP_BOOKS)) as books:
        return [one.body for one in books.received("messages")]
