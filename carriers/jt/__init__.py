"""J&T Express Vietnam: signed forms one way, the same forms as webhooks the other way, and questions by waybill."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from carriers.contract import Normalised
from carriers.jt import mapping
from carriers.jt.client import JtCarrier
from carriers.plugin import CarrierPlugin, Runtime
from carriers.status_table import load_status_tables
from config.accounts import CarrierAccount

_TABLES = load_status_tables(files(__package__) / "statuses.toml")


def _open(account: CarrierAccount, runtime: Runtime) -> JtCarrier:
    return JtCarrier(account, runtime, _TABLES)


def _normalise(raw: Any, version: str | None) -> list[Normalised]:
    return mapping.normalise(raw, mapping.Reading(_TABLES.meanings(version)))


PLUGIN = CarrierPlugin(
    name=mapping.CARRIER,
    title="J&T Express Vietnam",
    open=_open,
    normalise=_normalise,
    capabilities=("cancel", "quote", "label", "track_items", "webhook", "refuses_duplicates", "check"),
    tables=_TABLES,
)
