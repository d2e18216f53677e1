"""Viettel Post: orders with free-text addresses, and a journey that comes by webhook alone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from carriers.contract import Normalised
from carriers.plugin import CarrierPlugin, Runtime
from carriers.status_table import load_status_tables
from carriers.viettelpost import mapping
from carriers.viettelpost.client import ViettelPostCarrier
from config.accounts import CarrierAccount

_TABLES = load_status_tables(files(__package__) / "statuses.toml")


def _open(account: CarrierAccount, runtime: Runtime) -> ViettelPostCarrier:
    return ViettelPostCarrier(account, runtime, _TABLES)


def _normalise(raw: Any, version: str | None) -> list[Normalised]:
    return mapping.normalise(raw, mapping.Reading(_TABLES.meanings(version)))


PLUGIN = CarrierPlugin(
    name=mapping.CARRIER,
    title="Viettel Post",
    open=_open,
    normalise=_normalise,
    capabilities=("cancel", "recall", "quote", "label", "pickup_windows", "webhook", "resend_journey", "check"),
    tables=_TABLES,
)
