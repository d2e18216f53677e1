"""A Viettel Post account and its simulated operator over real HTTP, and deliveries as they come in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from carriers.call_log import CallRecord
from carriers.plugin import Runtime
from carriers.viettelpost import PLUGIN
from carriers.viettelpost.client import ViettelPostCarrier
from carriers.viettelpost.simulator import Client, ViettelPostOperator, account_options, account_secrets, create_app
from carriers.webhooks import WebhookRequest
from config.accounts import CarrierAccount, Desk
from tests.support import ngsp
from tests.support.servers import serve

CLIENT = Client("VTP04", "0912000111", "password-of-cao-bang", "webhook-secret-of-cao-bang")
BASE = "https://viettel.example"


def account(options: dict[str, Any] | None = None, **secrets: str) -> CarrierAccount:
    """Return an account; ``secrets`` over its right ones."""
    shown = {**account_secrets(CLIENT), **secrets}
    return CarrierAccount(
        id="viettel-caobang",
        carrier="viettelpost",
        customer_code=CLIENT.customer_code,
        desk=Desk(phone=ngsp.AGENCY.phone, address=ngsp.AGENCY.address, province_code="04"),
        options=account_options(BASE) if options is None else options,
        secrets={name: SecretStr(value) for name, value in shown.items()},
    )


def delivered(body: Any, **headers: str) -> WebhookRequest:
    """Return a delivery as it arrives; ``body`` as bytes or as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest(headers, content, "", "192.0.2.7", ngsp.NOW)


@dataclass
class Connection:
    """An open account, the operator at the other end, and the call log between them."""

    carrier: ViettelPostCarrier
    operator: ViettelPostOperator
    base_url: str
    records: list[CallRecord] = field(default_factory=list)


@contextmanager
def connection(
    *, options: dict[str, Any] | None = None, secrets: dict[str, str] | None = None, timeout: float = 5.0, **how: Any
) -> Iterator[Connection]:
    """Open an account at an operator that is made with ``how``."""
    operator = ViettelPostOperator(now=lambda: ngsp.NOW, client=CLIENT, **how)
    with serve(create_app(operator)) as base_url:
        records: list[CallRecord] = []
        opened = account({**account_options(base_url), **(options or {})}, **(secrets or {}))
        carrier = PLUGIN.open(opened, Runtime(records.append, timeout, patient=False))
        assert isinstance(carrier, ViettelPostCarrier)
        yield Connection(carrier, operator, base_url, records)
        carrier.close()
    operator.close()
