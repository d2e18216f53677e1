"""``postal onestops``: which connectors there are, what each can do, and how the configured systems stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from config.accounts import OneStopSystem, load_accounts
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.messenger import Messenger
from dispatch.onestop import registry
from dispatch.onestop.contract import CanBeChecked, OneStop, OneStopError
from dispatch.onestop.plugin import ConnectorPlugin
from tracking.onestop_positions import OnestopPosition
from tracking.reconciliation import mending
from worker.commands.output import clear_errors, console, errors, say_json
from worker.commands.quietly import opened_quietly
from worker.commands.training import settings_in_force
from worker.runtime import current_database

onestops = typer.Typer(help="Connectors to one-stop systems: capabilities, systems, and whether they answer.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@onestops.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """List the connectors with what each can do and cannot, the configured systems, and how far they are imported."""
    if context.invoked_subcommand is not None:
        return
    with clear_errors():
        settings = settings_in_force()
        systems = load_accounts(settings.config).onestops
        seen = _positions(settings, systems)
        found = [_described(plugin, systems, seen) for plugin in registry.plugins()]
    if as_json:
        say_json(found)
        return
    table = Table()
    for heading in ("Connector", "Capabilities", "Systems", "Note"):
        table.add_column(heading, overflow="fold")
    for one in found:
        lines = "\n".join(map(_system_line, one["systems"])) or "none configured"
        table.add_row(f"{one['name']}\n{one['title']}", ", ".join(one["capabilities"]), lines, one["note"])
    console.print(table)


@onestops.command()
def check(as_json: AsJson = False) -> None:
    """Ask each configured system whether it would listen, without changing anything; exit code 1 if one would not."""
    with clear_errors():
        settings = settings_in_force()
        messenger = Messenger(load_accounts(settings.config), settings)
    try:
        found = [_checked(one) for one in messenger.onestops]
    finally:
        messenger.close()
    if as_json:
        say_json(found)
    for one in [] if as_json else found:
        mark = {True: "[green]well[/green]", False: "[red]trouble[/red]", None: "not asked"}[one["well"]]
        console.print(f"{one['id']} ({one['connector']}): {mark}. {one['answer']}", highlight=False, soft_wrap=True)
    if any(one["well"] is False for one in found):
        raise typer.Exit(1)


@onestops.command()
def tell(
    system: Annotated[str, typer.Argument(metavar="ID", help="The system, as `postal onestops` lists it.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier.")],
    as_json: AsJson = False,
) -> None:
    """Tell a system once more how a dossier stands, whatever it was told before."""
    with clear_errors(), opened_quietly() as runtime:
        message = mending.tell(runtime.context, runtime.office, system, code)
    if as_json:
        say_json({"message": message})
    else:
        console.print(f"{message} is owed; a worker sends it at its next sweep.", highlight=False, soft_wrap=True)


@onestops.command("import")
def take_in(
    system: Annotated[str, typer.Argument(metavar="ID", help="A system that shows its dossiers.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier.")],
    as_json: AsJson = False,
) -> None:
    """Read one dossier from its system now; it is applied like everything that is read there."""
    with clear_errors(), opened_quietly() as runtime:
        try:
            new = mending.take_in(runtime.context, runtime.messenger.onestops, system, code)
        except OneStopError as error:
            raise ConfigurationError(str(error)) from error
    if as_json:
        say_json({"dossier": code, "new": new})
    else:
        said = "kept; a worker applies it at its next sweep" if new else "as it was read before, so nothing is new"
        console.print(f"{code}: {said}.", highlight=False)


def _checked(onestop: OneStop) -> dict[str, Any]:
    told: dict[str, Any] = {"id": onestop.system.id, "connector": onestop.system.connector}
    if not isinstance(onestop, CanBeChecked):
        return {**told, "well": None, "answer": "This connector cannot be asked without telling it something."}
    try:
        return {**told, "well": True, "answer": onestop.check()}
    except OneStopError as error:
        return {**told, "well": False, "answer": str(error)}


def _described(
    plugin: ConnectorPlugin, systems: tuple[OneStopSystem, ...], seen: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    ours = [
        {
            "id": one.id,
            "source_systems": one.source_systems,
            "copies": one.copies,
            "import": seen.get(one.id),
        }
        for one in systems
        if one.connector == plugin.name
    ]
    told = {name: value for name, value in asdict(plugin).items() if name != "open"}
    return {**told, "systems": ours}


def _positions(settings: Settings, systems: tuple[OneStopSystem, ...]) -> dict[str, dict[str, Any]]:
    """Return how the imports stand; connectors are known without a database, so one that is away hides nothing."""
    if not systems:
        return {}
    names = ("looked_at", "next_look_at", "failures", "failing_since", "trouble")
    columns = [getattr(OnestopPosition, name) for name in names]
    try:
        with current_database(settings).read() as session:
            rows = session.execute(select(OnestopPosition.system, *columns)).all()
    except (ConfigurationError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        errors.print(f"How the imports stand is not known: {reason}", highlight=False, soft_wrap=True)
        return {}
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def _system_line(system: dict[str, Any]) -> str:
    told = system["import"]
    if told is None:
        return str(system["id"])
    if told["failures"]:
        return f"{system['id']}: import fails ({told['trouble']}), next look {told['next_look_at']:%H:%M %d/%m/%Y}"
    looked = f"{told['looked_at']:%H:%M %d/%m/%Y} UTC" if told["looked_at"] else "not yet"
    return f"{system['id']}: imported up to {looked}"
