"""``postal calendar``: the official working calendars, shown and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Annotated

import holidays
import typer
from rich.table import Table

from config.calendars import OfficeCalendar, load_calendar
from config.settings import load_settings
from worker.commands.calendar_check import Finding, OtherList, Verdict, all_settled, check
from worker.commands.calendar_page import as_json, as_page, year_of
from worker.commands.output import clear_errors, console, say_json

calendar = typer.Typer(help="Look at the official working calendars.", no_args_is_help=True)

OfficeOption = Annotated[str | None, typer.Option(help="Whose calendar; POSTAL_CALENDAR_OFFICE if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]

_LIBRARY = f"holidays {version('holidays')} (VN)"
_COLOURS = {Verdict.OURS_BY_DOCUMENT: "green", Verdict.NO_DOCUMENT: "red", Verdict.UNKNOWN_TO_US: "red"}


@calendar.command("show")
def show(
    year: Annotated[int, typer.Argument(help="Which year.")], office: OfficeOption = None, as_json_: JsonOption = False
) -> None:
    """Show a year: working days, days off and make-up days, each with the document it rests on."""
    with clear_errors():
        known = _calendar_of(office)
        wanted = year_of(known, year)
    if as_json_:
        say_json(as_json(known, wanted))
    else:
        console.print(as_page(known, wanted))


@calendar.command("check")
def check_calendar(office: OfficeOption = None, as_json_: JsonOption = False) -> None:
    """Compare a calendar with the public library `holidays`. Exit code 1 when our documents do not settle it."""
    with clear_errors():
        known = _calendar_of(office)
    findings = check(known, _library(known))
    settled = all_settled(findings)
    if as_json_:
        beside = {"calendar": known.version, "compared_with": _LIBRARY, "settled": settled}
        say_json({**beside, "findings": [asdict(finding) for finding in findings]})
    else:
        _print(known, findings)
    raise typer.Exit(0 if settled else 1)


def _calendar_of(office: str | None) -> OfficeCalendar:
    settings = load_settings()
    return load_calendar(office or settings.calendar_office, settings.calendars)


def _library(known: OfficeCalendar) -> OtherList:
    library = holidays.country_holidays("VN", years=[year.year for year in known.years], language="en_US")
    return OtherList(library, library.weekend_workdays)


def _print(known: OfficeCalendar, findings: Sequence[Finding]) -> None:
    console.print(f"{known.version} beside {_LIBRARY}", highlight=False)
    table = Table(show_lines=True)
    for heading in ("Day", "Ours", "The library", "Our document", "What to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        colour = _COLOURS[finding.verdict]
        step = f"[{colour}]{finding.next_step}[/{colour}]"
        table.add_row(f"{finding.day:%a %d/%m/%Y}", finding.ours, finding.theirs, finding.document or "none", step)
    if findings:
        console.print(table)
    open_count = sum(finding.verdict is not Verdict.OURS_BY_DOCUMENT for finding in findings)
    console.print(f"{len(findings)} to know of; {open_count} that our documents do not settle.", highlight=False)
