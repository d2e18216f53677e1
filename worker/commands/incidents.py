"""``postal incidents`` and ``postal incident``: what went wrong, who looks after it, and the whole story of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from config.clock import local
from tracking.incidents.records import Standing, standing_of, standings
from tracking.incidents.rows import MOST, page
from tracking.incidents.wording import dong, kind_words, next_words, party_words
from tracking.office import Office, load_office
from tracking.views import Moment, timeline
from worker.commands.output import clear_errors, console, say_json
from worker.commands.training import settings_in_force
from worker.runtime import current_database
from worker.web.incident_answers import IncidentAnswer, IncidentView

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


def incidents(
    every: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    most: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="Show at most so many.")] = MOST,
    after: Annotated[str | None, typer.Option(metavar="ID", help="Go on behind this incident.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show incidents with their owner and what is due next, newest first."""
    with clear_errors(), _opened() as (session, office):
        rows, more_after = page(session, open_ones=None if every else True, after=after, most=most)
        found = standings(session, office, rows)
    if as_json:
        say_json({"incidents": [IncidentAnswer.of(one).model_dump(mode="json") for one in found], "next": more_after})
        return
    if not found:
        console.print("Không có sự cố nào đang mở. / No incident is open.")
        return
    table = Table("Incident", "Sự cố / What", "Owner", "Việc tiếp theo / Next")
    for column in table.columns:
        column.overflow = "fold"
    for one in found:
        called, then = kind_words(one.incident.kind), _next(one)
        table.add_row(one.row.id, f"{called.vi}\n{called.en}", one.incident.owner, "\n".join(then))
    console.print(table)
    if more_after is not None:
        again = f"postal incidents{' --all' if every else ''} --limit {most} --after {more_after}"
        console.print(f"Còn nữa / There are more: {again}", highlight=False, soft_wrap=True)


def incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="As in `postal incidents`.")],
    as_json: JsonOption = False,
) -> None:
    """Tell the story of one incident, from the first alarm to its end."""
    with clear_errors(), _opened() as (session, office):
        one = standing_of(session, office, incident_id)
        story = timeline(session, office, one.row.dossier_code)
    first = min(stated.form.at for stated in one.facts)
    last = one.incident.closed_at
    moments = [moment for moment in story if first <= moment.at and (last is None or moment.at <= last)]
    if as_json:
        shown = [{**asdict(moment), "at": local(moment.at)} for moment in moments]
        say_json({**IncidentView.of(one).model_dump(mode="json"), "timeline": shown})
        return
    _print_head(one)
    _print_story(moments)


@contextmanager
def _opened() -> Iterator[tuple[Session, Office]]:
    settings = settings_in_force()
    database = current_database(settings)
    try:
        with database.read() as session:
            yield session, load_office(settings, database)
    finally:
        database.dispose()


def _print_head(one: Standing) -> None:
    called, state = kind_words(one.incident.kind), "đã đóng / closed" if one.incident.closed_at else "đang mở / open"
    console.print(f"[bold]{escape(one.row.id)}[/bold]: {called.vi} / {called.en} – {state}", highlight=False)
    console.print(f"Người phụ trách / Owner: {escape(one.incident.owner)}", highlight=False)
    for words in _next(one):
        console.print(f"→ {escape(words)}", highlight=False)
    for claim in one.incident.claims:
        debtor, creditor = party_words(claim.debtor), party_words(claim.creditor)
        owed = f"{debtor.vi} → {creditor.vi}: {dong(claim.amount_vnd)} đồng ({debtor.en} → {creditor.en})"
        console.print(owed, highlight=False)
    left = dong(one.incident.outstanding_vnd)
    console.print(f"Còn phải trả / Outstanding: {left} đồng\n", highlight=False)


def _print_story(moments: list[Moment]) -> None:
    for moment in moments:
        console.print(f"[bold]{local(moment.at):%H:%M %d/%m/%Y}[/bold]  {escape(moment.source)}", highlight=False)
        console.print(f"    {escape(moment.what_vi)}", highlight=False)
        console.print(f"    {escape(moment.what_en)}", style="dim", highlight=False)


def _next(one: Standing) -> list[str]:
    words = next_words(one.next, one.incident) if one.next else None
    return [words.vi, words.en] if words else []
