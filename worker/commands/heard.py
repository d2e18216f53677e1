"""``postal heard``: what one-stop systems told over the bus or were read for, and what came of each statement."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from config.clock import local
from dispatch.context import Context
from dispatch.problems import Problem
from tracking import onestop_lines, onestop_statements
from tracking.onestop_statements import StatementRow
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime


def heard(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="Only what was said of this dossier.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what is not done with.")] = False,
    again: Annotated[int | None, typer.Option(metavar="NUMBER", help="Try this delivery again now.")] = None,
    settled: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="This delivery was settled by other means; let it rest.")
    ] = None,
    most: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many statements.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Show what one-stop systems told and what came of it, newest first; or say what is to become of one delivery."""
    if again is not None and settled is not None:
        raise typer.BadParameter("say one of --again and --settled")
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        if again is not None:
            _say(_tried_again(runtime.context, again), as_json)
            return
        if settled is not None:
            _say(_settled(runtime.context, settled), as_json)
            return
        with runtime.context.database.read() as session:
            rows = onestop_statements.newest(session, code, most, only_waiting=waiting)
            found = [_shown(row) for row in rows]
    if as_json:
        say_json(found)
        return
    _print(found)


def _tried_again(context: Context, delivery: int) -> dict[str, int]:
    with context.database.write() as session:
        _refuse_unknown(session, delivery)
        onestop_lines.try_again(session, [delivery])
    return {"tried_again": delivery}


def _settled(context: Context, delivery: int) -> dict[str, int]:
    with context.database.write() as session:
        _refuse_unknown(session, delivery)
        onestop_statements.let_rest(session, [delivery])
        onestop_lines.let_rest(session, [delivery], context.clock.now())
    return {"settled": delivery}


def _refuse_unknown(session: Session, delivery: int) -> None:
    if not onestop_statements.waiting_in(session, delivery):
        raise Problem(
            "unknown-message",
            "No such delivery waits",
            f"No statement of delivery {delivery} waits.",
            "Look its number up with `postal heard --waiting`.",
            next_step_vi="Tra số tin bằng lệnh `postal heard --waiting`.",
            status=404,
        )


def _shown(row: StatementRow) -> dict[str, Any]:
    names = ("source", "key", "dossier_code", "kind", "outcome", "title", "detail", "next_step", "next_step_vi")
    times = {"said_at": row.said_at, "tried_at": row.tried_at}
    return {
        "delivery": row.delivery_id,
        **{name: str(getattr(row, name)) for name in names},
        **{name: local(at) if at else None for name, at in times.items()},
    }


def _say(done: dict[str, int], as_json: bool) -> None:
    if as_json:
        say_json(done)
        return
    for what, number in done.items():
        console.print(f"Delivery {number}: {what.replace('_', ' ')}; a worker sees to it at its next sweep.")


def _print(found: list[dict[str, Any]]) -> None:
    if not found:
        console.print("Nothing was told.")
        return
    table = Table("Number", "System", "Dossier", "Said", "Outcome", "Why and what next")
    for column in table.columns:
        column.overflow = "fold"
    for one in found:
        why = " ".join(one[name] for name in ("title", "detail", "next_step") if one[name])
        said = (one["source"].removeprefix("onestop:"), one["dossier_code"], one["kind"], one["outcome"], why)
        table.add_row(str(one["delivery"]), *said)
    console.print(table)
