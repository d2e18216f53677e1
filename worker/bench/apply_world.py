"""The world of the apply bench: dossiers, shipments that the operator holds, and deliveries that wait in the inbox.

Each way of applying gets dossiers of its own with the same stories, so that what they make of them can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from carriers import registry
from carriers.plugin import Runtime as CarrierRuntime
from carriers.vnpost_ngsp.simulator import Client, account_options, account_secrets
from config import partitions
from config.accounts import Accounts, CarrierAccount, Desk, OneStopSystem
from config.clock import open_clock
from config.database import Database
from config.settings import Settings
from dispatch.context import CarrierPool, Context
from dispatch.dossiers import Dossier, DossierPaper, PaperKind
from dispatch.forms import Service
from dispatch.orders import PostalOrder
from dispatch.shipments import Leg, order_number
from tracking.calendar_versions import keep_version
from tracking.clock_facts import recompute, record_fact
from tracking.deadlines.facts import ClockFact, FactKind
from tracking.deadlines.rules import RuleId
from tracking.events import EVENTS
from tracking.inbox import DELIVERIES, InboxDelivery
from tracking.office import Office, load_office
from worker import migrate
from worker.bench import apply_rows as rows
from worker.bench.figures import Setting, own_database

_CUSTOMER = Client(rows.CUSTOMER_CODE, "key", "secret")
_SECRET = SecretStr("whsec_" + "Y2Nj" * 8)
_COLLECTED, _AT_THE_DOOR, _DELIVERED, _FAILED, _LOST = 2, 3, 4, 5, 11
_INWARD = (_COLLECTED, _AT_THE_DOOR, _DELIVERED)
_HOME = (_COLLECTED, _FAILED, _AT_THE_DOOR, _DELIVERED)
_LOST_AND_FOUND = (_COLLECTED, _LOST, _AT_THE_DOOR, _DELIVERED)
"""While the agency's time runs: the due date goes and comes back."""
STORIES = (_INWARD, _HOME, _INWARD, _HOME, _HOME, _INWARD, _HOME, _INWARD, _HOME, _LOST_AND_FOUND)
"""The operator's codes for each of ten shipments: four to the desk, five to the citizen, one lost for a while."""


@dataclass(frozen=True)
class World:
    """An empty system with one operator and one one-stop."""

    context: Context
    office: Office
    began: datetime

    def add(self, name: str, shipments: int) -> int:
        """Make ``shipments`` under way and what the operator tells of them, as it happened; returns how many events."""
        now, began = datetime.now(UTC), self.began
        with self.context.database.write() as session:
            numbers = [self._add(session, f"{name}-{place:05}", place, began) for place in range(shipments)]
            told = [
                rows.delivery(number, step, code, began, now)
                for step in range(max(map(len, STORIES)))
                for number, codes in numbers
                for code in codes[step : step + 1]
            ]
            session.execute(insert(InboxDelivery), told)
        return len(told)

    def delivery_ids(self, name: str) -> list[int]:
        """Return the deliveries of a name that wait, as they came in."""
        query = select(InboxDelivery.id).where(InboxDelivery.key.startswith(f"{name}-"))
        with self.context.database.read() as session:
            return list(session.scalars(query.order_by(InboxDelivery.try_at, InboxDelivery.id)))

    def _add(self, session: Session, code: str, place: int, began: datetime) -> tuple[str, tuple[int, ...]]:
        codes = STORIES[place % len(STORIES)]
        leg = Leg.RETURN if codes is _HOME else Leg.SEND
        session.add(rows.dossier(code, place, began))
        session.flush()
        papers = [
            DossierPaper(dossier_code=code, kind=PaperKind.SUBMITTED, name=name, originals=1, copies=0)
            for name in ("Tờ khai", "Giấy tờ tùy thân")
        ]
        if leg is Leg.RETURN:
            papers.append(DossierPaper(dossier_code=code, kind=PaperKind.RESULT, name="Kết quả", originals=1, copies=0))
        session.add(PostalOrder(id=code, dossier_code=code, service=Service.BOTH, fee_by_post=False, placed_at=began))
        session.add_all(papers)
        session.flush()
        session.add(rows.shipment(code, leg, began))
        if codes is _LOST_AND_FOUND:
            self._start_clock(session, code, began)
        return order_number(code, leg, 1), codes

    def _start_clock(self, session: Session, code: str, began: datetime) -> None:
        fact = ClockFact(
            id=f"{code}:event:bench:1",
            kind=FactKind.START,
            at=began,
            rule=RuleId.START_COUNTER,
            evidence="bench",
            recorded_at=began,
            calendar_version=self.office.calendar_version,
        )
        record_fact(session, code, fact)
        dossier = session.get_one(Dossier, code)
        recompute(session, self.office, self.context.accounts, dossier, fact.id, began)


@contextmanager
def opened_world(setting: Setting, folder: Path) -> Iterator[World]:
    """Open a world in a database of its own, and drop it at the end."""
    with own_database(setting.database) as (url, key):
        database = Database(url, key)
        migrate.upgrade(database)
        today = datetime.now(UTC).date()
        if partitions.has_partitions(database):
            for kept in (DELIVERIES, EVENTS):
                partitions.make(database, kept, partitions.months(today - timedelta(days=31), 3))
        accounts = _accounts()
        pool = CarrierPool(
            accounts, lambda account: registry.build(account, CarrierRuntime(lambda _call: None, timeout=1.0))
        )
        settings = Settings(home=folder)
        context = Context(database, open_clock(None), settings, accounts, pool)
        office = load_office(settings, database)
        with database.write() as session:
            keep_version(session, office.working_time.calendar, context.clock.now())
        yield World(context, office, context.clock.now() - timedelta(days=2))
        pool.close()
        database.dispose()


def _accounts() -> Accounts:
    lost = {"code": str(_LOST), "state": "lost", "certainty": "assumed", "source": "bench"}
    statuses = {"name": "bench", "issued": "2026-01-01", "codes": [lost]}
    account = CarrierAccount(
        id=rows.ACCOUNT,
        carrier=rows.CARRIER,
        customer_code=_CUSTOMER.customer_code,
        desk=Desk(phone="02063852136", address="Cao Bằng", province_code="04"),
        options={**account_options("http://127.0.0.1:9"), "confirmed_statuses": statuses},
        secrets={name: SecretStr(value) for name, value in account_secrets(_CUSTOMER).items()},
    )
    onestop = OneStopSystem(
        id="igate", source_systems=("igate",), callback_url="http://127.0.0.1:9/", signing_secret=_SECRET
    )
    return Accounts(carrier_accounts=(account,), onestops=(onestop,))
