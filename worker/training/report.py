"""The summary for people: what happened, what was promised, and one dossier from beginning to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.clock import local
from worker.training.casting import Part
from worker.training.findings import DossierFindings, Findings
from worker.training.played import Played
from worker.training.promises import Promise
from worker.training.summary import Summary

_SHOWN_CODES = 4


def print_summary(summary: Summary, console: Console) -> None:
    """Print everything that a stranger needs to see what the run did."""
    findings = summary.findings
    console.print(_story(summary.parts))
    not_played = [part.text for part in summary.parts if not part.dossiers]
    if not_played:
        console.print(f"Not played: {'; '.join(not_played)}.", markup=False)
    if findings.refused:
        console.print(_refusals(findings))
    console.print(_promises(summary.promises))
    for code, missing in findings.unfinished.items():
        console.print(f"Not finished: {code}: {missing}", markup=False)
    for stall in findings.stalls:
        console.print(f"The system did not finish its work in time: {stall}", markup=False)
    showcase = _showcase(findings.dossiers)
    if showcase is not None:
        console.print(_timeline(showcase))
        console.print(_due_date(showcase))
    console.print(_closing(summary), markup=False, highlight=False)


def _story(parts: Iterable[Played]) -> Table:
    table = _table("What happened", "", "Part of the story", "Dossiers")
    for part in parts:
        if part.dossiers:
            more = len(part.dossiers) - _SHOWN_CODES
            codes = ", ".join(part.dossiers[:_SHOWN_CODES]) + (f" and {more} more" if more > 0 else "")
            table.add_row(str(len(part.dossiers)), part.text, codes)
    return table


def _refusals(findings: Findings) -> Table:
    table = _table("Refused, and what to do next", "Dossier", "Why", "Next step")
    for refusal in findings.refused:
        problem = refusal.problem
        steps = [str(problem[key]) for key in ("next_step", "next_step_vi") if problem.get(key)]
        table.add_row(
            Text(refusal.dossier),
            Text(f"{problem.get('title')}: {problem.get('detail')}"),
            Text("\n".join(steps)),
        )
    return table


def _promises(promises: Iterable[Promise]) -> Table:
    table = _table(
        "Promises, held against the operator's and the one-stop's own books", "", "Promise", "Kept", "Evidence"
    )
    for promise in promises:
        kept = Text("yes", "green") if promise.passed else Text("NO", "bold red")
        table.add_row(str(promise.number), promise.text, kept, Text(promise.evidence))
    return table


def _showcase(dossiers: Iterable[DossierFindings]) -> DossierFindings | None:
    """Return the dossier worth telling: with a supplement and over Tết, if there is one."""
    return max(dossiers, key=lambda d: (d.part is Part.SUPPLEMENT, d.over_tet, d.callbacks), default=None)


def _timeline(dossier: DossierFindings) -> Table:
    title = f"One dossier from beginning to end: {dossier.case.code} ({dossier.case.procedure})"
    table = _table(title, "When", "Who says so", "What happened")
    for moment in dossier.shown["timeline"]:
        what = Text.assemble(moment["what_vi"], "\n", (moment["what_en"], "dim"))
        table.add_row(_when(moment["at"]), Text(moment["source"]), what)
    return table


def _due_date(dossier: DossierFindings) -> Table:
    table = _table("Why its result is due when it is due", "When", "Because", "Legal source", "Due date")
    for line in dossier.deadline["explanation"]:
        table.add_row(
            _when(line["at"]),
            Text.assemble(line["text_vi"], "\n", (line["text_en"], "dim")),
            Text(_source(line)),
            Text(_when(line["to"])),
        )
    return table


def _source(line: dict[str, Any]) -> str:
    return f"{line['legal_source'] or ''}\n({line['rule'] or 'arithmetic'}; {line['calendar_version']})"


def _closing(summary: Summary) -> str:
    findings = summary.findings
    days = (findings.virtual_to - findings.virtual_from).days
    return (
        f"{summary.headline}. {days} days of story ({local(findings.virtual_from):%Y-%m-%d} to "
        f"{local(findings.virtual_to):%Y-%m-%d}) in {findings.seconds:.0f} seconds; {findings.callbacks} callbacks to "
        f"the one-stop, {sum(findings.messages.values())} messages to citizens, {len(findings.restarts)} restart."
    )


def _when(instant: str | None) -> str:
    return f"{local(datetime.fromisoformat(instant)):%Y-%m-%d %H:%M}" if instant else ""


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns, title=title, title_justify="left", title_style="bold", show_lines=False, expand=False)
    table.columns[-1].overflow = "fold"
    return table
