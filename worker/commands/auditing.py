"""``postal audit``: who did or read what, and whether the trail is as it was written."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from config.clock import local
from worker.access import audit as trail
from worker.access.chain import Checkpoint
from worker.commands.output import clear_errors, console, errors, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database

audit = typer.Typer(
    help="The audit trail: it only grows, and every entry vouches for those before.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@audit.command("verify")
def verify(
    checkpoint: Annotated[
        str | None,
        typer.Option(
            help="A line that an earlier run printed; without one, a trail cut off at the end is not noticed."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole trail. Exit code 1 when it is not as it was written; the first broken entry is named."""
    kept = _read(checkpoint)
    with clear_errors():
        database = current_database(settings_in_force())
        with database.read() as session:
            broken, end = trail.verify(session, kept)
        database.dispose()
    if as_json:
        found = {"entry": broken.seq, "what": broken.what} if broken else None
        say_json({"broken": found, "entries": end.seq if end else 0, "checkpoint": end.written() if end else None})
    elif broken is not None:
        errors.print(f"Broken at entry {broken.seq}: {broken.what}.", soft_wrap=True, highlight=False)
    else:
        console.print(f"{end.seq if end else 0} entries, each as it was written.")
        if end is not None:
            console.print(f"Checkpoint, to be kept elsewhere: {end.written()}", soft_wrap=True, highlight=False)
    if broken is not None:
        raise typer.Exit(1)


@audit.command("show")
def show(
    subject: Annotated[str | None, typer.Option(help="Only about this dossier, order, account …")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this person, client or command did.")] = None,
    before: Annotated[int | None, typer.Option(help="Only entries before this number.")] = None,
    most: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Show at most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show entries, the latest first."""
    with clear_errors():
        database = current_database(settings_in_force())
        with database.read() as session:
            rows = trail.entries(session, subject=subject, actor=actor, before=before, most=most)
        database.dispose()
    if as_json:
        say_json({"entries": [_plain(row) for row in rows]})
        return
    table = Table("No.", "At", "Who", "Did", "On", "Agency", "Outcome", "Details")
    for row in rows:
        who, at = f"{row.actor_kind}:{row.actor}", f"{local(row.at):%H:%M:%S %d/%m/%Y}"
        details = json.dumps(row.details, ensure_ascii=False) if row.details else ""
        table.add_row(str(row.seq), at, who, row.action, row.subject, row.agency, row.outcome, details)
    console.print(table if rows else "Nothing of that is in the trail.")


def _plain(row: trail.AuditEntry) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in trail.AuditEntry.__table__.columns}


def _read(checkpoint: str | None) -> Checkpoint | None:
    if checkpoint is None:
        return None
    try:
        return Checkpoint.read(checkpoint)
    except ValueError as error:
        raise typer.BadParameter(
            "a checkpoint is a line NUMBER:HASH:SEAL, as `postal audit verify` prints it"
        ) from error
