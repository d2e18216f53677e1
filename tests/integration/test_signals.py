"""Processes are told to stop or to start anew amid work: they end in time, and nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from carriers.vnpost_ngsp.simulator import Client, NgspOperator
from config.database import Database
from dispatch.shipments import Shipment
from tests.support.desk import dossier_body, order_body
from tests.support.rooms import own_database
from tests.support.services import Server
from tests.support.town import ROOT, Town, is_alive, opened_town, postal, wait_for
from worker import migrate

CALL_TIMEOUT = 10.0
GRACE = CALL_TIMEOUT + 5.0


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """An operator that takes an order and then takes its time to say so, under the machine's own clock."""
    create = NgspOperator.create

    def slowly(self: NgspOperator, client: Client, body: dict[str, Any]) -> tuple[int, str]:
        answer = create(self, client, body)
        time.sleep(0.3)
        return answer

    monkeypatch.setattr(NgspOperator, "create", slowly)
    with opened_town(tmp_path / "town", starts_at=None) as town:
        yield town


@pytest.fixture
def settings(postgres_url: str, rabbitmq_url: str, town: Town) -> Iterator[dict[str, str]]:
    with own_database(Server(postgres_url, named=False)) as url:
        shared = {
            "POSTAL_DATABASE_URL": url,
            "POSTAL_BROKER_URL": rabbitmq_url,
            "POSTAL_QUEUE_PREFIX": "signals",
            "POSTAL_DATA_KEY": Fernet.generate_key().decode(),
            "POSTAL_CALL_TIMEOUT": str(CALL_TIMEOUT),
            "POSTAL_LEASE_SECONDS": "21",
            "POSTAL_SWEEP_SECONDS": "1",
        }
        database = Database(url, shared["POSTAL_DATA_KEY"])
        migrate.upgrade(database)
        database.dispose()
        yield shared


def code(number: int) -> str:
    return f"H14.10-260302-{number:04}"


def place(caller: httpx.Client, number: int) -> bool:
    """Place an order as a client does that repeats what was not answered; tells whether it was taken."""
    try:
        caller.put(f"/v1/dossiers/{code(number)}", json=dossier_body()).raise_for_status()
        key = {"Idempotency-Key": f"order-of-{number}"}
        caller.post("/v1/orders", json=order_body("send", dossier=code(number)), headers=key).raise_for_status()
    except (httpx.TransportError, httpx.HTTPStatusError):
        return False
    return True


def place_until(town: Town, enough: threading.Event, taken: list[str]) -> None:
    with town.caller() as caller:
        while not enough.wait(0.25):  # no more than the slow operator takes, which enters one order after another
            number = len(taken) + 1
            if place(caller, number):
                taken.append(f"{code(number)}-S1")


def alive(town: Town) -> bool:
    try:
        return is_alive(httpx.get(f"{town.plot.system_url}/readyz", timeout=5).json())
    except httpx.TransportError:
        return False


def boots(town: Town) -> int:
    """Return how often a worker has come up."""
    return (town.home / "worker.log").read_text().count("worker_started")


def stop(process: subprocess.Popen[bytes]) -> float:
    """Tell a process to stop, and return how long it took."""
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=GRACE + 20) in (0, -signal.SIGTERM), "uvicorn ends by the signal itself once it is done"
    return time.monotonic() - started


def test_web_and_worker_stop_and_start_anew_under_work(town: Town, settings: dict[str, str]) -> None:
    with ExitStack() as processes:

        def start(part: str) -> subprocess.Popen[bytes]:
            return processes.enter_context(postal(town, part, **settings))

        web, worker, beat = start("web"), start("worker"), start("beat")
        wait_for("web, worker and beat", lambda: alive(town), 60)
        enough, taken = threading.Event(), list[str]()
        placing = threading.Thread(target=place_until, args=(town, enough, taken))
        placing.start()
        wait_for("work to be under way", lambda: len(town.live_orders()) >= 2)
        assert stop(worker) < GRACE, "it claims nothing more, so a call or two are all that is under way"
        assert stop(web) < GRACE
        booked, placed = len(town.live_orders()), len(taken)
        web, worker = start("web"), start("worker")
        wait_for("the next ones to go on", lambda: len(town.live_orders()) > booked and len(taken) > placed, 60)
        worker.send_signal(signal.SIGHUP)
        enough.set()
        placing.join()
        wait_for(
            "every order to be booked and told",
            lambda: town.told().get("postal.order_booked") == len(taken),
            60,
            look=lambda: f"{len(taken)} taken, {len(town.live_orders())} booked, told {town.told()}",
        )
        wait_for("the worker to have started anew", lambda: boots(town) == 3, 40)
        assert worker.poll() is None
        assert max(stop(beat), stop(worker), stop(web)) < GRACE
    assert town.live_orders() == dict.fromkeys(taken, 1)
    assert all(one["created"] == 1 for one in town.operator.orders())
    logs = "".join((town.home / f"{part}.log").read_text() for part in ("web", "worker", "beat"))
    assert "Traceback" not in logs, logs[-3000:]


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that serve for it; Python's own tracker of what they share is none of them."""
    born = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in born if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def serves(town: Town) -> bool:
    try:
        return httpx.get(f"{town.plot.system_url}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_web_processes_share_an_address_replace_the_dead_and_stop_together(
    town: Town, settings: dict[str, str]
) -> None:
    with postal(town, "web", "--workers", "2", **settings) as web:
        wait_for("both processes", lambda: len(children(web)) == 2 and serves(town), 120)
        first, _ = before = children(web)
        taken = set[int]()

        def place_all() -> bool:
            for number in range(1, 21):
                with town.caller() as caller:  # a connection of its own, which either of them may accept
                    taken.update([number] if place(caller, number) else [])
            return len(taken) == 20

        os.kill(first, signal.SIGKILL)
        wait_for("orders to be taken although one of them died", place_all, 120)
        wait_for("another to take its place", lambda: len(set(children(web)) - set(before)) == 1, 120)
        assert stop(web) < GRACE
        assert not any(Path(f"/proc/{pid}").exists() for pid in before), "nobody is left behind"
    database = Database(settings["POSTAL_DATABASE_URL"], settings["POSTAL_DATA_KEY"])
    with database.read() as session:
        assert len(session.scalars(select(Shipment)).all()) == 20, "each order once, whoever took it"
    database.dispose()


def test_a_job_that_does_not_end_is_left_after_a_while() -> None:
    endless = "import threading; from worker.stopping import leave_after; leave_after(0.2); threading.Event().wait()"
    left = subprocess.run(
        [sys.executable, "-c", endless], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert left.returncode == 0
    assert "left_to_leases" in left.stdout + left.stderr
