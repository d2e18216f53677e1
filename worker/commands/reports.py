"""``postal report``: the statutory reports, as a file that can be handed in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from config.errors import ConfigurationError
from tracking.reports.catalogue import LAYOUTS
from tracking.reports.layout import Layout
from tracking.reports.making import layout_called, make
from tracking.reports.periods import Period
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime

_DAY = ["%Y-%m-%d"]


def report(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="As `postal report --list` shows it.")] = "",
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day, in Vietnam.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day, included.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Ends in .xlsx or .csv; replaced if there.")] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the reports with what asks for them.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Make a report of a period. Behind each figure stand its dossiers; the period is whole days, both included."""
    if show_list:
        _list(as_json)
        return
    with clear_errors():
        layout = layout_called(name) if name else _nothing_named()
        if first is None or last is None or out is None:
            raise ConfigurationError(f"postal report {name} needs --from, --to and --out FILE; days as 2026-03-01")
        period = _period(first, last)
        with opened_runtime(settings_in_force()) as runtime:
            files = make(runtime.context, runtime.office, layout, period, out)
    if as_json:
        say_json({"report": layout.name, "from": period.first, "to": period.last, "files": files})
        return
    console.print(f"{layout.title.vi}, {period.first:%d/%m/%Y} - {period.last:%d/%m/%Y}: ", highlight=False)
    for file in files:
        console.print(str(file), highlight=False, soft_wrap=True)


def _nothing_named() -> Layout:
    raise ConfigurationError(f"name a report: {', '.join(LAYOUTS)}; `postal report --list` tells what they are")


def _period(first: datetime, last: datetime) -> Period:
    try:
        return Period(first.date(), last.date())
    except ValueError as error:
        raise ConfigurationError(f"{error}; --to is the last day, not before --from") from error


def _list(as_json: bool) -> None:
    if as_json:
        say_json([_as_data(layout) for layout in LAYOUTS.values()])
        return
    table = Table("Name", "Report", "Asked for by", "By itself")
    for layout in LAYOUTS.values():
        title, source = f"{layout.title.vi}\n{layout.title.en}", f"{layout.source.vi}\n{layout.source.en}"
        table.add_row(layout.name, title, source, f"every {layout.rhythm}", end_section=True)
    console.print(table)


def _as_data(layout: Layout) -> dict[str, str]:
    return {
        "name": layout.name,
        "title_vi": layout.title.vi,
        "title_en": layout.title.en,
        "source_vi": layout.source.vi,
        "source_en": layout.source.en,
        "every": layout.rhythm.value,
    }
