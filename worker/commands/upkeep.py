"""``postal doctor`` and ``postal db``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from carriers import registry
from carriers.capabilities import CanCheck
from carriers.contract import Carrier
from carriers.outcomes import CarrierError
from carriers.plugin import Runtime as CarrierRuntime
from config.accounts import CarrierAccount
from config.errors import ConfigurationError
from config.settings import Settings
from worker import migrate
from worker.app import Desk
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import Runtime, open_database

_NEVER_OPENS = {"min_failures": 1_000_000}

db = typer.Typer(help="Look after the database.", no_args_is_help=True)


@dataclass(frozen=True)
class Finding:
    """What the doctor found: ``next_step`` is empty when all is well."""

    what: str
    well: bool
    detail: str
    next_step: str = ""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date; what is there stays."""
    with clear_errors():
        database = open_database(settings_in_force())
        before, _ = migrate.current(database)
        migrate.upgrade(database)
        after, _ = migrate.current(database)
    console.print(f"Schema: {before or 'empty'} -> {after}")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
    new_key: Annotated[bool, typer.Option(help="Print a new key for POSTAL_DATA_KEY and do nothing else.")] = False,
) -> None:
    """Check configuration and connections; say what to do about each trouble. Exit code 1 when there is any."""
    if new_key:
        typer.echo(Fernet.generate_key().decode())
        return
    findings = list(_examine())
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


def _examine() -> Iterator[Finding]:
    try:
        settings = settings_in_force()
        desk = Desk(settings)
        runtime = desk.runtime()
    except ConfigurationError as error:
        yield Finding("configuration", False, str(error), "Correct what is named and run `postal doctor` again.")
        return
    yield Finding("configuration", True, f"{len(runtime.context.accounts.carrier_accounts)} carrier accounts")
    yield _try("database", lambda: _database(runtime), "Run `postal db upgrade`, or check POSTAL_DATABASE_URL.")
    yield _try("broker", lambda: _broker(settings), "Check POSTAL_BROKER_URL and that the broker runs.")
    yield Finding("calendar", True, runtime.office.working_time.calendar.version)
    for account in runtime.context.accounts.carrier_accounts:
        carrier = _opened_for_a_check(account, settings)
        if isinstance(carrier, CanCheck):
            yield _try(
                f"account {account.id}", carrier.check, "Check URL and secrets of the account, then the network."
            )


def _opened_for_a_check(account: CarrierAccount, settings: Settings) -> Carrier:
    """Open an account whose calls are not kept and whose breaker stays closed: the first cause is what counts."""
    transport = {**account.options.get("transport", {}), "breaker": _NEVER_OPENS}
    patient = account.model_copy(update={"options": {**account.options, "transport": transport}})
    return registry.build(patient, CarrierRuntime(lambda _call: None, settings.call_timeout, patient=False))


def _try(what: str, check: Callable[[], str], next_step: str) -> Finding:
    try:
        return Finding(what, True, check())
    except DBAPIError as error:
        return Finding(what, False, str(error.orig), next_step)
    except (CarrierError, ConfigurationError, OperationalError, OSError) as error:
        return Finding(what, False, str(error), next_step)


def _database(runtime: Runtime) -> str:
    migrate.require_current(runtime.context.database)
    return f"{runtime.context.database.engine.dialect.name}, schema is current"


def _broker(settings: Settings) -> str:
    with Connection(settings.broker, connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=1, timeout=3)
        return f"{connection.transport.driver_type} answers"
