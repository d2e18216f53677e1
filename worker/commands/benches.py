"""``postal bench``."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from config.calendars import OfficeCalendar, load_calendar
from config.settings import load_settings
from worker.bench import deadlines, recalendar
from worker.bench.deadlines import Contest, Goal
from worker.bench.figures import Setting
from worker.bench.race import Standing
from worker.commands.engine_benches import ENGINE, measure
from worker.commands.output import clear_errors, console, say_json

_INSTALL = "It is not installed: run `make bench`, or `pip install 'onestop-postal[bench]'`, and measure again."
_EXAMPLES = 3


class BenchName(StrEnum):
    """What can be measured."""

    DEADLINES = "deadlines"
    RECALENDAR = "recalendar"
    APPLY = "apply"
    POLL = "poll"
    BOOK = "book"
    INTAKE = "intake"


def bench(
    name: Annotated[BenchName, typer.Argument(help="What to measure.")],
    additions: Annotated[int, typer.Option(min=1, help="How many random instants.")] = 500,
    rounds: Annotated[int, typer.Option(min=1, help="How often every way takes its turn.")] = 7,
    seed: Annotated[int, typer.Option(help="Which random instants.")] = 20261123,
    ledgers: Annotated[int, typer.Option(min=1, help="recalendar: how many stored ledgers.")] = 1_000_000,
    database: Annotated[
        str, typer.Option(help="A PostgreSQL server, in which a database is made and dropped; else SQLite.")
    ] = "",
    broker: Annotated[str, typer.Option(help="RabbitMQ or Redis; else the broker inside the process.")] = "",
    n: Annotated[int | None, typer.Option("--n", min=1, help="How much work a round is.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Measure speed beside a naive way, other libraries and the ceiling. Exit code 1 when their answers differ."""
    with clear_errors():
        if name in ENGINE:
            measure(name, Setting(database, broker, n, rounds, seed), as_json=as_json)
            return
        settings = load_settings()
        calendar = load_calendar(settings.calendar_office, settings.calendars)
        if name is BenchName.RECALENDAR:
            _recalendar(database or settings.url, calendar, ledgers, as_json)
            return
        contests = deadlines.run(calendar, additions, rounds, seed)
    setting = {"bench": name, "calendar": calendar.version, "additions": additions, "rounds": rounds, "seed": seed}
    if as_json:
        say_json({**setting, "contests": [_as_json(contest) for contest in contests], "notes": deadlines.NOTES})
    else:
        console.print(" · ".join(f"{key} {value}" for key, value in setting.items()), highlight=False)
        for contest in contests:
            _print(contest)
        for note in deadlines.NOTES:
            console.print(f"- {note}", highlight=False)
    raise typer.Exit(0 if all(contest.agreed for contest in contests) else 1)


def _recalendar(url: str, calendar: OfficeCalendar, ledgers: int, as_json: bool) -> None:
    measured = recalendar.run(url, calendar, ledgers)
    if as_json:
        say_json({"bench": BenchName.RECALENDAR, "calendar": calendar.version, **asdict(measured)})
        return
    console.print(
        f"{measured.ledgers:,} stored ledgers computed again in {measured.seconds:,.1f} s: "
        f"{measured.rows_a_second:,} rows a second, {measured.database_share:.0%} of it the database; "
        f"{measured.moved:,} dates would move. Folding whole histories: {measured.fold_rows_a_second:,} a second."
    )


def _as_json(contest: Contest) -> dict[str, Any]:
    return {
        "question": contest.question,
        "standings": [_standing_as_json(standing) for standing in contest.standings],
        "goals": [asdict(goal) for goal in contest.goals],
        "left_out": [{"rival": goal.rival, "next_step": _INSTALL} for goal in _left_out(contest)],
    }


def _standing_as_json(standing: Standing[Any]) -> dict[str, Any]:
    answers = standing.answers
    return {
        "way": standing.name,
        "set_up": standing.set_up or None,
        "microseconds": round(standing.microseconds, 3),
        "times_ours": round(standing.times_ours, 2),
        "answers": {
            "compared": answers.compared,
            "left_out": answers.left_out,
            "different": len(answers.different),
            "examples": [asdict(difference) for difference in answers.different[:_EXAMPLES]],
        },
    }


def _print(contest: Contest) -> None:
    table = Table(title=contest.question, title_justify="left")
    table.add_column("Way")
    table.add_column("Set-up", overflow="fold")
    for heading in ("µs each", "times ours", "same answers", "left out", "different"):
        table.add_column(heading, justify="right")
    for standing in contest.standings:
        answers, different = standing.answers, len(standing.answers.different)
        counts = (answers.compared - different, answers.left_out, different)
        times = (f"{standing.microseconds:,.2f}", f"{standing.times_ours:,.2f}")
        table.add_row(standing.name, standing.set_up, *times, *map(str, counts))
    console.print(table)
    for standing in contest.standings:
        for difference in standing.answers.different[:_EXAMPLES]:
            told = f"from {difference.question} ours says {difference.ours}, this {difference.theirs}"
            console.print(f"[red]different[/red] {standing.name}: {told}", highlight=False)
    for goal in contest.goals:
        console.print(_words(goal), highlight=False)


def _words(goal: Goal) -> str:
    wanted = f"at least {goal.at_least:g} times as fast as {goal.rival}"
    if goal.reached is None:
        return f"[yellow]left out[/yellow] {wanted}. {_INSTALL}"
    verdict = "[green]met[/green]" if goal.met else "[red]missed[/red]"
    return f"{verdict} {wanted}: {goal.reached:,.2f} times"


def _left_out(contest: Contest) -> list[Goal]:
    return [goal for goal in contest.goals if goal.reached is None]
