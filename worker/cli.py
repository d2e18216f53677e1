"""The command ``postal``."""

from __future__ import annotations

import gc

# Reading a thousand modules makes no garbage, and looking for it on the way took two fifths of the start:
# `time postal deadline --help` takes 1.3 s of processor instead of 2.1.
gc.disable()

import typer  # noqa: E402

from worker.commands import (  # noqa: E402
    apologies,
    auditing,
    benches,
    bus,
    calendar_changes,
    calendars,
    deadlines,
    events,
    heard,
    incidents,
    money,
    notices,
    onestops,
    operators,
    outgoing,
    printing,
    reconciling,
    replays,
    reports,
    running,
    settling,
    simulating,
    simulators,
    staff,
    statements,
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
    heard.heard,
    events.event,
    reconciling.reconcile,
    reconciling.ask,
    settling.settle,
    money.money,
    incidents.incidents,
    incidents.incident,
    apologies.apologies,
    reports.report,
    simulators.simulator,
    simulating.simulate,
    benches.bench,
    upkeep.doctor,
):
    app.command()(command)
app.command("print")(printing.print_documents_command)
app.command("replay")(replays.replay_deliveries)
calendars.calendar.command("impact")(calendar_changes.show_impact)
calendars.calendar.command("confirm")(calendar_changes.confirm_change)
app.add_typer(auditing.audit, name="audit")
app.add_typer(bus.bus, name="bus")
app.add_typer(calendars.calendar, name="calendar")
app.add_typer(statements.statement, name="statement")
app.add_typer(notices.notice, name="notice")
app.add_typer(notices.optout, name="optout")
app.add_typer(staff.client, name="clients")
app.add_typer(staff.staff, name="staff")
app.add_typer(onestops.onestops, name="onestops")
app.add_typer(upkeep.db, name="db")


# What was read stays for good, so nobody needs to look through it for garbage later either.
gc.freeze()
gc.enable()


def main() -> None:
    """Run ``postal``."""
    app()


if __name__ == "__main__":
    main()
