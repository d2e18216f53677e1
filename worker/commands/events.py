"""``postal event``: what has happened to a dossier, reported by staff where its own system does not report it."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from config.clock import local
from config.errors import ConfigurationError
from dispatch.forms import DossierEventForm, EventKind
from tracking.dossier_events import Applied, take_event
from worker.commands.output import clear_errors, console, parse_instant, say_json
from worker.commands.quietly import opened_quietly
from worker.runtime import Runtime

_CLIENT = "command"


def event(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier.")],
    kind: Annotated[EventKind, typer.Argument(metavar="TYPE", help="As in POST /v1/dossiers/{code}/events.")],
    officer: Annotated[str, typer.Option(help="Who reports it.")],
    reason: Annotated[str | None, typer.Option(help="Why; some types need it.")] = None,
    at: Annotated[str | None, typer.Option(help="When it happened, with its zone; now if not given.")] = None,
    voids: Annotated[str | None, typer.Option(metavar="EVENT", help="With 'corrected': what is struck out.")] = None,
    client: Annotated[
        str, typer.Option("--as", metavar="CLIENT", help="Who told the event that is struck out.")
    ] = _CLIENT,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Report an event of a dossier, as its one-stop does over HTTP; due date, citizen and copies follow."""
    moment = parse_instant(at) if at is not None else None
    with clear_errors(), opened_quietly() as runtime:
        happened = moment or runtime.context.clock.now()
        said = {"type": kind, "at": happened, "officer": officer, "reason": reason, "voids": voids}
        done = _taken(runtime, code, {**said, "event_id": f"{kind}-{local(happened):%Y%m%d-%H%M%S}"}, client)
    if as_json:
        say_json({"dossier": code, "due": done.due, "revision": done.revision, "contradiction": done.contradiction})
        return
    due = f"{local(done.due):%H:%M %d/%m/%Y}" if done.due else "none"
    odd = f" It contradicts what is known ({done.contradiction}) and was kept for staff." if done.contradiction else ""
    console.print(f"{code}: '{kind.value}' is taken; due date {due}.{odd}", highlight=False)


def _taken(runtime: Runtime, code: str, said: dict[str, object], client: str) -> Applied:
    try:
        form = DossierEventForm.model_validate(said)
    except ValidationError as error:
        raise ConfigurationError.from_validation("The event", error) from error
    with runtime.context.database.write() as session:
        return take_event(session, runtime.context, runtime.office, code, form, client)
