"""``postal statement``: the operators' statements of account, compared with what we know."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from config.clock import local
from config.errors import ConfigurationError
from dispatch.context import Context
from dispatch.money.statements import importing
from dispatch.money.statements.rows import (
    Statement,
    StatementDifference,
    StatementLine,
    differences_of,
    get_statement,
    lines_of,
)
from dispatch.money.statements.sheet import LARGEST_FILE
from dispatch.money.statements.words import spoken, worded
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database, opened_runtime

statement = typer.Typer(help="Compare operators' statements of account with the facts.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
StatementId = Annotated[int, typer.Argument(metavar="ID", help="As `postal statement import` answered it.")]


@statement.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, as the operator sent it.")],
    carrier: Annotated[str, typer.Option(help="The operator, as in `postal carriers`.")],
    account: Annotated[str, typer.Option(help="Its account, as in the configuration.")],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of its period.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of its period.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take in a statement and list every difference with its likely cause. The same file again changes nothing."""
    if (first is None) is not (last is None):
        raise typer.BadParameter("say both --from and --to, or neither")
    period = (first.date(), last.date()) if first and last else None
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        context = runtime.context
        _check_carrier(context, carrier, account)
        id, new = importing.import_statement(context, account, file.name, _content(file), period=period)
        with context.database.read() as session:
            kept = get_statement(session, id)
            lines, differences = lines_of(session, kept), differences_of(session, kept)
    if as_json:
        say_json({"new": new, **_as_data(kept, lines), "differences": [_difference(one) for one in differences]})
        return
    console.print(f"Statement {id}{'' if new else ' (imported before)'}: {_summary(lines, differences)}")
    _show_differences(differences)


@statement.command("show")
def show(statement_id: StatementId, as_json: JsonOption = False) -> None:
    """Show a statement's lines, and which of them became facts."""
    with clear_errors(), current_database(settings_in_force()).read() as session:
        kept = get_statement(session, statement_id)
        lines, differences = lines_of(session, kept), differences_of(session, kept)
    if as_json:
        say_json(_as_data(kept, lines))
        return
    table = Table(title=f"{kept.name}, {kept.account}, {kept.period_from:%d/%m/%Y} - {kept.period_to:%d/%m/%Y}")
    for heading in ("Line", "Order", "Waybill", "Collected", "Postage", "Remitted", "Day", "Accepted"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        remitted = spoken(line.remitted_vnd) if line.remitted_vnd is not None else ""
        day = f"{line.day:%d/%m/%Y}" if line.day else ""
        accepted = f"{local(line.accepted_at):%d/%m/%Y}" if line.accepted_at else "-"
        amounts = (spoken(line.collected_vnd), spoken(line.postage_vnd), remitted)
        table.add_row(str(line.line), line.order_number or line.told_order, line.waybill, *amounts, day, accepted)
    console.print(table)
    console.print(_summary(lines, differences))


@statement.command("differences")
def differences(statement_id: StatementId, as_json: JsonOption = False) -> None:
    """List the differences of a statement, each with its likely cause and the next step."""
    with clear_errors(), current_database(settings_in_force()).read() as session:
        found = differences_of(session, get_statement(session, statement_id))
    if as_json:
        say_json([_difference(one) for one in found])
    else:
        _show_differences(found)


@statement.command("settle")
def settle(
    statement_id: StatementId,
    difference_id: Annotated[int, typer.Argument(metavar="DIFFERENCE", help="Its number in the list of differences.")],
    by: Annotated[str, typer.Option(help="Who settles it.")],
    note: Annotated[str, typer.Option(help="What came of it, with the paper that shows it.")],
    take: Annotated[bool, typer.Option(help="The statement is right: let its line become facts.")] = False,
) -> None:
    """Settle one difference."""
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        importing.settle_difference(
            runtime.context, statement_id, difference_id, by=by[:300], note=note[:300], take=take
        )
    console.print(f"Difference {difference_id} of statement {statement_id} is settled.")


def _check_carrier(context: Context, carrier: str, account: str) -> None:
    of_account = importing.account_called(context.accounts, account).carrier
    if of_account != carrier:
        raise ConfigurationError(f"account '{account}' is one of {of_account}, not of {carrier}")


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error


def _summary(lines: list[StatementLine], differences: list[StatementDifference]) -> str:
    accepted = sum(line.accepted_at is not None for line in lines)
    waiting = sum(one.settled_at is None for one in differences)
    return f"{len(lines)} lines, {accepted} accepted, {len(differences)} differences, {waiting} of them open."


def _show_differences(found: list[StatementDifference]) -> None:
    for one in found:
        words = worded(one)
        mark = "[green]settled[/green]" if one.settled_at else "[red]open[/red]"
        console.print(f"{one.id}. {mark} {one.kind}: {words['what_vi']}\n   {words['what_en']}", highlight=False)
        console.print(f"   → {words['next_step_vi']}\n   → {words['next_step_en']}", highlight=False)
        if one.settled_at:
            console.print(f"   {one.settled_by}: {one.resolution}", highlight=False, markup=False)


def _as_data(kept: Statement, lines: list[StatementLine]) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "carrier": kept.carrier,
        "account": kept.account,
        "period": [kept.period_from, kept.period_to],
        "remitted_vnd": kept.remitted_vnd,
        "imported_at": local(kept.imported_at),
        "lines": [
            {
                "line": line.line,
                "order": line.order_number or line.told_order,
                "waybill": line.waybill,
                "collected_vnd": line.collected_vnd,
                "postage_vnd": line.postage_vnd,
                "remitted_vnd": line.remitted_vnd,
                "refund_vnd": line.refund_vnd,
                "day": line.day,
                "payer": line.payer,
                "accepted_at": local(line.accepted_at) if line.accepted_at else None,
            }
            for line in lines
        ],
    }


def _difference(one: StatementDifference) -> dict[str, Any]:
    return {
        "id": one.id,
        "cause": one.kind,
        "line": one.line,
        "order": one.order_number,
        "expected_vnd": one.expected_vnd,
        "stated_vnd": one.stated_vnd,
        "detail": one.detail,
        **worded(one),
        "settled_at": local(one.settled_at) if one.settled_at else None,
        "settled_by": one.settled_by,
        "resolution": one.resolution,
    }
