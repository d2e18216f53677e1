"""``postal doctor`` and ``postal db``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from rich.table import Table

from tracking.incidents.evidence import EvidenceStore
from tracking.incidents.rows import evidence_kept
from worker import migrate
from worker.backup import back_up, put_back
from worker.commands.output import clear_errors, console, errors, say_json
from worker.commands.training import settings_in_force
from worker.doctor import examine
from worker.runtime import current_database, open_database

db = typer.Typer(help="Look after the database.", no_args_is_help=True)


@db.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date; what is there stays."""
    with clear_errors():
        database = open_database(settings_in_force())
        before, _ = migrate.current(database)
        migrate.upgrade(database)
        after, _ = migrate.current(database)
    console.print(f"Schema: {before or 'empty'} -> {after}")


@db.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy is to go; must not be there yet.")],
) -> None:
    """Copy the embedded database and its evidence while the system works. The key for personal data is not in it.

    The evidence goes to FILE.evidence. Exit code 1 when some of it is missing or altered; the rest is copied.
    """
    with clear_errors():
        settings = settings_in_force()
        copied = back_up(settings, target)
    console.print(
        f"{target}: {copied.size} bytes, checked. {copied.files} files of evidence beside it.", soft_wrap=True
    )
    if not settings.data_key.get_secret_value():
        console.print(
            f"Without the key in {settings.home / 'data.key'} it is worth nothing: keep a copy of that elsewhere."
        )
    _name_damaged(copied.damaged)


@db.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, with FILE.evidence beside it.")],
) -> None:
    """Put a backup in the place of a database that is gone. Nothing that is there is overwritten.

    Exit code 1 when files of evidence are missing or altered; everything else is back.
    """
    with clear_errors():
        copied = put_back(settings_in_force(), source)
    console.print(f"{source} is back: {copied.size} bytes, {copied.files} files of evidence.", soft_wrap=True)
    _name_damaged(copied.damaged)


@db.command("evidence")
def evidence() -> None:
    """Check every file of evidence against the SHA-256 in its fact. Exit code 1 when some are missing or altered."""
    with clear_errors():
        settings = settings_in_force()
        database = current_database(settings)
        with database.read() as session:
            digests = evidence_kept(session)
        database.dispose()
    store = EvidenceStore.of(settings)
    faults = {digest: fault for digest in digests if (fault := store.fault_of(digest)) is not None}
    console.print(f"{len(digests) - len(faults)} of {len(digests)} files of evidence are as they were.")
    _name_damaged(faults)


def _name_damaged(damaged: dict[str, str]) -> None:
    """Name the evidence that cannot be read by its SHA-256, as incidents show it."""
    if not damaged:
        return
    for digest, fault in damaged.items():
        errors.print(f"[red]evidence {fault}:[/red] {digest}", highlight=False, soft_wrap=True)
    errors.print("Look for these files in older backups (FILE.evidence/<first two letters>/<SHA-256>).", soft_wrap=True)
    raise typer.Exit(1)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
    new_key: Annotated[bool, typer.Option(help="Print a new key for POSTAL_DATA_KEY and do nothing else.")] = False,
) -> None:
    """Check configuration and connections; say what to do about each trouble. Exit code 1 when there is any."""
    if new_key:
        typer.echo(Fernet.generate_key().decode())
        return
    findings = list(examine(settings_in_force))
    if as_json:
        say_json([finding.__dict__ for finding in findings])
    else:
        table = Table()
        for heading in ("", "What", "Found", "Next step"):
            table.add_column(heading, overflow="fold")
        for finding in findings:
            mark = "[green]ok[/green]" if finding.well else "[red]trouble[/red]"
            table.add_row(mark, finding.what, finding.detail, finding.next_step)
        console.print(table)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)
