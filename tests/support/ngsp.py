"""A VNPost account and its simulated operator over real HTTP, as the tests use them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from carriers import registry
from carriers.call_log import CallRecord
from carriers.contract import BookingRequest, Party
from carriers.plugin import Runtime
from carriers.vnpost_ngsp.client import NgspCarrier
from carriers.vnpost_ngsp.dialects import Variant
from carriers.vnpost_ngsp.simulator import Client, NgspOperator, account_options, account_secrets, create_app
from config.accounts import CarrierAccount, Desk
from tests.support.servers import serve

CLIENT = Client("C14000123", "key-of-cao-bang", "secret-of-cao-bang")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CITIZEN = Party("Bế Thu Duyên", "0367828556", "Tổ 6, Xã Lũng Nặm, tỉnh Cao Bằng", "04", email="duyen@example.vn")
AGENCY = Party("Bộ phận Một cửa xã Bảo Lạc", "02063870123", "UBND xã Bảo Lạc, tỉnh Cao Bằng", "04")


def order(order_number: str, **more: Any) -> BookingRequest:
    """Return a valid order of a citizen's papers to the agency."""
    return BookingRequest(order_number, CITIZEN, AGENCY, ("Tờ khai", "Giấy tờ tùy thân"), **more)


def account(options: dict[str, Any], client: Client = CLIENT) -> CarrierAccount:
    """Return an account with every secret a variant may ask for."""
    secrets = {name: SecretStr(value) for name, value in account_secrets(client).items()}
    return CarrierAccount(
        id="vnpost-caobang",
        carrier="vnpost_ngsp",
        customer_code=client.customer_code,
        desk=Desk(phone=AGENCY.phone, address=AGENCY.address, province_code=AGENCY.province_code),
        options=options,
        secrets=secrets,
    )


@dataclass
class Connection:
    """An open account, the operator at the other end, and the call log between them."""

    carrier: NgspCarrier
    operator: NgspOperator
    base_url: str
    records: list[CallRecord] = field(default_factory=list)


@contextmanager
def connection(operator: NgspOperator, **how: Any) -> Iterator[Connection]:
    """Serve ``operator`` for one account; ``how`` as for :func:`opened`."""
    with serve(create_app(operator)) as base_url, opened(operator, base_url, **how) as open_account:
        yield open_account
    operator.close()


@contextmanager
def opened(
    operator: NgspOperator,
    base_url: str,
    *,
    timeout: float = 5.0,
    options: dict[str, Any] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Connection]:
    """Open an account at ``operator``, which is served at ``base_url``."""
    records: list[CallRecord] = []
    runtime = Runtime(records.append, timeout, patient=False, monotonic=monotonic)
    settings = {**account_options(base_url, operator.variant), **(options or {})}
    carrier = registry.build(account(settings), runtime)
    assert isinstance(carrier, NgspCarrier)
    try:
        yield Connection(carrier, operator, base_url, records)
    finally:
        carrier.close()


def new_operator(variant: Variant = Variant.NGSP_DIRECT, **more: Any) -> NgspOperator:
    """Return an operator with one customer and its clock standing at :data:`NOW`."""
    return NgspOperator(now=lambda: NOW, clients=[CLIENT], variant=variant, **more)


def nameless() -> Party:
    """Return a citizen whose name got lost, which VNPost refuses."""
    return replace(CITIZEN, name="")


def quiet_runtime() -> Runtime:
    """Return a runtime that keeps no call log and does not wait."""
    return Runtime(lambda record: None, timeout=5.0, patient=False)
