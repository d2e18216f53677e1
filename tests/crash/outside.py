"""One operator of a training world, or its one-stop, as the work of a process that may be killed at any moment.

Everything it must not forget is in the world's files; the trouble that it makes by itself comes from a seed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from carriers.simulation import Fault, FaultRule, SimulatedOperator, simulator_of
from carriers.vnpost_ngsp.simulator import NgspOperator
from config.clock import DrivenClock
from dispatch.onestop.deliveries import Deliveries, Door
from dispatch.onestop.simulator import OneStopSimulator
from worker.training.plot import Plot
from worker.training.servers import HOST
from worker.training.world import tells_by_webhook

ONESTOP = "one-stop"
CHANGED = "changed.jsonl"
"""Where the one-stop notes a callback that came again under its id with another content."""

TROUBLE = (
    FaultRule(fault=Fault.TIMEOUT_BEFORE, operation="order", share=0.03, seconds=3),
    FaultRule(fault=Fault.TIMEOUT_AFTER, operation="order", share=0.06, seconds=3),
    FaultRule(fault=Fault.ERROR_BEFORE, operation="order", share=0.05),
    FaultRule(fault=Fault.ERROR_AFTER, operation="order", share=0.05),
    FaultRule(fault=Fault.MALFORMED, operation="order", share=0.04),
    FaultRule(fault=Fault.THROTTLED, operation="order", share=0.03, seconds=1),
    FaultRule(fault=Fault.EXPIRED_TOKEN, share=0.02),
    FaultRule(fault=Fault.EMPTY_PAGE, operation="tracking", share=0.05),
    FaultRule(fault=Fault.ERROR_AFTER, operation="tracking", share=0.05),
    FaultRule(fault=Fault.DUPLICATE_EVENTS, operation="webhook", share=0.2),
    FaultRule(fault=Fault.OUT_OF_ORDER, operation="webhook", share=0.3),
    FaultRule(fault=Fault.FORGED_WEBHOOK, operation="webhook", share=0.05),
)


class SuspiciousDeliveries(Deliveries):
    """Compares what comes again under an id with what came first."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "onestop.db")
        self._changed = home / CHANGED

    def keep(self, door: Door, event: dict[str, Any], body: str, now: Any) -> bool:
        new = super().keep(door, event, body, now)
        with self._transaction() as database:
            (first,) = database.execute("SELECT body FROM delivery WHERE webhook_id = ?", (event["id"],)).fetchone()
        if json.loads(first) != event:
            with self._changed.open("a") as notes:
                notes.write(json.dumps({"first": json.loads(first), "again": event}) + "\n")
        return new


def be_outside(home: Path, name: str, port: int, seed: int) -> None:
    """Serve until the end; ``name`` is an operator's, or :data:`ONESTOP`."""
    plot, clock = Plot.read(home), DrivenClock(home / "clock")
    assert plot is not None, f"there is no world in {home}"
    app = _onestop(home, plot, clock) if name == ONESTOP else _operator(home, plot, clock, name, seed)
    uvicorn.run(app, host=HOST, port=port, log_level="warning", access_log=False, lifespan="off")


def _onestop(home: Path, plot: Plot, clock: DrivenClock) -> ASGIApp:
    onestop = OneStopSimulator(home / "onestop.db", plot.callback_secret, plot.gateway_secret, now=clock.now)
    onestop.deliveries.close()
    onestop.deliveries = SuspiciousDeliveries(home)
    return onestop.app


def _operator(home: Path, plot: Plot, clock: DrivenClock, carrier: str, seed: int) -> ASGIApp:
    operator: SimulatedOperator
    if carrier == "vnpost_ngsp":
        clients = [plot.client_of(account) for account in plot.customers]
        operator = NgspOperator(now=clock.now, clients=clients, database=home / "operator.db")
    else:
        operator = simulator_of(carrier).make(now=clock.now, database=home / f"{carrier}.db")
    operator.faults.random.seed(seed)
    operator.faults.replace(TROUBLE)
    if carrier in plot.other_ports and tells_by_webhook(carrier):
        operator.send_webhooks_to(plot.webhook_of(plot.other_accounts()[carrier]))
    app: ASGIApp = simulator_of(carrier).app(operator)
    return app
