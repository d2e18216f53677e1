"""A run's own facts: ports and secrets, kept beside the run, and the system's configuration made from them."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from carriers import registry
from carriers.simulation import account_at
from carriers.vnpost_ngsp.simulator import Client, account_options, account_secrets
from config.accounts import CarrierAccount, Desk
from worker.training.cases import Case
from worker.training.servers import HOST, free_port

PROVINCE_ACCOUNT = "vnpost-province"
AGENCY_ACCOUNT = "vnpost-agency"
_NOT_FOUND_AT_OPERATOR = "204"
_DESK = {"phone": "02063852136", "address": "Trung tâm Phục vụ hành chính công", "province_code": "04"}


class Plot(BaseModel):
    """What a resumed run must find as it was. Holds secrets: its file is readable by its owner alone.

    Attributes:
        other_ports: the other operators, and where each is served; its account is called after it.
        own_account_agency: the agency with an account of its own at the operator; the others use the province's.
        finished: the run came to its end and may be replaced by a new one.
    """

    model_config = ConfigDict(frozen=True)

    system_port: int
    operator_port: int
    onestop_port: int
    other_ports: dict[str, int] = {}
    api_token: str
    callback_secret: str
    gateway_secret: str
    customers: dict[str, tuple[str, str, str]]
    own_account_agency: str
    source_systems: tuple[str, ...]
    starts_at: AwareDatetime
    finished: bool = False

    @classmethod
    def new(cls, cases: Sequence[Case], starts_at: datetime) -> Self:
        """Make up fresh secrets and find free ports."""
        return cls(
            system_port=free_port(),
            operator_port=free_port(),
            onestop_port=free_port(),
            other_ports={carrier: free_port() for carrier in registry.names() if carrier != "vnpost_ngsp"},
            api_token=secrets.token_urlsafe(32),
            callback_secret=_signing_secret(),
            gateway_secret=_signing_secret(),
            customers={
                PROVINCE_ACCOUNT: ("C04000001", secrets.token_urlsafe(12), secrets.token_urlsafe(24)),
                AGENCY_ACCOUNT: ("C04000002", secrets.token_urlsafe(12), secrets.token_urlsafe(24)),
            },
            own_account_agency=max((case.agency for case in cases), key=[case.agency for case in cases].count),
            source_systems=tuple(sorted({str(case.registration.get("source_system")) for case in cases})),
            starts_at=starts_at,
        )

    @classmethod
    def read(cls, home: Path) -> Self | None:
        """Return the plot of the run in ``home``, or None when there is no run."""
        file = home / "world.json"
        return cls.model_validate_json(file.read_text()) if file.exists() else None

    def write(self, home: Path) -> None:
        """Keep the plot in ``home``."""
        _write_private(home / "world.json", self.model_dump_json(indent=1))

    @property
    def system_url(self) -> str:
        return f"http://{HOST}:{self.system_port}"

    def client_of(self, account: str) -> Client:
        """Return the operator's customer behind one of our accounts."""
        return Client(*self.customers[account])

    def account_of(self, agency: str) -> str:
        """Return the id of the account under which the system books for an agency."""
        return AGENCY_ACCOUNT if agency == self.own_account_agency else PROVINCE_ACCOUNT

    def webhook_of(self, account: CarrierAccount) -> str:
        """Return the address at the system to which an operator sends an account's webhooks."""
        secret = account.secrets.get("path_secret")
        end = f"/{secret.get_secret_value()}" if secret else ""
        return f"{self.system_url}/webhooks/{account.carrier}/{account.id}{end}"

    def other_accounts(self) -> dict[str, CarrierAccount]:
        """Return the account at each of the other operators."""
        return {
            carrier: account_at(
                carrier, f"http://{HOST}:{port}", account_id=carrier.replace("_", "-"), desk=Desk.model_validate(_DESK)
            )
            for carrier, port in self.other_ports.items()
        }

    def environment(self, home: Path) -> dict[str, str]:
        """Return the settings with which the system joins this run."""
        return {
            "POSTAL_HOME": str(home),
            "POSTAL_CONFIG": str(home / "postal.toml"),
            "POSTAL_CLOCK_FILE": str(home / "clock"),
            "POSTAL_HOST": HOST,
            "POSTAL_PORT": str(self.system_port),
            "POSTAL_SWEEP_SECONDS": "0.5",
            "POSTAL_POLL_MINUTES": "30",
            "POSTAL_CALL_TIMEOUT": "2",
            "POSTAL_LEASE_SECONDS": "4.5",
        }

    def write_configuration(self, home: Path) -> None:
        """Write the ``postal.toml`` with which the system knows its operator, its one-stop and its callers."""
        operator = account_options(f"http://{HOST}:{self.operator_port}")
        operator["cancel_outcomes"] = {_NOT_FOUND_AT_OPERATOR: "not_found"}
        onestop_url = f"http://{HOST}:{self.onestop_port}"
        lines: list[str] = []
        for account, agency in ((PROVINCE_ACCOUNT, None), (AGENCY_ACCOUNT, self.own_account_agency)):
            lines += _table("[[carrier_accounts]]", self._account(account, agency, operator))
        for other in self.other_accounts().values():
            lines += _table("[[carrier_accounts]]", _written(other))
        lines += _table(
            "[[onestops]]",
            {
                "id": "one-stop",
                "source_systems": list(self.source_systems),
                "callback_url": f"{onestop_url}/callbacks",
                "signing_secret": self.callback_secret,
            },
        )
        lines += _table("[[api_clients]]", {"name": "one-stop", "token": self.api_token})
        gateway = {"url": f"{onestop_url}/gateway/messages", "signing_secret": self.gateway_secret}
        lines += _table("[message_gateway]", gateway)
        _write_private(home / "postal.toml", "\n".join(lines) + "\n")

    def _account(self, account: str, agency: str | None, options: dict[str, Any]) -> dict[str, Any]:
        client = self.client_of(account)
        return {
            "id": account,
            "carrier": "vnpost_ngsp",
            **({"agency": agency} if agency else {}),
            "customer_code": client.customer_code,
            "desk": _DESK,
            "options": options,
            "secrets": account_secrets(client),
        }


def _written(account: CarrierAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "carrier": account.carrier,
        "customer_code": account.customer_code,
        "desk": _DESK,
        "options": account.options,
        "secrets": {name: secret.get_secret_value() for name, secret in account.secrets.items()},
    }


def _table(header: str, values: dict[str, Any]) -> list[str]:
    return [header, *(f"{key} = {_toml(value)}" for key, value in values.items()), ""]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # JSON's texts, numbers and truth values are TOML's too


def _signing_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _write_private(file: Path, text: str) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    draft.replace(file)
