"""The command ``postal``."""

from __future__ import annotations

import typer

from worker.commands import (
    benches,
    calendar_changes,
    calendars,
    deadlines,
    operators,
    outgoing,
    replays,
    running,
    settling,
    simulating,
    simulators,
    upkeep,
)

app = typer.Typer(
    help="The postal desk of a Vietnamese one-stop (một cửa liên thông).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    running.demo,
    running.up,
    running.web,
    running.worker,
    running.beat,
    deadlines.deadline,
    deadlines.explain,
    operators.carriers,
    operators.normalise,
    operators.waybills,
    outgoing.outbox,
    settling.settle,
    simulators.simulator,
    simulating.simulate,
    benches.bench,
    upkeep.doctor,
):
    app.command()(command)
app.command("replay")(replays.replay_deliveries)
calendars.calendar.command("impact")(calendar_changes.show_impact)
calendars.calendar.command("confirm")(calendar_changes.confirm_change)
app.add_typer(calendars.calendar, name="calendar")
app.add_typer(upkeep.db, name="db")


def main() -> None:
    """Run ``postal``."""
    app()


if __name__ == "__main__":
    main()
