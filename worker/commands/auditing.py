"""``postal audit``: who did or read what, and whether the trail is as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from config.clock import local
from worker.access import audit as trail
from worker.access import audit_check, checkpoints
from worker.access.chain import Broken, Checkpoint
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
            help="A line that an earlier run printed, beside those of POSTAL_AUDIT_CHECKPOINTS_DIR; without any, a "
            "trail cut off at the end is not noticed."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole trail. Exit code 1 when it is not as it was written; the first broken entry is named."""
    given = _read(checkpoint)
    with clear_errors():
        settings = settings_in_force()
        kept = checkpoints.kept(settings.audit_checkpoints_dir)
        database = current_database(settings)
        with database.read() as session:
            broken, end = audit_check.verify(session, [*given, *kept])
        database.dispose()
    if as_json:
        _say_json(broken, end, len(kept))
    elif broken is not None:
        errors.print(f"Broken at entry {broken.seq}: {broken.what}.", soft_wrap=True, highlight=False)
    else:
        _say_whole(end, settings.audit_checkpoints_dir, len(kept))
    if broken is not None:
        raise typer.Exit(1)


def _say_json(broken: Broken | None, end: Checkpoint | None, kept: int) -> None:
    said = {"entry": broken.seq, "what": broken.what} if broken else None
    last, checkpoint = (end.seq, end.written()) if end else (0, None)
    say_json({"broken": said, "entries": last, "checkpoint": checkpoint, "kept_checkpoints": kept})


def _say_whole(end: Checkpoint | None, folder: Path | None, kept: int) -> None:
    console.print(f"{end.seq if end else 0} entries, each as it was written.")
    if folder is not None:
        console.print(f"Compared with {kept} checkpoints kept in {folder}.", soft_wrap=True, highlight=False)
    if end is not None:
        console.print(f"Checkpoint, to be kept elsewhere: {end.written()}", soft_wrap=True, highlight=False)


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


def _read(checkpoint: str | None) -> list[Checkpoint]:
    if checkpoint is None:
        return []
    try:
        return [Checkpoint.read(checkpoint)]
    except ValueError as error:
        raise typer.BadParameter(
            "a checkpoint is a line NUMBER:HASH:SEAL, as `postal audit verify` prints it"
        ) from error
