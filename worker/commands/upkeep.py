"""``postal doctor`` and ``postal db``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from rich.table import Table

from worker import migrate
from worker.backup import back_up
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.doctor import examine
from worker.runtime import open_database

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
    """Copy the embedded database while the system works. The key for personal data is not in it: keep that, too."""
    with clear_errors():
        settings = settings_in_force()
        size = back_up(settings, target)
    console.print(f"{target}: {size} bytes, checked.", soft_wrap=True)
    if not settings.data_key.get_secret_value():
        console.print(
            f"Without the key in {settings.home / 'data.key'} it is worth nothing: keep a copy of that elsewhere."
        )


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
