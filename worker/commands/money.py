"""``postal money``: the books of one dossier."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from config.clock import local
from dispatch.money.books import Books, books_of
from dispatch.money.statements.words import spoken
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database


def money(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier's code.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Show what happened to the money of a dossier, and who owes whom what since when."""
    with clear_errors(), current_database(settings_in_force()).read() as session:
        books = books_of(session, code)
    if as_json:
        say_json(_as_data(code, books))
        return
    table = Table()
    for heading in ("When", "Ledger", "What", "From", "To", "Amount", "Evidence"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Amount" else "left")
    for fact in books.facts:
        to = f"{fact.via} for {fact.creditor}" if fact.via else fact.creditor.value
        when = f"{local(fact.at):%H:%M %d/%m/%Y}"
        table.add_row(when, fact.ledger, fact.kind, fact.debtor, to, spoken(fact.amount_vnd), fact.evidence)
    console.print(table)
    for debt in books.standing.debts:
        since = f"{local(debt.since):%H:%M %d/%m/%Y}"
        console.print(f"{debt.debtor} owes {debt.creditor} {spoken(debt.amount_vnd)} ({debt.ledger}) since {since}")
    if books.standing.settled:
        console.print("Settled: nobody owes anybody anything.")


def _as_data(code: str, books: Books) -> dict[str, object]:
    return {
        "dossier": code,
        "settled": books.standing.settled,
        "debts": [asdict(debt) | {"since": local(debt.since)} for debt in books.standing.debts],
        "balances": [
            {"ledger": ledger, "account": party, "balance_vnd": balance}
            for (ledger, party), balance in books.balances.items()
        ],
        "facts": [asdict(fact) | {"at": local(fact.at)} for fact in books.facts],
        "entries": [asdict(entry) | {"at": local(entry.at)} for entry in books.entries],
    }
