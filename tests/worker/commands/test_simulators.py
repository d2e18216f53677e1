"""``postal simulator``: an operator in a process of its own, for whoever tries a connector."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typer.testing import CliRunner

from carriers import registry
from carriers.capabilities import CanTrackItems
from carriers.contract import Carrier, OrderRef, TrackingEvent
from carriers.plugin import Runtime
from carriers.simulation import account_at, simulator_of
from carriers.states import ShipmentState
from config.accounts import CarrierAccount
from config.citizen_channels import SmsChannel
from dispatch.channels.sms import HttpSms, Sms
from dispatch.outbox_rows import OutboxMessage
from tests.support import ngsp
from tests.support.operators import DESK, Office, opened
from tests.support.servers import serve
from tests.support.town import ROOT, wait_for
from worker.cli import app
from worker.commands.simulators import Postmen
from worker.training.servers import free_port

ORDER = "H14.10-260302-0001-S1"


@dataclass
class Process:
    """A simulator that runs, and where."""

    popen: subprocess.Popen[str]
    url: str
    printed: Any = None

    def answers(self) -> bool:
        assert self.popen.poll() is None, self.popen.communicate()
        try:
            return self.control("orders").status_code == 200
        except httpx.TransportError:
            return False

    def control(self, what: str, body: Any = None) -> httpx.Response:
        address = f"{self.url}/_control/{what}"
        return httpx.get(address) if body is None else httpx.post(address, json=body)

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal; returns how the process ended and what it complained of."""
        self.popen.send_signal(how)
        _, complaints = self.popen.communicate(timeout=10)
        return self.popen.returncode, complaints

    def account(self, carrier: str) -> CarrierAccount:
        """Return the account that it said one has there."""
        secrets = {name: SecretStr(value) for name, value in self.printed["secrets"].items()}
        return CarrierAccount(
            id="try", carrier=carrier, desk=DESK, secrets=secrets,
            customer_code=self.printed["customer_code"], options=self.printed["options"],
        )  # fmt: skip


@contextmanager
def started(*words: str) -> Iterator[Process]:
    """Start a simulator on a free port; whatever happens, it is gone at the end."""
    port = free_port()
    command = [sys.executable, "-m", "worker.cli", "simulator", *words, "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as popen:
        try:
            yield Process(popen, f"http://127.0.0.1:{port}")
        finally:
            popen.kill()


def read_account(process: Process) -> None:
    """Read what it says of itself: a line, how to configure it as JSON, a line."""
    assert process.popen.stdout is not None
    first = process.popen.stdout.readline()
    assert process.url in first
    lines: list[str] = []
    while not lines or lines[-1] not in ("}\n", "]\n"):
        lines.append(process.popen.stdout.readline())
    process.printed = json.loads("".join(lines))


@dataclass
class World:
    """Two operators side by side: EMS, whose postmen hurry, and Viettel Post, at which only the director acts."""

    ems: Process
    viettel: Process
    books: Path
    told: list[dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Both are started at once: a process takes seconds to load what it needs."""
    books = tmp_path_factory.mktemp("ems") / "books.db"
    told: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        told.append(json.loads(await request.body()))
        return Response()

    with ExitStack() as running:
        ours = running.enter_context(serve(Starlette(routes=[Route("/hook", take, methods=["POST"])])))
        hurry, quiet = ("--speed", "1000000"), ("--no-journeys", "--webhook", f"{ours}/hook")
        ems = running.enter_context(started("ems", "--database", str(books), *hurry))
        viettel = running.enter_context(started("viettelpost", *quiet))
        for process in (ems, viettel):
            read_account(process)
            wait_for("the simulator answers", process.answers)
        yield World(ems, viettel, books, told)


def test_it_shows_its_books_and_takes_directions(world: World) -> None:
    assert world.viettel.control("orders").json() == []
    rule = {"fault": "error_before", "order": ORDER}
    assert world.viettel.control("faults", [rule]).json()[0]["fault"] == "error_before"
    assert world.viettel.control("faults", [{"fault": "gremlins"}]).status_code == 422
    assert world.viettel.control("faults", []).json() == []


def test_what_happens_there_is_told_to_the_address_that_was_given(world: World) -> None:
    event = {"order_number": ORDER, "code": "105", "event_time": datetime(2026, 3, 2, 3, 0, tzinfo=UTC).isoformat()}
    assert world.viettel.control("events", event).status_code == 200
    wait_for("the webhook comes", lambda: bool(world.told))
    assert world.told[0]["DATA"]["ORDER_REFERENCE"] == ORDER
    assert world.told[0]["TOKEN"] in world.viettel.printed["secrets"].values()


@pytest.fixture(scope="module")
def carrier(world: World) -> Iterator[Carrier]:
    """Our connector with the account that EMS showed, and one order that is booked there."""
    carrier = registry.build(world.ems.account("ems"), Runtime(lambda record: None, 5.0, patient=False))
    assert carrier.book(ngsp.order(ORDER)).waybill
    yield carrier
    carrier.close()


def test_its_postmen_carry_an_order_to_the_end_of_its_journey(world: World, carrier: Carrier) -> None:
    ends = {ShipmentState.DELIVERED, ShipmentState.RETURNED}
    (order,) = world.ems.control("orders").json()
    ref = OrderRef(order["order_number"], *order["item_codes"])
    wait_for("the journey ends", lambda: bool(ends & seen(carrier, ref)))
    assert {ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY} <= seen(carrier, ref)


def seen(carrier: Carrier, order: OrderRef) -> set[ShipmentState | None]:
    """Return the states that the operator's tracking has shown."""
    assert isinstance(carrier, CanTrackItems)
    events = [event for item in carrier.track([order]) for event in carrier.normalise(item.raw)]
    return {event.state for event in events if isinstance(event, TrackingEvent)}


def test_ctrl_c_ends_it_without_a_complaint(world: World) -> None:
    assert world.viettel.stop(signal.SIGINT) == (0, "")


@pytest.mark.usefixtures("carrier")
def test_a_request_to_end_ends_it_and_its_books_are_kept(world: World) -> None:
    began = time.monotonic()
    code, complaints = world.ems.stop(signal.SIGTERM)
    assert (code in (0, -signal.SIGTERM), complaints) == (True, "")
    assert time.monotonic() - began < 5
    operator = simulator_of("ems").make(now=lambda: datetime.now(UTC), database=world.books)
    assert [(order["order_number"], order["live"]) for order in operator.orders()] == [(ORDER, 1)]
    operator.close()


def test_an_operator_that_is_not_there_is_answered_with_those_that_are() -> None:
    result = CliRunner().invoke(app, ["simulator", "pigeon_post"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert [name for name in registry.names() if name not in result.stderr] == []


def refused(*words: str) -> str:
    result = CliRunner().invoke(app, ["simulator", "ems", *words])
    assert result.exit_code == 2, repr(result.exception)
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def test_a_taken_port_is_named_before_anything_is_announced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = refused("--port", port)
    assert f"port {port}" in said
    assert "--port" in said
    assert "An account there" not in said


def test_a_port_that_there_is_not_is_refused() -> None:
    assert "65535" in refused("--port", "99999")


def test_books_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    books = tmp_path / "nowhere" / "books.db"
    assert "books.db cannot be opened" in refused("--port", str(free_port()), "--database", str(books)).replace(
        " ", " "
    )


def test_what_stands_in_the_books_is_not_reported_again_after_a_restart(tmp_path: Path) -> None:
    """A journey goes on where it was: the integrator is told of each event once."""
    kept = partial(simulator_of("ems").make, database=tmp_path / "books.db")
    with closing(kept(now=lambda: ngsp.NOW)) as operator, serve(simulator_of("ems").app(operator)) as url:
        office = Office(operator, account_at("ems", url, account_id="ems", desk=DESK))
        with opened(office) as (carrier, _):
            carrier.book(ngsp.order(ORDER))
    told = []
    for days in (2, 2, 30):
        later = ngsp.NOW + timedelta(days=days)
        with closing(kept(now=partial(_the, later))) as operator:
            Postmen(operator, 1).go_round()
            told.append(operator.books.count_events(operator.default_customer))
    assert 1 < told[0] == told[1] < told[2]


def _the(time: datetime) -> datetime:
    return time


def test_an_sms_gateway_can_be_tried_too() -> None:
    """Configured as it prints, it takes a citizen's message once, and fails when it is told to."""
    with started("sms") as process:
        read_account(process)
        channel = SmsChannel.model_validate(process.printed)
        gateway = HttpSms(channel, timeout=10)
        wait_for("the gateway answers", lambda: _shows_texts(process))
        assert process.control("answers", [503]).json() == [503]
        sms = Sms.of("+84912345678", "Ho so H14.10-260302-0001: han tra ket qua 17:00 05/03/2026.")
        message = OutboxMessage(id="m-1", payload=sms.to_json())
        assert [gateway.deliver(message).delivered for _ in range(3)] == [False, True, True]
        assert [text["to"] for text in process.control("texts").json()] == [sms.to]
        gateway.close()


def _shows_texts(process: Process) -> bool:
    try:
        return process.control("texts").status_code == 200
    except httpx.TransportError:
        return False
