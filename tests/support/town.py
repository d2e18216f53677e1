"""An operator and a one-stop that are served here, for systems that run as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from carriers.vnpost_ngsp.simulator import Client, NgspOperator, create_app
from config.clock import Clock, DrivenClock, SystemClock
from dispatch.onestop.simulator import OneStopSimulator
from tests.support.desk import CUSTOMER, MONDAY, TOKEN, signing_secret
from tests.support.servers import serve
from worker.training.plot import AGENCY_ACCOUNT, PROVINCE_ACCOUNT, Plot
from worker.training.servers import free_port

ROOT = Path(__file__).parents[2]
_OTHER_CUSTOMER = Client("C14000999", "key-of-another", "secret-of-another")
_PATIENCE = 100.0


def wait_for(
    what: str, happened: Callable[[], bool], patience: float = _PATIENCE, look: Callable[[], str] = str
) -> None:
    """Return as soon as ``happened`` says yes; fail, naming ``what`` and what one sees by a ``look``, when never."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, f"waited {patience:g} s in vain: {what} {look()}"
        time.sleep(0.02)


@dataclass
class Town:
    """What a system meets outside, and where it finds it. ``clock`` is None where the machine's own clock counts."""

    home: Path
    plot: Plot
    operator: NgspOperator
    onestop: OneStopSimulator
    clock: DrivenClock | None

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process that belongs to this town and to no other."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("POSTAL_")}
        settings = self.plot.environment(self.home)
        if self.clock is None:
            del settings["POSTAL_CLOCK_FILE"]
        return {**own, **settings, **more}

    @contextmanager
    def caller(self) -> Iterator[httpx.Client]:
        """Yield the one-stop as a caller of the system."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=self.plot.system_url, headers=headers, timeout=10.0) as caller:
            yield caller

    def told(self) -> dict[str, int]:
        """Return how many different callbacks of each type the one-stop has been told."""
        return dict(Counter(one.type for one in self.onestop.deliveries.received("callbacks")))

    def live_orders(self) -> dict[str, int]:
        """Return how many live orders the operator holds under each number."""
        return {order["order_number"]: order["live"] for order in self.operator.orders()}


@contextmanager
def opened_town(
    home: Path, starts_at: datetime | None = MONDAY, source_systems: tuple[str, ...] = ("igate",)
) -> Iterator[Town]:
    """Serve an operator and a one-stop, to which ``source_systems`` belong, and write the configuration of a system.

    Time stands at ``starts_at`` until the test moves it; None takes the machine's own clock.
    """
    home.mkdir(parents=True, exist_ok=True)
    driven = DrivenClock(home / "clock", start=starts_at) if starts_at else None
    clock: Clock = driven or SystemClock()
    operator = NgspOperator(now=clock.now, clients=[CUSTOMER, _OTHER_CUSTOMER])
    onestop = OneStopSimulator(home / "onestop.db", signing_secret("c"), signing_secret("g"), now=clock.now)
    with ExitStack() as closing:
        closing.callback(onestop.deliveries.close)
        closing.callback(operator.close)
        operator_url = closing.enter_context(serve(create_app(operator)))
        onestop_url = closing.enter_context(serve(onestop.app))
        plot = _plot(operator_url, onestop_url, starts_at or clock.now(), source_systems)
        plot.write_configuration(home)
        yield Town(home, plot, operator, onestop, driven)


def _plot(operator_url: str, onestop_url: str, starts_at: datetime, source_systems: tuple[str, ...]) -> Plot:
    customers = {PROVINCE_ACCOUNT: CUSTOMER, AGENCY_ACCOUNT: _OTHER_CUSTOMER}
    return Plot(
        system_port=free_port(),
        operator_port=urlsplit(operator_url).port or 0,
        onestop_port=urlsplit(onestop_url).port or 0,
        api_token=TOKEN,
        callback_secret=signing_secret("c"),
        gateway_secret=signing_secret("g"),
        customers={name: (one.customer_code, one.key, one.secret) for name, one in customers.items()},
        own_account_agency="H14.99",
        source_systems=source_systems,
        starts_at=starts_at,
    )


@contextmanager
def postal(town: Town, *words: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``postal`` beside us and stop it, if need be by force, at the end; it speaks into ``<home>/<word>.log``."""
    with (
        (town.home / f"{words[0]}.log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", "worker.cli", *words],
            cwd=ROOT,
            env=town.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            yield process
        finally:
            _stop(process)


def run(
    words: list[str], environment: Mapping[str, str], cwd: Path = ROOT, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run ``postal`` to its end and return what it said."""
    command = [sys.executable, "-m", "worker.cli", *words]
    return subprocess.run(
        command, cwd=cwd, env=dict(environment), capture_output=True, text=True, timeout=timeout, check=False
    )


def ready(town: Town, process: subprocess.Popen[bytes]) -> bool:
    """Whether the system answers that a worker of its own is alive."""
    assert process.poll() is None, (town.home / "up.log").read_text()[-2000:]
    return _readiness(town) is not None


def settled(town: Town) -> bool:
    """Whether the system has nothing to do until time moves or somebody acts."""
    backlog = _readiness(town)
    return backlog is not None and not any(backlog.values())


def _readiness(town: Town) -> dict[str, int] | None:
    try:
        answer = httpx.get(f"{town.plot.system_url}/readyz", timeout=2)
    except httpx.TransportError:
        return None
    seen = answer.json()
    backlog: dict[str, int] = seen["backlog"]
    return backlog if is_alive(seen) else None


def is_alive(seen: dict[str, Any]) -> bool:
    """Whether an answer of ``/readyz`` says that deliveries are taken, and a worker and the beat are there."""
    well = {check["name"] for check in seen["checks"] if check["state"] == "ok"}
    return bool(seen["ready"]) and {"worker", "beat"} <= well


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=8)
    except subprocess.TimeoutExpired:
        process.kill()
