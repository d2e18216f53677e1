"""``postal apologies``: letters that wait for a signature."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from tracking.apologies.letters import spoken, what_happened
from tracking.apologies.listing import MOST, page
from tracking.apologies.rows import Apology
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database


def apologies(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are signed, dismissed or void.")] = False,
    most: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="Show at most so many.")] = 50,
    after: Annotated[int | None, typer.Option(metavar="ID", help="Go on behind this letter.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Show the apologies that are owed: for which promise, by whom, and until when they are to be signed."""
    with clear_errors(), current_database(settings_in_force()).read() as session:
        letters, more_after = page(session, only_open=not everything, after=after, most=most)
        found = [_row(one) for one in letters]
    if as_json:
        say_json({"apologies": found, "next": more_after})
        return
    if not found:
        console.print("No apology waits for a signature." if not everything else "There are no apologies.")
        return
    table = Table("Id", "Letter", "What for", "Who", "State", "Sign by")
    for one in found:
        table.add_row(*(str(one[name]) for name in ("id", "number", "about", "debtor", "state", "sign_by")))
    console.print(table)
    if more_after is not None:
        again = f"postal apologies{' --all' if everything else ''} --limit {most} --after {more_after}"
        console.print(f"Còn nữa / There are more: {again}", highlight=False, soft_wrap=True)


def _row(one: Apology) -> dict[str, object]:
    about_vi, about_en = what_happened(one.failing)
    return {
        "id": one.id,
        "number": one.number,
        "dossier": one.dossier_code,
        "order_number": one.order_number,
        "promise": one.promise,
        "failing": one.failing,
        "about": f"{about_vi} / {about_en}",
        "debtor": one.debtor,
        "state": one.state,
        "sign_by": spoken(one.sign_by),
    }
