"""``postal simulate``: the whole system under injected faults against an oracle, on a virtual clock."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from worker.commands.output import clear_errors, console, say_json
from worker.simulation.campaign import Campaign, Order, play_one, run_campaign
from worker.simulation.faults import FaultKind, kinds_of
from worker.simulation.plays import Outcome, Play

_VIOLATED = 1


def simulate(
    seed: Annotated[int, typer.Option(help="The seed of one run.")] = 1,
    seeds: Annotated[str, typer.Option(help="Many seeds, as 1..1000.")] = "",
    count: Annotated[int, typer.Option(min=0, help="So many seeds, from --seed on.")] = 0,
    dossiers: Annotated[int, typer.Option(min=1, max=200, help="How many dossiers take part in a run.")] = 8,
    faults: Annotated[str, typer.Option(help="all, none, or names with commas between them.")] = "all",
    only_faults: Annotated[str, typer.Option(help="Ids of the faults that strike, and no others.")] = "",
    cast: Annotated[str, typer.Option(help="Numbers of the dossiers that take part; all of them when empty.")] = "",
    database: Annotated[str, typer.Option(help="URL of a PostgreSQL server; SQLite when empty.")] = "",
    processes: Annotated[int, typer.Option(min=1, help="How many processes share many seeds.")] = 1,
    shrink: Annotated[bool, typer.Option(help="Look for the shortest story of a seed that fails.")] = True,
    story: Annotated[bool, typer.Option("--story", help="Tell the story of a good run, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings for a machine.")] = False,
) -> None:
    """Play the whole system under faults, months in seconds, and hold it against every promise of the design.

    The same seed plays the same story. Exits 1 when a promise is broken, with the shortest story that breaks it and
    the command that plays it again.
    """
    kinds = _kinds(faults)
    with clear_errors():
        if seeds or count:
            wanted = _range(seeds) if seeds else range(seed, seed + count)
            campaign = run_campaign(Order(dossiers, kinds, database), wanted, processes)
            _tell_campaign(campaign, as_json)
            raise typer.Exit(_VIOLATED if campaign.failed else 0)
        only = frozenset(only_faults.split(",")) if only_faults else None
        play = Play(seed, dossiers, kinds, only, frozenset(_numbers(cast)))
        outcome = play_one(play, database, shrink=shrink)
    _tell(outcome, as_json, with_story=story)
    raise typer.Exit(0 if outcome.good else _VIOLATED)


def _tell(outcome: Outcome, as_json: bool, *, with_story: bool) -> None:
    told = _as_json(outcome)
    if with_story or not outcome.good:
        told["story"] = outcome.story.lines()
        told["again"] = _again(outcome.play)
    if as_json:
        say_json(told)
        return
    for line in told.get("story", []):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    verdict = "[green]every promise kept[/green]" if outcome.good else "[red]a promise is broken[/red]"
    console.print(
        f"{verdict}: seed {outcome.play.seed}, {outcome.virtual_days:g} days, {sum(outcome.faults.values())} faults, "
        f"{outcome.checks:,} checks, digest {outcome.digest}",
        highlight=False,
    )
    for violation in outcome.violations:
        console.print(f"promise {violation.promise}: {violation.what}", highlight=False, markup=False, soft_wrap=True)
    if "again" in told:
        console.print(f"again: {told['again']}", highlight=False, markup=False, soft_wrap=True)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "seed": outcome.play.seed,
        "dossiers": len(outcome.play.cast) or outcome.play.dossiers,
        "virtual_days": outcome.virtual_days,
        "steps": outcome.steps,
        "calls": outcome.calls,
        "faults": outcome.faults,
        "checks": outcome.checks,
        "violations": [{"promise": one.promise, "at": one.at, "what": one.what} for one in outcome.violations],
        "digest": outcome.digest,
    }


def _tell_campaign(campaign: Campaign, as_json: bool) -> None:
    rate = round(campaign.seeds / campaign.seconds, 3)
    if as_json:
        say_json(
            {
                "seeds": campaign.seeds,
                "failed": {str(seed): broken for seed, broken in campaign.failed.items()},
                "seconds": round(campaign.seconds, 1),
                "seeds_a_second": rate,
                "virtual_days": round(campaign.virtual_days),
                "checks": campaign.checks,
                "faults": dict(sorted(campaign.faults.items())),
            }
        )
        return
    for seed, broken in campaign.failed.items():
        console.print(f"seed {seed}: {broken[0]}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{campaign.seeds} seeds, {len(campaign.failed)} failed; {campaign.virtual_days:,.0f} virtual days, "
        f"{campaign.faults.total():,} faults, {campaign.checks:,} checks; {campaign.seconds:,.0f} s, {rate:g} a second",
        highlight=False,
    )


def _again(play: Play) -> str:
    kinds = "all" if len(play.kinds) == len(FaultKind) else ",".join(play.kinds) or "none"
    words = ["postal simulate", f"--seed {play.seed}", f"--dossiers {play.dossiers}", f"--faults {kinds}"]
    if play.only is not None:
        words.append(f"--only-faults {','.join(sorted(play.only))}")
    if play.cast:
        words.append(f"--cast {','.join(map(str, sorted(play.cast)))}")
    return " ".join([*words, "--no-shrink"])


def _kinds(text: str) -> tuple[FaultKind, ...]:
    try:
        return tuple(kinds_of(text))
    except ValueError as error:
        names = ", ".join(kind.value for kind in FaultKind)
        raise typer.BadParameter(f"{error}; say all, none, or some of: {names}", param_hint="--faults") from error


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    try:
        return range(int(first), int(last) + 1)
    except ValueError as error:
        raise typer.BadParameter("write the first and the last seed, as 1..1000", param_hint="--seeds") from error


def _numbers(text: str) -> list[int]:
    try:
        return [int(number) for number in text.split(",") if number]
    except ValueError as error:
        raise typer.BadParameter("write numbers with commas between them", param_hint="--cast") from error
