"""A MyVNPost account and its simulated operator over real HTTP, as these tests use them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import SecretStr

from carriers import registry
from carriers.call_log import CallRecord
from carriers.contract import OrderRef
from carriers.myvnpost.client import MyVnPostCarrier
from carriers.myvnpost.simulator import CUSTOMER, MyVnPostOperator, access, create_app
from carriers.myvnpost.simulator.keys import key_pair
from carriers.plugin import Runtime
from carriers.webhooks import WebhookRequest
from config.accounts import CarrierAccount, Desk
from tests.support import ngsp
from tests.support.servers import serve

BASE = "https://my.example"


def account(base_url: str = BASE, *, secrets: dict[str, str] | None = None, **options: Any) -> CarrierAccount:
    """Return an account with ``options`` over the usual ones; ``secrets`` replace all of them."""
    usual = access(base_url)
    given = usual.secrets if secrets is None else secrets
    return CarrierAccount(
        id="myvnpost-caobang",
        carrier="myvnpost",
        customer_code=CUSTOMER.code,
        desk=Desk(phone=ngsp.AGENCY.phone, address=ngsp.AGENCY.address, province_code="04"),
        options={**usual.options, **options},
        secrets={name: SecretStr(value) for name, value in given.items()},
    )


@dataclass
class Connection:
    """An open account, the operator at the other end, and the call log between them."""

    carrier: MyVnPostCarrier
    operator: MyVnPostOperator
    base_url: str
    records: list[CallRecord] = field(default_factory=list)

    def booked(self, number: str, **more: Any) -> OrderRef:
        """Book an order and return it by all its names."""
        booking = self.carrier.book(ngsp.order(number, **more))
        return OrderRef(number, booking.waybill, booking.operator_id)

    def operations(self) -> list[str]:
        """Return the names of all calls so far."""
        return [record.operation for record in self.records]


@contextmanager
def connection(operator: MyVnPostOperator, *, timeout: float = 5.0, **options: Any) -> Iterator[Connection]:
    """Serve ``operator`` and open an account there, with ``options`` over the usual ones."""
    with serve(create_app(operator)) as base_url, opened(base_url, timeout=timeout, **options) as (carrier, records):
        yield Connection(carrier, operator, base_url, records)
    operator.close()


@contextmanager
def opened(
    base_url: str = BASE,
    *,
    timeout: float = 5.0,
    monotonic: Callable[[], float] = time.monotonic,
    secrets: dict[str, str] | None = None,
    **options: Any,
) -> Iterator[tuple[MyVnPostCarrier, list[CallRecord]]]:
    """Open an account, as for :func:`account`; the list fills with the records of its calls."""
    records: list[CallRecord] = []
    runtime = Runtime(records.append, timeout, patient=False, monotonic=monotonic)
    carrier = registry.build(account(base_url, secrets=secrets, **options), runtime)
    assert isinstance(carrier, MyVnPostCarrier)
    try:
        yield carrier, records
    finally:
        carrier.close()


def new_operator(**more: Any) -> MyVnPostOperator:
    """Return an operator with one customer and its clock standing at :data:`tests.support.ngsp.NOW`."""
    return MyVnPostOperator(**{"now": lambda: ngsp.NOW, "customer": CUSTOMER, **more})


def order(**changes: Any) -> dict[str, Any]:
    """Return an order of a webhook: delivered at 08:30 on the day of :data:`tests.support.ngsp.NOW`."""
    usual = {
        "itemCode": "EM295293415VN",
        "saleOrderCode": "H14.10-260302-0001-R1",
        "status": 14,
        "senderCode": CUSTOMER.code,
        "totalFee": 28000,
        "updatedDate": "02/03/2026 08:28:00",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not ...}


def signed(data: list[Any], send_date: str = "02/03/2026 08:30:00") -> dict[str, Any]:
    """Return a delivery with VNPost's signature over what it covers."""
    return {"data": data, "sendDate": send_date, "signature": encoded(_sign(covered(data, send_date)))}


def encrypted(data: list[Any], send_date: str = "02/03/2026 08:30:00") -> dict[str, Any]:
    """Return a delivery that anybody with the public key could have written."""
    proof = key_pair().public_key().encrypt(covered(data, send_date), PKCS1v15())
    return {"data": data, "sendDate": send_date, "signature": encoded(proof)}


def covered(data: list[Any], send_date: str) -> bytes:
    """Return the text that a proof is about."""
    return f"MYVNP{send_date}{data[0]['itemCode']}{data[0]['status']}".encode()


def encoded(proof: bytes) -> str:
    return base64.b64encode(proof).decode()


def request(body: Any, at: datetime = ngsp.NOW) -> WebhookRequest:
    """Return a delivery as it arrives."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest({"content-type": "application/json"}, content, "", "203.0.113.9", at)


def _sign(text: bytes) -> bytes:
    return key_pair().sign(text, PKCS1v15(), SHA256())
