"""A J&T account and its simulated operator over real HTTP, and deliveries as they come in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from carriers.call_log import CallRecord
from carriers.jt import PLUGIN
from carriers.jt.client import JtCarrier
from carriers.jt.orders import Identity, Wire
from carriers.jt.settings import load_settings
from carriers.jt.simulator import Customer, JtOperator, account_options, account_secrets, create_app
from carriers.plugin import Runtime
from carriers.webhooks import WebhookRequest
from config.accounts import CarrierAccount
from tests.support import ngsp
from tests.support.operators import DESK
from tests.support.servers import serve

CUSTOMER = Customer("J0086004", "api-04", "private-key-of-cao-bang", "password-key-of-cao-bang", "suffix-of-cao-bang")
BASE = "https://jt.example"
SAMPLES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("data").joinpath("deliveries.json").read_text(encoding="utf-8")
)


def account(options: dict[str, Any] | None = None, **secrets: str) -> CarrierAccount:
    """Return an account; ``secrets`` over its right ones."""
    shown = {**account_secrets(CUSTOMER), **secrets}
    return CarrierAccount(
        id="jt-caobang",
        carrier="jt",
        customer_code=CUSTOMER.code,
        desk=DESK,
        options=account_options(BASE, CUSTOMER) if options is None else options,
        secrets={name: SecretStr(value) for name, value in shown.items()},
    )


def wire(**options: Any) -> Wire:
    """Return what builds the calls of an account with ``options`` over the usual ones."""
    settings = load_settings(account({**account_options(BASE, CUSTOMER), **options}))
    return Wire(settings, Identity(CUSTOMER.code, CUSTOMER.password, CUSTOMER.private_key))


def signed(content: bytes, key: str = CUSTOMER.private_key) -> str:
    """Return the digest of ``content``, worked out without our own code."""
    return base64.b64encode(md5(content + key.encode()).digest()).decode("ascii")


def delivered(content: Any, *, sent_at: datetime | str = ngsp.NOW, digest: str | None = None) -> WebhookRequest:
    """Return a delivery as it arrives at :data:`ngsp.NOW`; ``content`` as bytes or as JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    stamp = sent_at if isinstance(sent_at, str) else str(int(sent_at.timestamp() * 1000))
    headers = {"timestamp": stamp, "digest": signed(raw) if digest is None else digest}
    return WebhookRequest(headers, urlencode({"bizContent": raw}).encode(), "", "192.0.2.7", ngsp.NOW)


@dataclass
class Connection:
    """An open account, the operator at the other end, and the call log between them."""

    carrier: JtCarrier
    operator: JtOperator
    base_url: str
    records: list[CallRecord] = field(default_factory=list)


@contextmanager
def connection(
    *, options: dict[str, Any] | None = None, secrets: dict[str, str] | None = None, timeout: float = 5.0, **how: Any
) -> Iterator[Connection]:
    """Open an account at an operator that is made with ``how``."""
    operator = JtOperator(now=lambda: ngsp.NOW, customer=CUSTOMER, **how)
    with serve(create_app(operator)) as base_url:
        records: list[CallRecord] = []
        opened = account({**account_options(base_url, CUSTOMER), **(options or {})}, **(secrets or {}))
        carrier = PLUGIN.open(opened, Runtime(records.append, timeout, patient=False))
        assert isinstance(carrier, JtCarrier)
        yield Connection(carrier, operator, base_url, records)
        carrier.close()
    operator.close()


def later(hours: float) -> datetime:
    """Return a moment after :data:`ngsp.NOW`."""
    return ngsp.NOW + timedelta(hours=hours)
