"""A whole desk in one test: real database, real operator and one-stop over HTTP, and a clock that the test moves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy.orm import Session

from carriers import registry
from carriers.plugin import Runtime as CarrierRuntime
from carriers.vnpost_ngsp.simulator import Client, NgspOperator, account_options, account_secrets, create_app
from config.accounts import Accounts, ApiClient, CarrierAccount, Desk, MessageGateway, OneStopSystem
from config.clock import VIETNAM
from config.database import Database
from config.settings import Settings
from dispatch import booking, outbox
from dispatch.calls import recorder
from dispatch.context import CarrierPool, Context
from dispatch.dossiers import put_dossier
from dispatch.forms import DossierEventForm, DossierForm, OrderForm
from dispatch.messenger import Messenger
from dispatch.onestop.simulator import OneStopSimulator
from dispatch.orders import place_order
from dispatch.shipment_queries import get_shipment
from dispatch.shipments import Shipment
from tests.support.schema import empty_database
from tests.support.servers import serve
from tracking import apply, polling
from tracking.dossier_events import Applied, take_event
from tracking.office import Office, load_office
from worker import migrate
from worker.runtime import Runtime

CODE = "H14.10-260302-0001"
AGENCY = "H14.10"
CARRIER = "vnpost_ngsp"
ACCOUNT = "vnpost-province"
TOKEN = "a-token-of-the-one-stop"
CUSTOMER = Client("C14000123", "key-of-cao-bang", "secret-of-cao-bang")
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)


def signing_secret(letter: str) -> str:
    """Return a secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(letter.encode() * 32).decode()


@dataclass
class TestClock:
    """Domain time as the test wants it."""

    __test__ = False
    instant: datetime = MONDAY

    def now(self) -> datetime:
        return self.instant

    def at(self, instant: datetime) -> None:
        self.instant = instant

    def forward(self, **how: float) -> None:
        self.instant += timedelta(**how)


def dossier_body(**more: Any) -> dict[str, Any]:
    """Return the body of a dossier of three working days; ``more`` replaces fields."""
    body: dict[str, Any] = {
        "source_system": "igate",
        "procedure": {
            "code": "1.004859",
            "name": "Thay đổi, cải chính, bổ sung thông tin hộ tịch",
            "time_limit": {"amount": 3, "unit": "working_days"},
            "postal_submission": True,
            "postal_return": True,
        },
        "agency": {"code": AGENCY, "name": "Sở Tư pháp"},
        "applicant": {"name": "Bế Đức Hiếu", "phone": "84919393275", "id_number": "004412799013"},
        "papers": [
            {"name": "Tờ khai", "originals": 1, "copies": 0},
            {"name": "Giấy tờ tùy thân", "originals": 0, "copies": 1},
        ],
        "fee_vnd": 25000,
        "filed_at": "2026-03-02T07:45:00+07:00",
    }
    return {**body, **more}


def order_body(service: str = "both", **more: Any) -> dict[str, Any]:
    """Return the body of an order for :data:`CODE`."""
    address = {"text": "Tổ 5, Xã Xuân Trường, tỉnh Cao Bằng", "era": "new2"}
    return {"dossier": CODE, "service": service, "address": address, **more}


@dataclass
class TestDesk:
    """The parts of a desk, and what one does with them."""

    __test__ = False
    context: Context
    office: Office
    operator: NgspOperator
    onestop: OneStopSimulator
    messenger: Messenger
    clock: TestClock

    @property
    def runtime(self) -> Runtime:
        return Runtime(self.context, self.office, self.messenger)

    def register(self, code: str = CODE, **more: Any) -> None:
        """Register a dossier."""
        with self.context.database.write() as session:
            put_dossier(session, code, DossierForm.model_validate(dossier_body(**more)), self.clock.now())

    def order(self, service: str = "both", **more: Any) -> list[str]:
        """Place an order; returns its order numbers."""
        form = OrderForm.model_validate(order_body(service, **more))
        with self.context.database.write() as session:
            _, shipments = place_order(
                session, self.context.accounts, form, result_is_ready=False, now=self.clock.now()
            )
            return [shipment.order_number for shipment in shipments]

    def tell(self, kind: str, event_id: str, at: datetime | None = None, code: str = CODE, **more: Any) -> Applied:
        """Report an event of a dossier as the one-stop does."""
        body = {"event_id": event_id, "type": kind, "at": at or self.clock.now(), "officer": "Hà Thị Mai", **more}
        with self.context.database.write() as session:
            form = DossierEventForm.model_validate(body)
            return take_event(session, self.context, self.office, code, form, "one-stop")

    def report(self, order_number: str, code: int, at: datetime | None = None, **more: Any) -> int:
        """Let the operator report an event of an item in its feed."""
        return self.operator.push_event(order_number, code, at or self.clock.now(), **more)

    def work(self) -> None:
        """Do all work that is due now."""
        for _ in range(5):
            booking.drain(self.context)
            polling.drain(self.context)
            apply.drain(self.context, self.office)
            outbox.drain(self.context, self.messenger.send)

    def poll(self) -> None:
        """Let half an hour pass and do the work that is due by then, reading the feed among it."""
        self.clock.forward(minutes=30)
        self.work()

    def shipment(self, order_number: str) -> Shipment:
        """Return a shipment as it is stored now."""
        with self.read() as session:
            return get_shipment(session, order_number)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read from the database."""
        with self.context.database.read() as session:
            yield session


@contextmanager
def opened_desk(folder: Path, database_url: str | None = None, **settings: Any) -> Iterator[TestDesk]:
    """Open a desk in ``folder``, on SQLite unless another database's URL is given."""
    clock = TestClock()
    operator = NgspOperator(now=clock.now, clients=[CUSTOMER])
    onestop = OneStopSimulator(folder / "onestop.db", signing_secret("c"), signing_secret("g"), now=clock.now)
    database = Database(database_url or empty_database(folder / "postal.db"), Fernet.generate_key().decode())
    if database_url:
        migrate.upgrade(database)
    with serve(create_app(operator)) as operator_url, serve(onestop.app) as onestop_url:
        context = _context(folder, database, clock, operator_url, onestop_url, settings)
        desk = TestDesk(
            context=context,
            office=load_office(context.settings, database),
            operator=operator,
            onestop=onestop,
            messenger=Messenger(context.accounts, context.settings),
            clock=clock,
        )
        desk.runtime.prepare()
        yield desk
        desk.messenger.close()
        desk.context.carriers.close()
    operator.close()
    onestop.deliveries.close()
    database.dispose()


def _context(
    folder: Path, database: Database, clock: TestClock, operator_url: str, onestop_url: str, settings: dict[str, Any]
) -> Context:
    options = {**account_options(operator_url), "cancel_outcomes": {"204": "not_found"}}
    accounts = Accounts(
        carrier_accounts=(
            CarrierAccount(
                id=ACCOUNT,
                carrier=CARRIER,
                customer_code=CUSTOMER.customer_code,
                desk=Desk(phone="02063852136", address="Trung tâm Phục vụ hành chính công", province_code="04"),
                options=options,
                secrets={name: SecretStr(value) for name, value in account_secrets(CUSTOMER).items()},
            ),
        ),
        onestops=(
            OneStopSystem(
                id="igate",
                source_systems=("igate", "dvcqg"),
                callback_url=f"{onestop_url}/callbacks",
                signing_secret=SecretStr(signing_secret("c")),
            ),
        ),
        api_clients=(ApiClient(name="one-stop", token=SecretStr(TOKEN)),),
        message_gateway=MessageGateway(
            url=f"{onestop_url}/gateway/messages", signing_secret=SecretStr(signing_secret("g"))
        ),
    )
    chosen = Settings(home=folder, call_timeout=2.0, lease_seconds=5.0, poll_minutes=10.0, **settings)
    carrier_runtime = CarrierRuntime(record=recorder(database), timeout=chosen.call_timeout, patient=False)
    pool = CarrierPool(accounts, lambda account: registry.build(account, carrier_runtime))
    return Context(database, clock, chosen, accounts, pool)
