"""The simulator's customer: how it signs, and what to write into the configuration of an account there."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import md5
from typing import Any

BASE = "/webopenplatformapi"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the simulated operator and the keys of its interface."""

    code: str
    api_account: str
    private_key: str
    password_key: str
    password_suffix: str

    @property
    def password(self) -> str:
        """What has to stand in ``bizContent``."""
        return md5((self.password_key + self.password_suffix).encode(), usedforsecurity=False).hexdigest().upper()

    def digest(self, content: str) -> str:
        """Return what has to stand in the header beside ``content``."""
        signed = md5((content + self.private_key).encode(), usedforsecurity=False)
        return base64.b64encode(signed.digest()).decode("ascii")


def account_options(base_url: str, customer: Customer) -> dict[str, Any]:
    """Return the ``options`` of an account at a simulator that is served at ``base_url``."""
    return {
        "base_url": base_url + BASE,
        "api_account": customer.api_account,
        "provinces": "gso",
        "cod_field": "codMoney",
        "price_field": "totalFee",
    }


def account_secrets(customer: Customer) -> dict[str, str]:
    """Return the ``secrets`` of an account of ``customer``."""
    return {
        "private_key": customer.private_key,
        "password_key": customer.password_key,
        "password_suffix": customer.password_suffix,
    }
