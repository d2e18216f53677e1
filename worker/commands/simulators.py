"""``postal simulator``: one operator for an integrator, with postmen that go their rounds by themselves."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from carriers.simulation import SimulatedOperator, simulator_of
from carriers.simulation.journeys import journey
from config.clock import wall_now
from worker.commands.output import clear_errors, console, say_json

_GLANCE = 0.2


class _Postmen:
    """They carry every order through a journey, by a clock that runs ``speed`` times as fast as the wall's."""

    def __init__(self, operator: SimulatedOperator, seed: int) -> None:
        self._operator, self._seed = operator, seed
        self._done: set[tuple[str, str, datetime]] = set()

    def go_rounds(self) -> None:
        while True:
            time.sleep(_GLANCE)
            for order in self._operator.orders():
                self._carry(order["order_number"], order)

    def _carry(self, number: str, order: dict[str, Any]) -> None:
        if not order["live"]:
            return
        for state, at in journey(self._seed, number, datetime.fromisoformat(order["ordered_at"])):
            act = (number, state.value, at)
            if at > self._operator.now() or act in self._done:
                continue
            self._done.add(act)
            if self._operator.knows(state):
                self._operator.report(number, state, at)


def simulator(
    carrier: Annotated[str, typer.Argument(help="Operator, as in `postal carriers`.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8400,
    webhook: Annotated[str | None, typer.Option(help="Address to which its webhooks are sent.")] = None,
    database: Annotated[Path | None, typer.Option(help="Its books, kept over a restart; else in memory.")] = None,
    speed: Annotated[float, typer.Option(help="How many seconds pass at the operator in one of ours.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Which journeys the parcels take.")] = 1,
    journeys: Annotated[bool, typer.Option(help="Postmen carry every order by themselves.")] = True,
) -> None:
    """Be one postal operator, for whoever tries a connector: its interface, its webhooks, its postmen."""
    with clear_errors():
        plugin = simulator_of(carrier)
    began, wall = wall_now(), time.monotonic()

    def now() -> datetime:
        return (began + timedelta(seconds=(time.monotonic() - wall) * speed)).astimezone(UTC)

    operator = plugin.make(now=now, database=database)
    if webhook is not None:
        operator.send_webhooks_to(webhook)
    access = plugin.access(f"http://127.0.0.1:{port}")
    console.print(f"{carrier} on http://127.0.0.1:{port}, {speed:g} times as fast; Ctrl-C stops it. An account there:")
    say_json({"customer_code": access.customer_code, "options": access.options, "secrets": access.secrets})
    console.print("Directed by POST /_control/events and /_control/faults; GET /_control/orders shows its books.")
    if journeys:
        threading.Thread(target=_Postmen(operator, seed).go_rounds, name="postmen", daemon=True).start()
    uvicorn.run(operator.app(), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    operator.close()
