"""Any operator's simulator and an account there over real HTTP, as the conformance suite and other tests use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from carriers import registry
from carriers.call_log import CallRecord
from carriers.conformance import Harness
from carriers.connector import Connector
from carriers.contract import Carrier
from carriers.plugin import Runtime
from carriers.simulation import SimulatedOperator, account_at, simulator_of
from config.accounts import CarrierAccount, Desk
from dispatch.context import CarrierPool
from tests.support import ngsp
from tests.support.desk import TestDesk
from tests.support.servers import serve

DESK = Desk(phone=ngsp.AGENCY.phone, address=ngsp.AGENCY.address, province_code=ngsp.AGENCY.province_code)


@dataclass(frozen=True)
class Office:
    """An operator that is being served, and the account of its one customer."""

    operator: SimulatedOperator
    account: CarrierAccount


@contextmanager
def office(carrier: str) -> Iterator[Office]:
    """Serve an operator whose clock stands at :data:`tests.support.ngsp.NOW`."""
    simulator = simulator_of(carrier)
    operator = simulator.make(now=lambda: ngsp.NOW)
    with serve(simulator.app(operator)) as base_url:
        yield Office(
            operator, account_at(carrier, base_url, account_id=f"{carrier.replace('_', '-')}-caobang", desk=DESK)
        )
    operator.close()


@contextmanager
def opened(office: Office, **options: Any) -> Iterator[tuple[Carrier, list[CallRecord]]]:
    """Open the account, with ``options`` over its usual ones; the list fills with the records of its calls."""
    records: list[CallRecord] = []
    account = office.account.model_copy(update={"options": {**office.account.options, **options}})
    carrier = registry.build(account, Runtime(records.append, 5.0, patient=False))
    try:
        yield carrier, records
    finally:
        carrier.close()


@contextmanager
def harness(office: Office) -> Iterator[Harness]:
    """Return what the conformance suite needs of an operator."""
    with opened(office) as (carrier, records):
        assert isinstance(carrier, Connector), "an operator of ours is opened through the base of all connectors"
        secret = office.account.secrets.get("path_secret")
        yield Harness(
            carrier=carrier,
            operator=office.operator,
            records=records,
            request=lambda check: ngsp.order(f"H14.31-260302-0001-{check}"),
            renews_token=carrier.renews_token,
            path_secret=secret.get_secret_value() if secret else "",
        )


@contextmanager
def joined(desk: TestDesk, carrier: str, **options: Any) -> Iterator[SimulatedOperator]:
    """Give a desk one more account, called after ``carrier``, at an operator that shares the desk's clock.

    The new account comes first; ``options`` are added to its usual ones.
    """
    simulator = simulator_of(carrier)
    operator = simulator.make(now=desk.clock.now)
    before = desk.context
    with serve(simulator.app(operator)) as base_url:
        account = account_at(carrier, base_url, account_id=carrier.replace("_", "-"), desk=DESK)
        account = account.model_copy(update={"options": {**account.options, **options}})
        accounts = before.accounts.model_copy(update={"carrier_accounts": (account, *before.accounts.carrier_accounts)})
        runtime = Runtime(lambda _record: None, timeout=2.0, patient=False)
        pool = CarrierPool(accounts, lambda one: registry.build(one, runtime))
        desk.context = replace(before, accounts=accounts, carriers=pool)
        yield operator
        pool.close()
    desk.context = before
    operator.close()
