"""``postal staff`` and ``postal clients``: who may log in at the board, and which programs may call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from config.accounts import load_accounts
from config.clock import local, wall_now
from config.settings import Settings
from dispatch.problems import Problem
from worker.access import accounts, clients, links, log_in
from worker.access.actor import COMMAND
from worker.access.passwords import new_password
from worker.access.roles import EVERYWHERE, Grant, Grants, Role, Scope, read_grants
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database

staff = typer.Typer(help="Accounts of people at the board.", no_args_is_help=True)
client = typer.Typer(help="API clients with keys of their own.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(metavar="NAME", help="User name, like mai.ht.")]
ClientName = Annotated[str, typer.Argument(metavar="NAME", help="The client's name.")]
Roles = Annotated[list[Role], typer.Option("--role", help="A role; may be given more than once.")]
Agencies = Annotated[
    list[str],
    typer.Option("--agency", help=f"An agency's code, with those below it; {EVERYWHERE}: all."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
HandedOver = Annotated[bool, typer.Option("--password", help="A one-time password instead of a link.")]


@staff.command("add")
def add_staff(
    username: Username,
    name: Annotated[str, typer.Option(help="The person's name, as pages show it.")],
    role: Roles,
    agency: Agencies,
    password: HandedOver = False,
) -> None:
    """Add an account and print, once, the link by which its owner chooses a password."""
    with _opened() as (settings, session):
        user = accounts.add(session, username, name, _grants(role, agency), COMMAND)
        way_in = _way_in(session, settings, user.username, password)
    _say_once(f"{user.username} is added.", way_in)


@staff.command("password")
def password(username: Username, password: HandedOver = False) -> None:
    """Print, once, a new way in for somebody who forgot the password or is locked out."""
    with _opened() as (settings, session):
        user = accounts.get(session, username)
        log_in.unlock(session, user.username)
        way_in = _way_in(session, settings, user.username, password)
    _say_once(f"For {user.username}:", way_in)


@staff.command("roles")
def roles(username: Username, role: Roles, agency: Agencies) -> None:
    """Give an account other roles in the place of those it has; they count from the next click on."""
    with _opened() as (_settings, session):
        accounts.set_grants(session, accounts.get(session, username), _grants(role, agency), COMMAND)
    console.print(f"{username}: {', '.join(role)} at {', '.join(agency)}.")


@staff.command("disable")
def disable(username: Username) -> None:
    """Close an account: every session of it ends now. It stays in the list, as the audit trail names it."""
    with _opened() as (_settings, session):
        accounts.set_disabled(session, accounts.get(session, username), wall_now(), COMMAND)
    console.print(f"{username} cannot log in any more.")


@staff.command("enable")
def enable(username: Username) -> None:
    """Open a closed account again."""
    with _opened() as (_settings, session):
        accounts.set_disabled(session, accounts.get(session, username), None, COMMAND)
    console.print(f"{username} may log in again.")


@staff.command("list")
def list_staff(as_json: AsJson = False) -> None:
    """Show every account with its roles."""
    with _opened() as (_settings, session):
        users = accounts.listed(session)
    if as_json:
        say_json(
            {
                "staff": [
                    {
                        "username": user.username,
                        "name": user.display_name,
                        "grants": user.grants,
                        "has_password": user.password_hash is not None,
                        "disabled_at": user.disabled_at,
                    }
                    for user in users
                ]
            }
        )
        return
    table = Table("User name", "Name", "Roles", "State")
    for user in users:
        state = "closed" if user.disabled_at else "open" if user.password_hash else "has chosen no password yet"
        table.add_row(user.username, user.display_name, _written(read_grants(user.grants)), state)
    console.print(table if users else "There are no accounts; `postal up` prints the link for the first one.")


@client.command("add")
def add_client(
    name: ClientName,
    agency: Agencies,
    role: Annotated[Role, typer.Option(help="What it is to us.")] = Role.ONE_STOP_CLIENT,
) -> None:
    """Add a client and print, once, its key."""
    with _opened() as (settings, session):
        if any(one.name == name for one in load_accounts(settings.config).api_clients):
            raise Problem(
                "client-taken",
                "The name is taken",
                f"The configuration file has a client '{name}'.",
                "Choose another name.",
                status=409,
            )
        key = clients.add(session, name, role, _scope(agency), COMMAND)
    _say_once(f"{name} is added: {role} at {', '.join(agency)}.", f"Key: {key}")


@client.command("list")
def list_clients(as_json: AsJson = False) -> None:
    """Show the clients of the table; keys are not kept, so they cannot be shown."""
    with _opened() as (_settings, session):
        rows = clients.listed(session)
    if as_json:
        shown = [
            {
                "name": row.name,
                "role": row.role,
                "agencies": row.agencies,
                "key": f"postal_{row.prefix}_…",
                "made_at": row.made_at,
                "revoked_at": row.revoked_at,
            }
            for row in rows
        ]
        say_json({"clients": shown})
        return
    table = Table("Client", "Role", "Agencies", "Key", "Since", "State")
    for row in rows:
        since, state = f"{local(row.made_at):%d/%m/%Y}", "revoked" if row.revoked_at else "open"
        table.add_row(row.name, row.role, ", ".join(row.agencies), f"postal_{row.prefix}_…", since, state)
    console.print(table if rows else "No client has a key of its own; others are in the configuration file.")


@client.command("revoke")
def revoke(name: ClientName) -> None:
    """Take a client's key and its tokens back, for good and at once."""
    with _opened() as (_settings, session):
        clients.revoke(session, name, COMMAND)
    console.print(f"{name} may not call any more.")


@contextmanager
def _opened() -> Iterator[tuple[Settings, Session]]:
    with clear_errors():
        settings = settings_in_force()
        database = current_database(settings)
        with database.write() as session:
            yield settings, session
        database.dispose()


def _way_in(session: Session, settings: Settings, username: str, by_password: bool) -> str:
    if not by_password:
        return f"Link, good once and for 24 hours: {settings.address}{links.PATH}{links.offer(session, username)}"
    chosen = new_password()
    accounts.set_password(session, accounts.get(session, username), chosen, COMMAND, handed_over=True)
    return f"One-time password, to be changed at the first log-in: {chosen}"


def _say_once(what: str, secret: str) -> None:
    console.print(f"{what}\n{secret}\nIt is shown this once; give it to nobody else.", soft_wrap=True, highlight=False)


def _grants(roles: list[Role], agencies: list[str]) -> Grants:
    return tuple(Grant(role, _scope(agencies)) for role in dict.fromkeys(roles))


def _scope(agencies: list[str]) -> Scope:
    try:
        return Scope.of(agencies)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _written(grants: Grants) -> str:
    return "; ".join(f"{grant.role} at {', '.join(grant.scope.written())}" for grant in grants)
