"""``postal reconcile``: our copy against those of the one-stops and operators; and ``postal ask``, one of its mends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from carriers.outcomes import CarrierError
from config.clock import local
from config.errors import ConfigurationError
from dispatch.context import Context
from tracking.reconciliation import mending, rounds
from tracking.reconciliation.rows import (
    Peer,
    ReconciliationDifference,
    ReconciliationRound,
    Side,
    differences_of,
    rounds_of,
)
from tracking.reconciliation.wording import worded
from worker.commands.output import clear_errors, console, say_json
from worker.commands.quietly import opened_quietly
from worker.runtime import Runtime

_BUSY = "another process is comparing it at this moment; what is shown is what it has found so far"


def reconcile(
    onestop: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this one-stop system; may be repeated.")
    ] = None,
    carrier: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this operator or account; may be repeated.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="Ask nobody; show what the last rounds have found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Compare dossiers, due dates and live orders with the copies of others; each difference with its cause and mend.

    Nothing is mended. Exit code 1 if anything differs or could not be compared.
    """
    with clear_errors(), opened_quietly() as runtime:
        peers = _chosen(runtime, onestop or [], carrier or [])
        busy = [] if last else rounds.compare_now(runtime.context, runtime.office, runtime.messenger.onestops, peers)
        with runtime.context.database.read() as session:
            found = [_difference(one) for one in differences_of(session, peers)]
            stands = [_round(row, busy) for row in rounds_of(session) if (row.side, row.peer) in peers]
    if as_json:
        say_json({"compared": stands, "differences": found})
    else:
        _print(stands, found)
    if found or any(one["trouble"] for one in stands):
        raise typer.Exit(1)


def ask(
    order_number: Annotated[str, typer.Argument(help="As `postal reconcile` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Ask the operator about one order now; what it says is kept and applied like everything that it tells."""
    with clear_errors(), opened_quietly() as runtime:
        new = _listened(runtime.context, order_number)
    if as_json:
        say_json({"order": order_number, "new": new})
    elif new:
        console.print(f"{new} documents were new; a worker applies them at its next sweep.")
    else:
        console.print("The operator says nothing that had not come in before.")


def _listened(context: Context, order_number: str) -> int:
    try:
        return mending.listen(context, order_number)
    except CarrierError as error:
        raise ConfigurationError(f"the operator could not be asked: {error}") from error


def _chosen(runtime: Runtime, onestops: list[str], carriers: list[str]) -> list[Peer]:
    """Return with whom to compare; without any wish, with everybody.

    Raises:
        ConfigurationError: one of them is not configured.
    """
    accounts = runtime.context.accounts
    systems = {one.id for one in accounts.onestops}
    names = {account.id: {account.id, account.carrier} for account in accounts.carrier_accounts}
    if strangers := sorted({*onestops} - systems):
        raise ConfigurationError(
            f"no one-stop system '{strangers[0]}' is configured; there are: {', '.join(sorted(systems)) or 'none'}"
        )
    known = set().union(*names.values())
    if strangers := sorted({*carriers} - known):
        raise ConfigurationError(
            f"no operator or account '{strangers[0]}' is configured; there are: {', '.join(sorted(known)) or 'none'}"
        )
    everybody = not onestops and not carriers
    asked = [(Side.ONESTOP, one) for one in sorted(systems) if everybody or one in onestops]
    return asked + [(Side.CARRIER, one) for one in sorted(names) if everybody or names[one] & {*carriers}]


def _difference(one: ReconciliationDifference) -> dict[str, Any]:
    return {
        "side": one.side.value,
        "with": one.peer,
        "kind": one.kind.value,
        "cause": one.cause.value,
        "dossier": one.dossier_code,
        "order": one.order_number,
        "subject": one.subject,
        "ours": one.ours,
        "theirs": one.theirs,
        **worded(one),
        "mend": one.mend,
        "since": local(one.since),
    }


def _round(row: ReconciliationRound, busy: list[Peer]) -> dict[str, Any]:
    return {
        "side": row.side.value,
        "with": row.peer,
        "compared": row.compared,
        "complete": row.started_at is not None and row.ended_at is not None and row.ended_at >= row.started_at,
        "started_at": _local(row.started_at),
        "ended_at": _local(row.ended_at),
        "next_at": local(row.next_at),
        "note": row.note,
        "trouble": _BUSY if (row.side, row.peer) in busy else row.trouble,
    }


def _local(at: datetime | None) -> datetime | None:
    return local(at) if at is not None else None


def _print(stands: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    for one in stands:
        what = "dossiers" if one["side"] == Side.ONESTOP else "orders"
        extent = f"{what} compared: {one['compared']}" if one["started_at"] else "not compared yet"
        rest = "" if one["complete"] or not one["started_at"] else "the rest follows by itself"
        said = "; ".join(filter(None, (one["note"] or extent, rest, one["trouble"])))
        console.print(f"{one['with']}: {said}", highlight=False, soft_wrap=True, markup=False)
    if not found:
        console.print("Nothing differs.")
    for number, one in enumerate(found, start=1):
        lines = (
            f"{number}. {one['subject']}: {one['what_vi']}",
            f"   {one['what_en']}",
            f"   Vì: {one['why_vi']}",
            f"   Because: {one['why_en']}",
            f"   → {one['mend']}",
        )
        console.print("\n".join(lines), highlight=False, soft_wrap=True, markup=False)
