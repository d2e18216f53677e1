"""A province: our system in four processes, on PostgreSQL and a RabbitMQ of its own, amid all four connections."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import func, select

from config.accounts import OneStopSystem
from config.clock import DrivenClock
from config.database import Database
from dispatch.onestop.bus.settings import BusSettings, load_settings
from dispatch.onestop.dvcqg import mapping
from dispatch.onestop.dvcqg.simulator import PASSWORD, USERNAME, PortalBooks, options_at
from dispatch.onestop.dvcqg.simulator import create_app as portal_app
from dispatch.onestop.igate.simulator import create_app as igate_app
from dispatch.outbox import OutboxMessage, OutboxState
from tests.integration.connections.plans import Case, Source
from tests.integration.connections.systems import BusSide, CaseSystem, IgateSide, RestSide
from tests.support.igate import OPTIONS
from tests.support.own_brokers import OwnRabbit
from tests.support.own_servers import own_folder
from tests.support.rooms import own_database
from tests.support.servers import serve
from tests.support.services import Server
from tests.support.town import Town, is_alive, opened_town, postal
from tracking.inbox import InboxDelivery
from tracking.onestop_positions import OnestopPosition
from worker import migrate
from worker.lanes import Lane

PORTAL = "dvcqg-portal"
_PATIENCE = 120.0
_GLANCE = 0.2
_LANES = [word for lane in Lane if lane is not Lane.NOTICES for word in ("--lane", lane.value)]
_PROCESSES = (("web",), ("worker", "--lane", Lane.NOTICES.value), ("worker", *_LANES), ("beat",))
"""As a province runs it: what is told has a worker of its own."""

_SETTINGS = {
    "POSTAL_SWEEP_SECONDS": "0.5",
    "POSTAL_CALL_TIMEOUT": "8",
    "POSTAL_LEASE_SECONDS": "20",
    "POSTAL_LOG_LEVEL": "WARNING",
    "POSTAL_QUEUE_PREFIX": "province",
}


@dataclass
class Portal:
    """The national portal, which keeps a copy of every dossier."""

    books: PortalBooks
    url: str

    def be_down(self, *, down: bool) -> None:
        """Answer nothing but HTTP 503, or answer again."""
        faults = [{"kind": "down", "times": None}] if down else []
        httpx.post(f"{self.url}/_control/faults", json=faults).raise_for_status()

    def due(self, code: str) -> datetime | None:
        """Return the due date in the portal's copy."""
        held = self.books.dossier(code)
        return mapping.read_time(str(held.get("NgayHenTra") or "")) if held else None


@dataclass
class Province:
    """Everybody, and the clock by which they live. What is read of our database is only looked at, never changed."""

    town: Town
    caller: httpx.Client
    database: Database
    broker: OwnRabbit
    portal: Portal
    igate: IgateSide
    bus: BusSide
    rest: RestSide
    clock: DrivenClock

    @property
    def bus_settings(self) -> BusSettings:
        """Where the bus is."""
        url = {"url": SecretStr(self.broker.url)}
        return load_settings(OneStopSystem(id="hotich", connector="bus", source_systems=("hotich",), secrets=url))

    def system(self, source: Source) -> CaseSystem:
        """Return the system in which dossiers of a source are filed."""
        by_source: dict[Source, CaseSystem] = {
            Source.IGATE: self.igate,
            Source.BUS: self.bus,
            Source.REST: self.rest,
        }
        return by_source[source]

    def go_on_to(self, instant: datetime) -> None:
        """Let time pass and the system do what is due by then; iGate's clerk types in what she is asked to."""
        self.clock.advance_to(instant)
        self.settle()
        self.igate.type_in(self.troubles())

    def go_on(self, **how: float) -> None:
        """Let some time pass, as :meth:`go_on_to`."""
        self.go_on_to(self.clock.now() + timedelta(**how))

    def settle(self) -> None:
        """Wait until nothing is left to be done at this instant."""
        give_up_at = time.monotonic() + _PATIENCE
        while not self._is_settled():
            assert time.monotonic() < give_up_at, f"there is no end of work: {self._backlog()}"
            time.sleep(_GLANCE)  # every look costs the system a little of the time that it needs to get on

    def restart_the_broker(self, meanwhile: Callable[[], None]) -> None:
        """Stop RabbitMQ in the middle of what happens, and start it again; what it had taken is on its disk."""
        with ThreadPoolExecutor(1) as beside:
            acting = beside.submit(meanwhile)
            time.sleep(_GLANCE)
            self.broker.stop()
            self.broker.start()
            self.broker.wait_until_it_answers()
            acting.result(_PATIENCE)

    def troubles(self) -> list[str]:
        """Return what is wrong with messages that are not delivered yet, as our staff see it."""
        query = select(OutboxMessage.trouble).where(
            OutboxMessage.state != OutboxState.SENT, OutboxMessage.trouble.is_not(None)
        )
        with self.database.read() as session:
            return [str(one) for one in session.scalars(query)]

    def owed(self) -> int:
        """Return how many messages we still owe anybody."""
        with self.database.read() as session:
            return session.scalar(select(func.count()).where(OutboxMessage.state != OutboxState.SENT)) or 0

    def our_due(self, case: Case) -> datetime | None:
        """Return our due date, as we tell whoever asks."""
        answer = self.caller.get(f"/v1/dossiers/{case.code}/deadline").raise_for_status().json()
        return datetime.fromisoformat(answer["due"]) if answer["due"] else None

    def _is_settled(self) -> bool:
        return self._igate_is_read() and self._bus_is_heard() and self._has_nothing_to_do()

    def _has_nothing_to_do(self) -> bool:
        try:
            seen = self.caller.get("/readyz").json()
        except httpx.TransportError:
            return False
        return is_alive(seen) and not any(seen["backlog"].values())

    def _igate_is_read(self) -> bool:
        with self.database.read() as session:
            row = session.scalars(select(OnestopPosition)).one_or_none()
            return row is not None and row.next_look_at > self.clock.now() and row.lease_until is None

    def _bus_is_heard(self) -> bool:
        with self.database.read() as session:
            kept = session.scalar(select(func.count(InboxDelivery.id)).where(InboxDelivery.kind == "statement"))
        return kept == len(self.bus.said)

    def _backlog(self) -> str:
        try:
            ready = httpx.get(f"{self.town.plot.system_url}/readyz", timeout=2).text
        except httpx.TransportError as error:
            ready = repr(error)
        return f"{self.clock.now()} igate {self._igate_is_read()} bus {self._bus_is_heard()} {ready[:2000]}"


@contextmanager
def opened_province(home: Path, postgres_url: str) -> Iterator[Province]:
    """Start everything; all of it ends with the block."""
    with ExitStack() as closing:
        folder = closing.enter_context(own_folder("province"))
        broker = OwnRabbit(folder)
        closing.callback(broker.stop_for_good)
        broker.start()
        database_url = closing.enter_context(own_database(Server(postgres_url, named=False)))
        key = Fernet.generate_key().decode()
        database = Database(database_url, key)
        closing.callback(database.dispose)
        migrate.upgrade(database)
        town = closing.enter_context(opened_town(home, source_systems=(Source.REST.value,)))
        assert town.clock is not None
        igate, bus = IgateSide(town.clock), BusSide(broker.url, town.clock)
        igate_url = closing.enter_context(serve(igate_app(igate.office)))
        books = PortalBooks(home / "portal.db")
        closing.callback(books.close)
        portal = Portal(books, closing.enter_context(serve(portal_app(books))))
        _configure(home / "postal.toml", igate_url, broker.url, portal.url)
        shared = {
            **_SETTINGS,
            "POSTAL_DATABASE_URL": database_url,
            "POSTAL_DATA_KEY": key,
            "POSTAL_BROKER_URL": broker.url,
        }
        for words in _PROCESSES:
            closing.enter_context(postal(town, *words, **shared))
        broker.wait_until_it_answers()
        bus.bind()
        closing.callback(bus.close)
        caller = closing.enter_context(town.caller())
        rest = RestSide(caller, town.onestop)
        province = Province(town, caller, database, broker, portal, igate, bus, rest, town.clock)
        province.settle()
        yield province


def _configure(file: Path, igate_url: str, broker_url: str, portal_url: str) -> None:
    """Add the other connections to the configuration, which has the one over REST already."""
    tables = (
        {
            "id": "igate",
            "connector": "igate",
            "source_systems": [Source.IGATE.value],
            "options": {**OPTIONS, "api": igate_url, "sso": igate_url, "page_size": 50},
            "secrets": {"client_id": "desk", "client_secret": "secret-of-the-desk"},
        },
        {
            "id": "hotich",
            "connector": "bus",
            "source_systems": [Source.BUS.value],
            "secrets": {"url": broker_url},
        },
        {
            "id": PORTAL,
            "connector": "dvcqg",
            "copies": [source.value for source in Source],
            "options": options_at(portal_url, "session"),
            "secrets": {"username": USERNAME, "password": PASSWORD},
        },
    )
    with file.open("a", encoding="utf-8") as handle:
        for table in tables:
            handle.write("\n[[onestops]]\n")
            handle.writelines(f"{name} = {_toml(value)}\n" for name, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
