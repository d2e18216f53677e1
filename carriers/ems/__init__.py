"""EMS Vietnam: booked and tracked over its MerchantSite v1, heard over the webhooks of v1 and of v2.0."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from carriers.contract import Normalised
from carriers.ems import mapping
from carriers.ems.client import EmsCarrier
from carriers.plugin import CarrierPlugin, Runtime
from carriers.status_table import load_status_tables
from config.accounts import CarrierAccount

_TABLES = load_status_tables(files(__package__) / "statuses.toml")


def _open(account: CarrierAccount, runtime: Runtime) -> EmsCarrier:
    return EmsCarrier(account, runtime, _TABLES)


def _normalise(raw: Any, version: str | None) -> list[Normalised]:
    return mapping.normalise(raw, mapping.Reading(_TABLES.meanings(version)))


PLUGIN = CarrierPlugin(
    name=mapping.CARRIER,
    title="EMS Vietnam",
    open=_open,
    normalise=_normalise,
    capabilities=("track_items", "webhook", "check"),
    tables=_TABLES,
)
