"""``postal carriers``, ``postal normalise`` and ``postal waybills``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy.exc import OperationalError

from carriers import registry
from carriers.contract import TrackingEvent
from carriers.reading import DEEPEST, nests_deeper
from config.accounts import CarrierAccount, load_accounts
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.connections import ConnectionState, states_of
from dispatch.waybills import fill, free_count
from worker.commands.output import clear_errors, console, errors, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database


def carriers(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False) -> None:
    """List the postal operators: what each can do, its status tables, the accounts, and how their connections stand."""
    with clear_errors():
        settings = settings_in_force()
        accounts = load_accounts(settings.config).carrier_accounts
        seen = _connections(settings, accounts)
        found = [
            {
                **asdict(registry.describe(name)),
                "accounts": [
                    {
                        "id": account.id,
                        "agency": account.agency,
                        "customer_code": account.customer_code,
                        "connections": seen.get(account.id, []),
                    }
                    for account in accounts
                    if account.carrier == name
                ],
            }
            for name in registry.names()
        ]
    if as_json:
        say_json(found)
        return
    table = Table()
    for heading in ("Operator", "Capabilities", "Status tables", "Accounts"):
        table.add_column(heading, overflow="fold")
    for one in found:
        names = "\n".join(map(_account_line, one["accounts"])) or "none configured"
        table.add_row(f"{one['name']}\n{one['title']}", ", ".join(one["capabilities"]), one["current_version"], names)
    console.print(table)


def _connections(settings: Settings, accounts: tuple[CarrierAccount, ...]) -> dict[str, list[dict[str, Any]]]:
    """Return how each account's connections were last seen by the processes that work; none where none does.

    Operators, capabilities and accounts are known without a database, so that one that is away hides nothing else.
    """
    if not accounts:
        return {}
    try:
        with current_database(settings).read() as session:
            return {account.id: [_state(row) for row in states_of(session, account.id)] for account in accounts}
    except (ConfigurationError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        errors.print(f"How the connections stand is not known: {reason}", highlight=False, soft_wrap=True)
        return {}


def _state(row: ConnectionState) -> dict[str, Any]:
    names = ("process", "breaker", "breaker_enforced", "paused_seconds", "under_way", "seen_at")
    return {name: getattr(row, name) for name in names}


def _account_line(account: dict[str, Any]) -> str:
    breakers = sorted({f"breaker {state['breaker']}" for state in account["connections"]})
    standing = ", ".join(breakers) or "no process has spoken to it lately"
    return f"{account['id']} ({account['agency'] or 'province'}): {standing}"


def normalise(
    carrier: Annotated[str, typer.Argument(help="Operator, as in `postal carriers`.")],
    version: Annotated[str | None, typer.Option(help="Status table; the current one if not given.")] = None,
) -> None:
    """Translate a raw payload from standard input into canonical events, one JSON object a line."""
    content = sys.stdin.buffer.read()
    with clear_errors():
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise typer.BadParameter(
                f"standard input is not JSON ({error}); send the operator's body as it came"
            ) from error
        if nests_deeper(raw):
            raise typer.BadParameter(
                f"more than {DEEPEST} lists and objects stand inside one another in standard input, which no operator "
                "sends; send one answer or delivery as it came"
            )
        for event in registry.normalise(carrier, raw, version):
            kind = "event" if isinstance(event, TrackingEvent) else "undecodable"
            say_json({"kind": kind, **asdict(event)}, indent=None)


def waybills(
    account: Annotated[str, typer.Argument(help="Account whose waybills come from a pre-allocated range.")],
    load: Annotated[Path | None, typer.Option(help="File with one waybill a line, added to the pool.")] = None,
) -> None:
    """Show an account's pool of pre-allocated waybills, or add a new range to it."""
    with clear_errors():
        settings = settings_in_force()
        load_accounts(settings.config).carrier_account_by_id(account)
        with current_database(settings).write() as session:
            if load is not None:
                numbers = [line.strip() for line in load.read_text(encoding="utf-8").splitlines() if line.strip()]
                console.print(f"{fill(session, account, numbers)} of {len(numbers)} waybills are new.")
            console.print(f"{account}: {free_count(session, account)} waybills are free.")
