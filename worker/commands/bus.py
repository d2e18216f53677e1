"""``postal bus``: the schema of the message bus, and what came over it and could not be taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from config.accounts import OneStopSystem, load_accounts
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch.onestop.bus.schema import schema
from dispatch.onestop.bus.settings import BusSettings, load_settings
from dispatch.problems import Problem
from worker.bus.dead import DeadLetter, dead_letters, send_again
from worker.bus.line import NotTakenError, Sender
from worker.bus.publisher import patience
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force

bus = typer.Typer(help="The message bus of one-stop systems: its schema, and what could not be taken.")

_CONNECTOR = "bus"
_System = Annotated[str | None, typer.Option("--system", metavar="ID", help="Only this one-stop system.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@bus.command("schema")
def show_schema() -> None:
    """Print the JSON schema of what we hear and of what we tell, with the routing keys."""
    say_json(schema())


@bus.command("dead")
def show_dead(system: _System = None, as_json: _Json = False) -> None:
    """Show the messages that could not be taken, why, and what to do; nothing is taken away."""
    with clear_errors():
        settings = settings_in_force()
        found = {one.id: _dead(settings, address) for one, address in _on_a_bus(settings, system)}
    if as_json:
        say_json([{"system": name, **asdict(letter)} for name, letters in found.items() for letter in letters])
        return
    if not any(found.values()):
        console.print("Every message was taken.")
        return
    table = Table("Id", "System", "Message", "Why", "Next step")
    for column in table.columns:
        column.overflow = "fold"
    for name, letters in found.items():
        for one in letters:
            table.add_row(one.id, name, f"{one.type} {one.subject}".strip() or "-", one.reason, one.next_step)
    console.print(table)


@bus.command("again")
def again(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="As `postal bus dead` shows them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every message that could not be taken.")] = False,
    system: _System = None,
    as_json: _Json = False,
) -> None:
    """Let messages come once more, after what was wrong with them, or with us, has been mended."""
    if bool(ids) == everything:
        raise typer.BadParameter("name the messages, or say --all")
    with clear_errors():
        settings = settings_in_force()
        moved = [
            one
            for _, address in _on_a_bus(settings, system)
            for one in _sent_again(settings, address, None if everything else set(ids or ()))
        ]
        if missing := set(ids or ()) - set(moved):
            raise _unknown(sorted(missing))
    if as_json:
        say_json({"sent_again": moved})
    else:
        console.print(f"{len(moved)} sent again; `postal bus dead` shows what still cannot be taken.")


def _on_a_bus(settings: Settings, wanted: str | None) -> Iterator[tuple[OneStopSystem, BusSettings]]:
    """Yield the systems on a bus.

    Raises:
        ConfigurationError: there is none, or none of this name.
    """
    systems = [one for one in load_accounts(settings.config).onestops if one.connector == _CONNECTOR]
    chosen = [one for one in systems if wanted in (None, one.id)]
    if not chosen:
        named = f" called '{wanted}'" if wanted else ""
        raise ConfigurationError(
            f"no one-stop system{named} is on a message bus; give one the connector 'bus' (docs/bus.md)"
        )
    for one in chosen:
        yield one, load_settings(one)


def _dead(settings: Settings, address: BusSettings) -> list[DeadLetter]:
    try:
        return dead_letters(address, patience(settings))
    except NotTakenError as error:
        raise _away(error) from error


def _sent_again(settings: Settings, address: BusSettings, ids: set[str] | None) -> list[str]:
    sender = Sender(address, patience(settings))
    try:
        return send_again(address, sender, lambda one: ids is None or one.id in ids, patience(settings))
    except NotTakenError as error:
        raise _away(error) from error
    finally:
        sender.close()


def _away(error: NotTakenError) -> Problem:
    return Problem(
        "bus-away",
        "The bus did not do it",
        f"{error}.",
        "Check that RabbitMQ runs, secrets.url of the system, and our rights in the virtual host; then ask again.",
        next_step_vi="Kiểm tra RabbitMQ, địa chỉ trong cấu hình và quyền truy cập, rồi thử lại.",
        status=503,
    )


def _unknown(ids: list[str]) -> Problem:
    return Problem(
        "unknown-message",
        "No such message",
        f"Nothing that could not be taken is called {', '.join(ids)}.",
        "Look its id up with `postal bus dead`; what was sent again and could be taken is no longer there.",
        next_step_vi="Tra mã tin bằng lệnh `postal bus dead`.",
        status=404,
    )
