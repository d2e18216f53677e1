"""Which simulators there are, by the name of their operator: each package ``carriers/<operator>/simulator`` has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr
from starlette.applications import Starlette

from carriers import registry
from carriers.simulation.operator import SimulatedOperator
from config.accounts import CarrierAccount, Desk
from config.errors import ConfigurationError


class MakeOperator(Protocol):
    """Makes an operator; ``database`` None keeps its books in memory."""

    def __call__(self, *, now: Callable[[], datetime], database: Path | None = None) -> SimulatedOperator: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What an account at a simulator is configured with."""

    customer_code: str
    options: Mapping[str, Any]
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SimulatorPlugin:
    """One operator's simulator.

    Attributes:
        make: makes the operator, with one customer.
        app: returns such an operator's interface as an ASGI application.
        access: the account of that customer, when the operator is served at an address.
    """

    make: MakeOperator
    app: Callable[[Any], Starlette]
    access: Callable[[str], Access]


def simulator_of(carrier: str) -> SimulatorPlugin:
    """Return the simulator of an operator.

    Raises:
        ConfigurationError: there is no such operator, or it is an outsider without one.
    """
    registry.plugin(carrier)
    try:
        plugin = import_module(f"carriers.{carrier}.simulator").SIMULATOR
    except ImportError as error:
        raise ConfigurationError(f"'{carrier}' is not ours and brings no simulator") from error
    assert isinstance(plugin, SimulatorPlugin)  # noqa: S101 - a mistake of ours, not of a user
    return plugin


def account_at(carrier: str, base_url: str, *, account_id: str, desk: Desk) -> CarrierAccount:
    """Return an account at a simulator that is served at ``base_url``."""
    access = simulator_of(carrier).access(base_url)
    return CarrierAccount(
        id=account_id,
        carrier=carrier,
        customer_code=access.customer_code,
        desk=desk,
        options=dict(access.options),
        secrets={name: SecretStr(value) for name, value in access.secrets.items()},
    )
