"""``postal simulator``: one operator for an integrator, with postmen that go their rounds; or another neighbour."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from carriers.simulation import SimulatedOperator, SimulatorPlugin, simulator_of
from carriers.simulation.journeys import journey
from config.clock import wall_now
from config.errors import ConfigurationError
from worker.commands.onestop_simulators import ONESTOPS, run_onestop
from worker.commands.output import clear_errors, console, say_json
from worker.commands.sms_simulator import SMS, run_sms_gateway
from worker.port import refuse_unusable_address

_GLANCE = 0.2
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Postmen:
    """They carry every order through a journey, by a clock that runs ``speed`` times as fast as the wall's."""

    def __init__(self, operator: SimulatedOperator, seed: int) -> None:
        self._operator, self._seed = operator, seed
        self._done: set[tuple[str, str, datetime]] = set()
        # What stands in books that were kept over a restart has happened already.
        self._reported = {
            order["order_number"]: _last_event(operator, order) for order in operator.orders() if order["live"]
        }

    def go_rounds(self) -> None:
        while True:
            time.sleep(_GLANCE)
            self.go_round()

    def go_round(self) -> None:
        """Report what has happened to every parcel until now."""
        for order in self._operator.orders():
            self._carry(order["order_number"], order)

    def _carry(self, number: str, order: dict[str, Any]) -> None:
        if not order["live"]:
            return
        for state, at in journey(self._seed, number, datetime.fromisoformat(order["ordered_at"])):
            act = (number, state.value, at)
            known = at < self._reported.get(number, _LONG_AGO) or act in self._done
            if known or at > self._operator.now():
                continue
            self._done.add(act)
            if self._operator.knows(state):
                self._operator.report(number, state, at)


def _last_event(operator: SimulatedOperator, order: dict[str, Any]) -> datetime:
    events = operator.books.events_of(order["customer_code"], order["order_number"])
    # The books know milliseconds.
    return max((event.happened + timedelta(milliseconds=1) for event in events), default=_LONG_AGO)


def _opened(plugin: SimulatorPlugin, now: Callable[[], datetime], database: Path | None) -> SimulatedOperator:
    try:
        return plugin.make(now=now, database=database)
    except sqlite3.Error as error:
        raise ConfigurationError(
            f"the books {database} cannot be opened ({error}): name a file in a folder that is there, "
            "which this command may write to and which holds nothing else"
        ) from error


def simulator(
    carrier: Annotated[
        str,
        typer.Argument(
            help="Operator, as in `postal carriers`; a one-stop system: dvcqg, igate; or an SMS gateway: sms."
        ),
    ],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)] = 8400,
    webhook: Annotated[str | None, typer.Option(help="Address to which its webhooks are sent.")] = None,
    database: Annotated[Path | None, typer.Option(help="Its books, kept over a restart; else in memory.")] = None,
    speed: Annotated[float, typer.Option(help="How many seconds pass at the operator in one of ours.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Which journeys the parcels take.")] = 1,
    journeys: Annotated[bool, typer.Option(help="Postmen carry every order by themselves.")] = True,
) -> None:
    """Be one postal operator, for whoever tries a connector: its interface, its webhooks, its postmen.

    Or be one one-stop system; then only the port and the books are asked for. Or an SMS gateway, on the port.
    """
    if carrier == SMS:
        with clear_errors():
            refuse_unusable_address("127.0.0.1", port, ("127.0.0.1", "--port"))
        run_sms_gateway(port)
        return
    if carrier in ONESTOPS:
        with clear_errors():
            refuse_unusable_address("127.0.0.1", port, ("127.0.0.1", "--port"))
            run_onestop(carrier, port, database)
        return
    began, wall = wall_now(), time.monotonic()

    def now() -> datetime:
        return (began + timedelta(seconds=(time.monotonic() - wall) * speed)).astimezone(UTC)

    with clear_errors():
        refuse_unusable_address("127.0.0.1", port, ("127.0.0.1", "--port"))
        plugin = simulator_of(carrier)
        operator = _opened(plugin, now, database)
    if webhook is not None:
        operator.send_webhooks_to(webhook)
    access = plugin.access(f"http://127.0.0.1:{port}")
    console.print(f"{carrier} on http://127.0.0.1:{port}, {speed:g} times as fast; Ctrl-C stops it. An account there:")
    say_json({"customer_code": access.customer_code, "options": access.options, "secrets": access.secrets})
    console.print("Directed by POST /_control/events and /_control/faults; GET /_control/orders shows its books.")
    if journeys:
        threading.Thread(target=Postmen(operator, seed).go_rounds, name="postmen", daemon=True).start()
    uvicorn.run(plugin.app(operator), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    operator.close()
