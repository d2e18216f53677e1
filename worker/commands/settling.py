"""``postal settle``: what a person was told by the operator about an order that is in doubt."""

from __future__ import annotations

from typing import Annotated

import typer

from dispatch.findings import FindingForm, note_finding
from dispatch.shipment_queries import get_shipment
from worker.commands.output import clear_errors, console
from worker.commands.training import settings_in_force
from worker.runtime import opened_runtime


def settle(
    order_number: Annotated[str, typer.Argument(help="As in the list of what needs a person.")],
    held: Annotated[
        bool | None,
        typer.Option("--held/--not-held", help="Whether the operator holds this order.", show_default=False),
    ] = None,
    waybill: Annotated[str | None, typer.Option(help="The item's number at the operator, with --held.")] = None,
    although_confirmed: Annotated[
        bool,
        typer.Option("--although-confirmed", help="With --not-held: it had confirmed the order, and denies it now."),
    ] = False,
) -> None:
    """Say what the operator told you of an order whose booking or cancellation is in doubt.

    Held: it is followed from now on; one that is cancelled here is cancelled there again. Not held: it is booked again,
    or is dead where it was to be cancelled.
    """
    if although_confirmed and held is not False:
        raise typer.BadParameter("--although-confirmed goes with --not-held")
    if held is None or (waybill is not None and (not held or not waybill.strip() or len(waybill) > 40)):
        raise typer.BadParameter("say --held (with --waybill of at most 40 characters, if you know it) or --not-held")
    form = FindingForm(held=held, waybill=waybill, although_confirmed=although_confirmed)
    with clear_errors(), opened_runtime(settings_in_force()) as runtime:
        note_finding(runtime.context, order_number, form)
        with runtime.context.database.read() as session:
            state = get_shipment(session, order_number).state
    console.print(f"{order_number} is '{state}' now.")
