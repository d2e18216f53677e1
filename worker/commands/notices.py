"""``postal notice`` and ``postal optout``: what citizens read, and who wants to read nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.table import Table

from config.accounts import load_accounts
from config.clock import local, open_clock
from config.database import Database
from dispatch.channels import optout as wishes
from tracking.telling.kinds import kinds
from tracking.telling.preview import Preview
from tracking.telling.preview import preview as make_preview
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.commands.training_messages import arrived
from worker.runtime import current_database

notice = typer.Typer(help="What citizens are told: every kind of message, and how it reads.", no_args_is_help=True)
notice.command()(arrived)
optout = typer.Typer(help="Citizens who want no messages at an address.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Address = Annotated[str, typer.Argument(help="Phone number or e-mail address.")]


@notice.command("list")
def list_kinds(as_json: AsJson = False) -> None:
    """Show every kind of message and the law that wants it told; without one it is a courtesy."""
    if as_json:
        say_json({"notices": [{"kind": kind.name, "duty": kind.duty or None} for kind in kinds().values()]})
        return
    table = Table("Kind", "Duty")
    for kind in kinds().values():
        table.add_row(kind.name, kind.ground)
    console.print(table)


@notice.command()
def preview(
    kind: Annotated[str, typer.Argument(help="Kind of message, as in `postal notice list`.")],
    dossier: Annotated[
        str | None, typer.Option("--dossier", metavar="CODE", help="Take this dossier's facts, and what was told.")
    ] = None,
    channel: Annotated[Literal["email", "sms"], typer.Option(help="As what it would come.")] = "email",
    language: Annotated[Literal["vi", "en"], typer.Option(help="Half of the e-mail to show.")] = "vi",
    as_json: AsJson = False,
) -> None:
    """Show a message as the citizen would read it: with sample values, or with those of a dossier."""
    with clear_errors():
        settings = settings_in_force()
        accounts = load_accounts(settings.config)
        if dossier is None:
            shown = make_preview(None, accounts, kind, channel, language, None)
        else:
            with current_database(settings).read() as session:
                shown = make_preview(session, accounts, kind, channel, language, dossier)
    if as_json:
        say_json(asdict(shown))
    else:
        _print(shown)


def _print(shown: Preview) -> None:
    told = "as it was told" if shown.real else "with sample values"
    console.print(f"{shown.kind}, {told}; {shown.duty or 'a courtesy, for which the citizen may opt out'}")
    if shown.segments is not None:
        console.print(f"{shown.segments} segment(s) of {shown.coding}")
    for way, why in shown.ways.items():
        console.print(f"{way}: {why}")
    console.print(f"\n{shown.subject}\n" if shown.subject else "", highlight=False, markup=False)
    console.print(shown.text, highlight=False, markup=False, soft_wrap=True)


@optout.command("add")
def add(
    address: Address,
    by: Annotated[str, typer.Option("--by", help="Who enters it, and on what ground.")],
) -> None:
    """Note that a citizen wants no messages at an address. What the law wants told still goes by one way."""
    with clear_errors():
        database, settings = _database(), settings_in_force()
        with database.write() as session:
            new = wishes.add(session, address, by, open_clock(settings.clock_file).now())
    console.print("Noted." if new else "That was noted before.")


@optout.command("remove")
def remove(address: Address) -> None:
    """Note that a citizen wants messages at an address again."""
    with clear_errors(), _database().write() as session:
        there = wishes.remove(session, address)
    console.print("Messages go there again." if there else "Nobody had opted out there.")


@optout.command("list")
def list_optouts(
    most: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who opted out, the latest first, with addresses masked."""
    with clear_errors(), _database().read() as session:
        rows = wishes.listed(session, most)
    if as_json:
        shown = [{"address": row.masked, "kind": row.kind, "by": row.by, "at": row.at} for row in rows]
        say_json({"opted_out": shown})
        return
    table = Table("Address", "Entered by", "At")
    for row in rows:
        table.add_row(row.masked, row.by, f"{local(row.at):%H:%M %d/%m/%Y}")
    console.print(table if rows else "Nobody has opted out.")


def _database() -> Database:
    return current_database(settings_in_force())
