"""An EMS account and its simulated operator over real HTTP, as these tests use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from carriers import registry
from carriers.call_log import CallRecord
from carriers.ems.client import EmsCarrier
from carriers.ems.simulator import EmsOperator, Merchant, create_app
from carriers.plugin import Runtime
from carriers.webhooks import WebhookRequest
from config.accounts import CarrierAccount
from tests.support import ngsp
from tests.support.operators import DESK
from tests.support.servers import serve

MERCHANT = Merchant("EMS0004", "merchant-token-of-cao-bang")
PATH_SECRET = "path-secret-of-cao-bang"
OPTIONS: dict[str, Any] = {"base_url": "https://ems.example/api/v1", "service": 1, "provinces": "gso"}
SENDER = "203.0.113.20"


def account(*, secrets: dict[str, str] | None = None, **options: Any) -> CarrierAccount:
    """Return an account with ``options`` over the usual ones; ``secrets`` replace all of them."""
    given = {"merchant_token": MERCHANT.token, "path_secret": PATH_SECRET} if secrets is None else secrets
    return CarrierAccount(
        id="ems-caobang",
        carrier="ems",
        customer_code=MERCHANT.customer_code,
        desk=DESK,
        options={**OPTIONS, **options},
        secrets={name: SecretStr(value) for name, value in given.items()},
    )


@dataclass
class Connection:
    """An open account, the operator at the other end, and the call log between them."""

    carrier: EmsCarrier
    operator: EmsOperator
    base_url: str
    records: list[CallRecord] = field(default_factory=list)


@contextmanager
def connection(operator: EmsOperator, *, timeout: float = 5.0, **options: Any) -> Iterator[Connection]:
    """Serve ``operator`` and open an account there, with ``options`` over the usual ones."""
    with (
        serve(create_app(operator)) as base_url,
        opened(base_url=f"{base_url}/api/v1", timeout=timeout, **options) as both,
    ):
        carrier, records = both
        yield Connection(carrier, operator, base_url, records)
    operator.close()


@contextmanager
def opened(
    *, timeout: float = 5.0, secrets: dict[str, str] | None = None, **options: Any
) -> Iterator[tuple[EmsCarrier, list[CallRecord]]]:
    """Open an account, as for :func:`account`; the list fills with the records of its calls."""
    records: list[CallRecord] = []
    carrier = registry.build(account(secrets=secrets, **options), Runtime(records.append, timeout, patient=False))
    assert isinstance(carrier, EmsCarrier)
    try:
        yield carrier, records
    finally:
        carrier.close()


def new_operator(**more: Any) -> EmsOperator:
    """Return an operator with one merchant and its clock standing at :data:`tests.support.ngsp.NOW`."""
    return EmsOperator(now=lambda: ngsp.NOW, merchant=MERCHANT, **more)


def delivery(body: bytes = b"{}", **changes: Any) -> WebhookRequest:
    """Return a webhook as it arrives, with the right secret unless ``changes`` say otherwise."""
    usual: dict[str, Any] = {
        "headers": {"content-type": "application/json", "ems-transaction": "8090e616a2819925"},
        "body": body,
        "path_secret": PATH_SECRET,
        "sender": SENDER,
        "received_at": ngsp.NOW,
    }
    return WebhookRequest(**{**usual, **changes})
