"""``postal replay``: what a corrected status table moves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from carriers import registry
from config.clock import local
from tracking.replay import Moved, Unread, replay
from worker.commands.output import clear_errors, console, parse_instant, say_json
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime

_SINCE = "Only shipments of which something was received since then, ISO 8601 with zone."


def replay_deliveries(
    carrier: Annotated[str | None, typer.Option(help="Only this operator's shipments.")] = None,
    since: Annotated[str | None, typer.Option(help=_SINCE)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would move, and move nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Read stored deliveries again with today's status tables: what moves, and with it which due dates."""
    with clear_errors():
        if carrier is not None:
            registry.plugin(carrier)
        received = parse_instant(since) if since else None
        with opened_runtime(settings_in_force()) as runtime:
            found = list(replay(runtime.context, runtime.office, carrier=carrier, since=received, dry_run=dry_run))
    moved = [one for one in found if isinstance(one, Moved)]
    unread = [one for one in found if isinstance(one, Unread)]
    if as_json:
        say_json({"dry_run": dry_run, "moved": list(map(asdict, moved)), "unread": list(map(asdict, unread))})
    else:
        _show(moved, unread, dry_run=dry_run)
    if unread:
        raise typer.Exit(1)


def _show(moved: list[Moved], unread: list[Unread], *, dry_run: bool) -> None:
    console.print(_table(moved))
    for one in unread:
        console.print(f"{one.order_number} {one.reason}", style="red", markup=False)
    would = "would move" if dry_run else "moved"
    console.print(f"{len(moved)} shipments {would}." + (" Without --dry-run they do." if dry_run and moved else ""))


def _table(moved: list[Moved]) -> Table:
    table = Table()
    for heading in ("Shipment", "Codes", "State", "Due date", "Look at"):
        table.add_column(heading, overflow="fold")
    for one in moved:
        dates = [f"{local(due):%H:%M %d/%m/%Y}" if due else "-" for due in (one.due_before, one.due_after)]
        table.add_row(
            one.order_number,
            ", ".join(one.codes),
            f"{one.state_before} -> {one.state_after}",
            " -> ".join(dates) if dates[0] != dates[1] else dates[0],
            "who holds the papers" if one.custody_in_doubt else "",
        )
    return table
