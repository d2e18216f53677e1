"""``postal deadline`` and ``postal explain``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time
from typing import Annotated

import typer
from rich.table import Table

from config.calendars import load_calendar
from config.clock import local
from config.settings import load_settings
from dispatch.dossiers import get_dossier
from tracking.clock_facts import ledger_of
from tracking.deadlines.day_marks import ledger_strip
from tracking.deadlines.explain import ExplanationLine, explain_due, explain_ledger
from tracking.deadlines.rules import load_rules
from tracking.deadlines.strip_text import strip_blocks
from tracking.deadlines.terms import DueTime, Term
from tracking.deadlines.working_time import WorkingTime
from tracking.office import load_office
from worker.commands.output import clear_errors, console, parse_instant, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def deadline(
    start: Annotated[str, typer.Option(help="Start of the time limit, ISO 8601 with zone.")],
    amount: Annotated[int, typer.Option(help="How many units.")],
    unit: Annotated[str, typer.Option(help="working_days, working_hours, half_days, calendar_days or same_day.")],
    cutoff: Annotated[str | None, typer.Option(help="HH:MM; later arrivals count from the next working day.")] = None,
    due_time: Annotated[DueTime, typer.Option(help="When on the due day.")] = DueTime.END_OF_DAY,
    calendar: Annotated[str | None, typer.Option(help="Office whose calendar counts.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute one due date and say how."""
    with clear_errors():
        settings = load_settings()
        office = calendar or settings.calendar_office
        working_time = WorkingTime(load_calendar(office, settings.calendars))
        answer = explain_due(
            parse_instant(start),
            Term.parse(amount, unit),
            working_time,
            load_rules(),
            due_time=due_time,
            cutoff=_clock(cutoff) if cutoff else None,
        )
    if as_json:
        say_json(answer)
        return
    console.print(f"Effective {answer['effective']}, due [bold]{answer['due']}[/bold]")
    print_explanation(answer["explanation"])


def explain(
    code: Annotated[str, typer.Argument(help="Dossier code.")],
    as_json: JsonOption = False,
) -> None:
    """Show every change of a dossier's due date, each with its evidence and its ground in law."""
    with clear_errors():
        settings = settings_in_force()
        database = current_database(settings)
        office = load_office(settings, database)
        with database.read() as session:
            ledger = ledger_of(session, office, get_dossier(session, code))
        lines = explain_ledger(ledger, office.calendars, office.rules)
        marks = ledger_strip(ledger, office.calendars)
    if as_json:
        due = local(ledger.current_due) if ledger.current_due else None
        strip = [asdict(mark) for mark in marks]
        say_json({"code": code, "state": ledger.state, "due": due, "explanation": lines, "strip": strip})
        return
    due_text = f"{local(ledger.current_due):%H:%M %d/%m/%Y}" if ledger.current_due else "-"
    console.print(f"Hồ sơ {code}: {ledger.state}, hạn trả {due_text}")
    print_explanation(lines)
    if marks:
        console.print(strip_blocks(marks), highlight=False, markup=False)


def print_explanation(lines: list[ExplanationLine]) -> None:
    """Print explanation lines as a table for people."""
    table = Table(show_lines=True)
    for heading in ("At", "Tiếng Việt / English", "Law", "From -> to"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        moved = f"{line['from'] or '-'} -> {line['to'] or '-'}" if line["from"] != line["to"] else ""
        table.add_row(line["at"], f"{line['text_vi']}\n{line['text_en']}", line["legal_source"] or "", moved)
    console.print(table)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is no clock time; write HH:MM, like 15:00") from error
