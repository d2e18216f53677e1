"""``postal calendar impact`` and ``postal calendar confirm``: a calendar that changed after receipts were printed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from tracking.calendar_change import Move, confirm, impact
from worker import migrate
from worker.app import Desk
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import Runtime

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def show_impact(as_json: JsonOption = False) -> None:
    """List every open dossier whose due date would move under the calendar in force. Nothing is changed."""
    with clear_errors():
        runtime = _runtime()
        with runtime.context.database.read() as session:
            moves = list(impact(session, runtime.office))
    _show(moves, runtime, as_json, "would move")


def confirm_change(
    officer: Annotated[str, typer.Option(help="Who confirms it; stands in the ledger.")],
    document: Annotated[str, typer.Option(help="Number and date of the document that announced the change.")],
    dossiers: Annotated[
        list[str] | None, typer.Option("--dossier", help="Only this one; may be given several times.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Let open dossiers follow the calendar in force: a printed date is never shortened, everybody is told."""
    with clear_errors():
        runtime = _runtime()
        moves = confirm(runtime.context, runtime.office, officer=officer, document=document, codes=dossiers)
    _show(moves, runtime, as_json, "moved")


def _runtime() -> Runtime:
    runtime = Desk(settings_in_force()).runtime()
    migrate.require_current(runtime.context.database)
    return runtime


def _show(moves: list[Move], runtime: Runtime, as_json: bool, what: str) -> None:
    if as_json:
        say_json({"calendar": runtime.office.calendar_version, "moves": [asdict(move) for move in moves]})
        return
    table = Table()
    for heading in ("Dossier", "Due", "New", "Computed by"):
        table.add_column(heading, overflow="fold")
    for move in moves:
        table.add_row(
            move.dossier, f"{move.due_from:%H:%M %d/%m/%Y}", f"{move.due_to:%H:%M %d/%m/%Y}", move.calendar_from
        )
    console.print(table)
    console.print(f"{len(moves)} open dossiers {what} under {runtime.office.calendar_version}.")
